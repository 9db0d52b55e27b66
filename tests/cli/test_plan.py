"""`longctx plan` for people: 80 columns, JSON, and a page that holds hostile names harmlessly."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from cli.process import run

HOSTILE = "</script><script>alert(1)</script>&<img src=x onerror=alert(2)>'\"\u2028\x1b[31m"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "harbour"
    for name in ("src/berth.py", "src/tide.py", f"docs/{HOSTILE.replace('/', '_')}.md"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("def moor(ship):\n    return ship\n" * 50)
    return folder


def test_it_fits_80_columns_and_holds_no_colour(source: Path, tmp_path: Path) -> None:
    for gpus in ([], ["--gpus", "1xA100"], ["--gpus", "4x96GB"]):
        done = run("plan", source, *gpus, home=tmp_path)
        assert done.code == 0, done.err
        assert max(map(len, done.out.splitlines())) <= 80
        assert "\x1b" not in done.out
    assert "DOES NOT FIT" in run("plan", source, "--gpus", "1xA100", home=tmp_path).out


def test_json_says_the_same(source: Path, tmp_path: Path) -> None:
    done = run("plan", source, "--json", "--gpus", "8xH200", home=tmp_path)
    told = json.loads(done.out)
    assert told["total"]["documents"] == len(told["documents"]) == 3
    assert told["total"]["full"] == sum(each["full"] for each in told["documents"])
    assert [each["window"] for each in told["models"]] == [262_144, 1_048_576]
    assert all(each["reckoned"]["holds"] for each in told["models"])


class Page(HTMLParser):
    """What a browser makes of a page: its elements, and the text of those that run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts.append(data)


@pytest.fixture
def page(source: Path, tmp_path: Path) -> str:
    file = tmp_path / "plan.html"
    done = run("plan", source, "--html", file, home=tmp_path)
    assert done.code == 0, done.err
    return file.read_text("utf-8")


def test_a_hostile_name_is_only_a_name(page: str) -> None:
    read = Page(page)
    assert len(read.scripts) == 2, "the data and ours"
    assert not any(tag in ("img", "iframe", "link", "object", "embed") for tag, _ in read.elements)
    assert not any(name.startswith("on") for _, attrs in read.elements for name in attrs)
    data = json.loads(read.scripts[0])
    names = json.dumps(data)
    assert "onerror" in names
    assert not set("<>&\u2028\x1b") & set(read.scripts[0])
    assert "\x1b" not in page


def test_a_page_asks_nobody_for_anything(page: str) -> None:
    read = Page(page)
    assert not any({"src", "href", "srcset", "action"} & set(attrs) for _, attrs in read.elements)
    ours = page.replace(read.scripts[0], "")
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest|import\(", ours)
    addresses = set(re.findall(r"https?://[^\s\"'<)]+", page))
    assert addresses == {"http://www.w3.org/2000/svg"}, "the name of a vocabulary"
    assert "default-src 'none'" in page


def test_a_page_can_be_read_without_seeing_it(page: str) -> None:
    read = Page(page)
    tags = [tag for tag, _ in read.elements]
    assert tags.count("table") >= 5
    assert tags.count("caption") == tags.count("table")
    assert ("html", {"lang": "en"}) in read.elements
    for tag, attrs in read.elements:
        if tag == "svg":
            assert attrs.get("aria-label")
        if tag == "th":
            assert attrs.get("scope") == "col"
    assert "prefers-color-scheme: dark" in page


def test_placeholders_in_names_stay_names(tmp_path: Path) -> None:
    folder = tmp_path / "src"
    folder.mkdir()
    (folder / "@@DATA@@.md").write_text("# One\n")
    file = tmp_path / "plan.html"
    assert run("plan", folder, "--html", file, home=tmp_path).code == 0
    assert '"@@DATA@@.md"' in file.read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "told"),
    [(["--gpus", "lots"], "not understood"), (["--prices", "{here}"], "not TOML")],
)
def test_what_is_wrong_is_said(words: list[str], told: str, source: Path, tmp_path: Path) -> None:
    here = tmp_path / "prices.toml"
    here.write_text("[")
    done = run("plan", source, *(word.format(here=here) for word in words), home=tmp_path)
    assert done.code == 2
    assert told in done.err

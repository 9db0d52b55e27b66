"""`longctx show`: passages and tables of contents."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from cli.process import SAMPLES, run

from longctx.cli.contents import contents, contents_as_json
from longctx.corpus import Anchor, Document

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "auth.py").write_text("".join(f"line_{n} = {n}\n" for n in range(1, 61)))
    (folder / "notes.txt").write_text("one\x1b]0;owned\x07\ntwo\nthree")
    return folder


def test_a_passage_is_all_of_standard_output(source: Path, tmp_path: Path) -> None:
    done = run("show", source, "src/auth.py:42-43", home=tmp_path)
    assert (done.code, done.out) == (0, "line_42 = 42\nline_43 = 43\n")
    assert done.err == "src/auth.py:42-43\n"
    done = run("show", source, "auth.py:42", "--context", "1", home=tmp_path)
    assert done.out == "line_41 = 41\nline_42 = 42\nline_43 = 43\n"
    done = run("show", source / "notes.txt", "3", home=tmp_path)
    assert done.out == "three\n"


def test_a_document_may_be_named_without_its_ending(source: Path, tmp_path: Path) -> None:
    assert run("show", source, "auth:42", home=tmp_path).out == "line_42 = 42\n"
    (source / "auth.txt").write_text("another\n")
    assert run("show", source, "auth:1", home=tmp_path).code == 5


def test_a_passage_as_json(source: Path, tmp_path: Path) -> None:
    done = run("show", source, "auth.py:42", "--json", home=tmp_path)
    assert json.loads(done.out) == {
        "path": "src/auth.py",
        "where": "",
        "lines": [42, 42],
        "text": "line_42 = 42\n",
        "also": [],
    }


def test_what_is_shown_cannot_drive_the_terminal(source: Path, tmp_path: Path) -> None:
    done = run("show", source, "notes.txt:1", home=tmp_path)
    assert done.out == "one\ufffd]0;owned\ufffd\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("src/auht.py:3", "did you mean src/auth.py?"),
        ("auth.py:99", "no line 99 in src/auth.py, which has 60 lines"),
        ("auth.py p. 3", "no p. 3 in src/auth.py"),
        ("§ 99", "no document here is called so"),
    ],
)
def test_nothing_there_is_exit_code_5(words: str, told: str, source: Path, tmp_path: Path) -> None:
    done = run("show", source, words, home=tmp_path)
    assert (done.code, done.out) == (5, "")
    assert told in done.err


def test_without_an_anchor_documents_are_listed(source: Path, tmp_path: Path) -> None:
    done = run("show", source, home=tmp_path)
    assert done.code == 0
    assert done.out.splitlines() == ["notes.txt  3 lines", "src/auth.py  60 lines"]
    done = run("show", source, "notes.txt", "--json", home=tmp_path)
    assert json.loads(done.out) == {"documents": [{"path": "notes.txt", "lines": 3, "anchors": []}]}
    done = run("show", source, SAMPLES, "--all", home=tmp_path)
    assert "source/notes.txt  3 lines" in done.out.splitlines()


def test_a_source_that_is_not_there(tmp_path: Path) -> None:
    assert run("show", tmp_path / "nowhere", "p. 1", home=tmp_path).code == 3
    assert run("show", home=tmp_path).code == 2


TEXT = "".join(f"{n} Clause of number {n}\n" for n in range(1, 121))
LONG = Document(
    "Long\x1b[2J.pdf",
    TEXT,
    tuple(
        Anchor(TEXT.index(f"{n} Clause"), kind, str(n), n % 3 if kind == "clause" else 0)
        for n in (1, 2, 3, *range(14, 100))
        for kind in ("page", "clause")
    ),
)


def test_contents_are_bounded_and_plain() -> None:
    lines = [*contents([LONG], everything=False)]
    assert lines[0] == "Long\ufffd[2J.pdf  120 lines, pp. 1–99"
    assert lines[1:3] == ["    § 1  Clause of number 1", "  § 3  Clause of number 3"]
    assert len(lines) < 70
    assert len([*contents([LONG], everything=True)]) == 1 + 89
    few = [*contents([LONG, LONG], everything=False)]
    assert len(few) == 2 * 10
    assert few[9].startswith("  … ")
    many = [*contents([LONG] * 150, everything=False)]
    assert many[-1] == "… 50 documents more"


def test_a_place_of_several_names_is_listed_once() -> None:
    anchors = [
        Anchor(0, "title", "The Deed"),
        Anchor(0, "heading", "THE DEED"),
        Anchor(9, "chapter", "1 Rent"),
        Anchor(9, "clause", "1"),
        Anchor(9, "heading", "1 Rent"),
    ]
    deed = Document("deed.pdf", "THE DEED\n1 Rent\n", tuple(anchors))
    assert [*contents([deed], everything=False)][1:] == ["  “The Deed”", "  § 1  Rent"]


def test_contents_as_json_hold_everything() -> None:
    (told,) = json.loads(json.dumps(contents_as_json([LONG])))["documents"]
    assert len(told["anchors"]) == 2 * 89
    assert {"kind": "page", "label": "1", "depth": 0, "lines": [1, 1]} in told["anchors"]


def test_defined_terms_are_listed_and_found(tmp_path: Path) -> None:
    contract = SAMPLES / "contract"
    told = json.loads(run("show", contract, "--terms", "--json", home=tmp_path).out)
    terms = {each["term"]: each for each in told["terms"]}
    assert {"Initial Period", "Order", "Site", "Index"} <= terms.keys()
    of_one = [each["term"] for each in told["terms"] if each["path"] == "agreement.txt"]
    assert of_one == sorted(of_one, key=str.casefold)
    assert "clause 3" in terms["Order"]["text"]
    listed = run("show", contract, "agreement.txt", "--terms", home=tmp_path).out.splitlines()
    assert any(line.startswith("Initial Period ") and "§ 2.1" in line for line in listed)
    found = run("show", contract / "agreement.txt", "Initial Period", home=tmp_path)
    assert "expiring at midnight on 31 March" in found.out
    assert run("show", contract, "“initial period”", home=tmp_path).out == found.out


def test_code_defines_no_terms(source: Path, tmp_path: Path) -> None:
    done = run("show", source, "--terms", home=tmp_path)
    assert (done.code, done.out) == (5, "")
    assert "no defined terms" in done.err

"""Searching and mapping sources from the command line."""

import json
from pathlib import Path

import pytest
from cli.process import run

FILES = {
    "src/berths.py": '"""Berths."""\n\n\nclass Berth:\n'
    "    def reserve(self, ship):\n        return ship\n",
    "src/app.py": "from src.berths import Berth\n\n\ndef main():\n    return Berth().reserve(1)\n",
    "tests/test_app.py": "from src.app import main\n\n\ndef test_main():\n    assert main()\n",
    "docs/guide.md": "# Guide\n\n## Berths\n\nA berth is reserved for one ship.\n",
    "evil.py": "def reserve_evil():\n    return '\x1b[2J'\n",
}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "source"


def test_search_prints_places_and_passages(source: Path, tmp_path: Path) -> None:
    done = run("search", str(source), "reserve a berth", home=tmp_path, cwd=tmp_path)
    assert done.code == 0
    assert "src/berths.py:" in done.out
    assert "    def reserve(self, ship):" in done.out
    assert "\x1b" not in done.out


def test_search_as_json_is_the_same_each_time(source: Path, tmp_path: Path) -> None:
    words = ("search", str(source), "reserve", "--json", "--limit", "2")
    first, second = (run(*words, home=tmp_path, cwd=tmp_path) for _ in range(2))
    assert first.out == second.out
    told = json.loads(first.out)
    assert len(told["passages"]) == 2
    best = told["passages"][0]
    assert set(best) == {"path", "lines", "where", "score", "text"}
    assert "reserve" in best["text"]
    assert told["passages"][0]["score"] >= told["passages"][1]["score"]


def test_search_finds_nothing(source: Path, tmp_path: Path) -> None:
    done = run("search", str(source), "zeppelin", home=tmp_path, cwd=tmp_path)
    assert done.code == 5
    assert "nothing matches 'zeppelin'" in done.err
    alone = run("search", str(source), home=tmp_path, cwd=tmp_path)
    assert alone.code == 2
    assert "before the query" in alone.err


def test_map_shows_what_others_lean_on(source: Path, tmp_path: Path) -> None:
    done = run("map", str(source), home=tmp_path, cwd=tmp_path)
    assert done.code == 0
    assert "\x1b" not in done.out
    assert "src/berths.py (6 lines)\n4 class Berth\n5   def reserve(self, ship)\n" in done.out
    paths = [line for line in done.out.splitlines() if line.endswith(" lines)")]
    assert paths == sorted(paths)
    assert "documents" in done.err


def test_a_small_map_keeps_the_best(source: Path, tmp_path: Path) -> None:
    words = ("map", str(source), "--budget", "64", "--json")
    told = json.loads(run(*words, home=tmp_path, cwd=tmp_path).out)
    assert 0 < told["tokens"] <= 64
    assert told["left_out"] == len(FILES) - len(told["files"])
    paths = [each["path"] for each in told["files"]]
    assert "src/berths.py" in paths
    assert "tests/test_app.py" not in paths
    (berths,) = (each for each in told["files"] if each["path"] == "src/berths.py")
    assert {"kind", "name", "lines", "doc"} == set(berths["definitions"][0])
    assert [each["name"] for each in berths["definitions"]] == ["Berth", "Berth.reserve"]

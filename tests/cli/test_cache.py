"""`longctx cache` as a process: it says what is kept, and clears only what can be made again."""

import fcntl
import json
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cli.process import Done, run

DAY = 86_400


class Home:
    """A home in which a source was asked about once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cache, self.data = folder / "cache", folder / "data"
        (folder / "source").mkdir()
        for number in range(20):
            (folder / "source" / f"{number}.txt").write_text(f"Text {number}. " * 2_000)
        (folder / "answer.txt").write_text("Yes.")
        self.turn = self.ask("is it there?")

    def run(self, *words: str) -> Done:
        places = ["--cache-dir", str(self.cache), "--data-dir", str(self.data)]
        return run(*words, *places, home=self.folder, cwd=self.folder)

    def told(self, *words: str) -> Any:
        done = self.run(*words, "--json")
        assert done.code == 0, done.err
        return json.loads(done.out)

    def ask(self, *words: str) -> Any:
        engine = ["--engine", "scripted", "--base-url", "answer.txt", "--json"]
        done = self.run("ask", "source", *words, *engine)
        assert done.code == 0, done.err
        return json.loads(done.out)

    def sizes(self) -> dict[str, int]:
        return {one["name"]: one["bytes"] for one in self.told("cache")["folders"]}

    def clone(self, name: str, days: float) -> Path:
        """A copy of a remote repository, last used so long ago."""
        copy = self.cache / "clones" / "clones" / name
        (copy / "objects").mkdir(parents=True)
        (copy / "objects" / "pack").write_bytes(b"x" * 50_000)
        lock = copy.with_suffix(".lock")
        lock.touch()
        os.utime(lock, (time.time() - days * DAY,) * 2)
        return copy


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_the_cache_is_explained_with_places_sizes_and_users(home: Home) -> None:
    done = home.run("cache")
    assert done.code == 0
    assert max(map(len, done.out.splitlines())) <= 80
    assert "./data/longctx.db (1 session)" in done.out
    assert f"20 documents     just now  {home.turn['session']}" in done.out
    told = home.told("cache")
    assert [one["name"] for one in told["folders"]] == [
        "tokens",
        "texts",
        "clones",
        "database",
        "bases",
    ]
    assert told["sessions"] == 1
    (base,) = told["bases"]
    assert base["documents"] == 20
    assert base["sessions"] == [home.turn["session"]]
    assert base["sources"] == [str((home.folder / "source").resolve())]
    assert base["bytes"] > 500_000


def test_clearing_needs_a_yes(home: Home) -> None:
    before = home.sizes()
    done = home.run("cache", "clear", "--bases")
    assert done.code == 2
    assert "--yes" in done.err
    assert f"1 session prefills everything again: {home.turn['session']}" in done.err
    assert home.sizes() == before


def test_without_a_kind_bases_and_sessions_stay(home: Home) -> None:
    home.clone("a" * 32, days=1)
    before = home.sizes()
    told = home.told("cache", "clear", "--yes")["cleared"]
    assert [one["name"] for one in told] == ["tokens", "texts", "clones"]
    after = home.sizes()
    assert (after["bases"], after["clones"]) == (before["bases"], 0)
    assert after["tokens"] <= before["tokens"]
    again = home.ask("-c", "and now?")
    assert again["session"] == home.turn["session"]
    before_tokens = home.turn["usage"]["prompt_tokens"]
    assert again["usage"]["predicted_cached_tokens"] > before_tokens // 2


def test_token_counts_are_cleared_by_age(home: Home) -> None:
    (database,) = (home.cache / "tokens").glob("cache.db")
    home.told("cache", "clear", "--tokens", "--older-than", "1", "--yes")
    rows = _rows(database)
    assert rows
    home.told("cache", "clear", "--tokens", "--older-than", "0", "--yes")
    assert _rows(database) == 0


def test_a_damaged_token_cache_is_cleared_too(home: Home) -> None:
    (home.cache / "tokens" / "cache.db").write_bytes(b"no database" * 999)
    home.told("cache", "clear", "--tokens", "--yes")
    assert home.sizes()["tokens"] == 0


def test_clones_in_use_are_left(home: Home) -> None:
    old, locked, fresh, recent = (
        home.clone(letter * 32, days) for letter, days in zip("abcd", (40, 40, 0, 2), strict=True)
    )
    with locked.with_suffix(".lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        (done,) = home.told("cache", "clear", "--clones", "--older-than", "30", "--yes")["cleared"]
        assert done == {"name": "clones", "bytes": 50_000, "left": 1}
        assert [copy.exists() for copy in (old, locked, fresh, recent)] == [False, True, True, True]
        said = home.run("cache", "clear", "--clones", "--yes").err
        assert "2 copies left, perhaps in use" in said
    assert [copy.exists() for copy in (old, locked, fresh, recent)] == [False, True, True, False]


def test_cleared_bases_cost_a_prefill_and_no_turn(home: Home) -> None:
    assert home.told("cache", "clear", "--bases", "--older-than", "1", "--yes")["cleared"] == [
        {"name": "bases", "bytes": 0, "left": 0}
    ]
    (done,) = home.told("cache", "clear", "--bases", "--yes")["cleared"]
    assert done["bytes"] > 500_000
    told = home.told("cache")
    assert (told["bases"], told["sessions"]) == ([], 1)
    home.ask("-c", "and now?")
    shown = json.loads(home.run("sessions", "show", "--json").out)
    assert [turn["question"] for turn in shown["turns"]] == ["is it there?", "and now?"]
    assert len(home.told("cache")["bases"]) == 1


def test_a_damaged_database_does_not_keep_the_cache_from_being_cleared(home: Home) -> None:
    (home.data / "longctx.db").write_bytes(b"no database" * 999)
    assert home.run("cache", "clear", "--yes").code == 0
    assert home.run("cache", "clear", "--bases", "--yes").code == 1


def _rows(database: Path) -> int:
    with closing(sqlite3.connect(database)) as sql:
        return int(sql.execute("SELECT count(*) FROM Cache").fetchone()[0])

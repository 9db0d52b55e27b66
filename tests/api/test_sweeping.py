"""What nobody needs goes, and everything that a session or a source goes on from stays."""

import os
import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from longctx import api
from longctx.api import Connection, Places, Session, Turn
from longctx.api.clearing import clear_bases
from longctx.api.keeping import kept_bases, sessions_over
from longctx.api.sweeping import DAY, Swept, swept, swept_if_due
from longctx.store import Store
from longctx.store.text import moment

KINDS = ("text", "step", "lineage", "prefix", "pointer")


class Shelf:
    """A folder that is edited and asked about, and what is kept of that."""

    def __init__(self, folder: Path) -> None:
        self.source = folder / "source"
        self.source.mkdir()
        self.places = Places(folder / "cache", folder / "data")
        self.said: list[str] = []
        self._answer = folder / "answer.txt"
        self._answer.write_text("It is there.")
        for number in range(8):
            self.write(f"{number}.txt", f"file {number}\n" + "and so on\n" * 200)

    def write(self, name: str, text: str) -> None:
        (self.source / name).write_text(text)

    @contextmanager
    def session(self, named: str | None = None, fork: int | None = None) -> Iterator[Session]:
        with api.open(
            str(self.source),
            engine="scripted",
            connection=Connection(str(self._answer)),
            places=self.places,
            session=named,
            fork=fork,
            say=self.said.append,
        ) as session:
            yield session

    def ask(self, named: str | None = None, fork: int | None = None) -> Turn:
        with self.session(named, fork) as session:
            *_, turn = session.ask("what is there?")
        assert isinstance(turn, Turn)
        return turn

    @contextmanager
    def store(self) -> Iterator[Store]:
        with closing(Store.open(self.places.data)) as store:
            yield store

    def age(self, days: float) -> None:
        """Make everything that is kept this much older."""
        then = time.time() - days * DAY
        with closing(sqlite3.connect(self.places.data / "longctx.db")) as database, database:
            database.execute("UPDATE item SET written = ?", (moment(then),))
        for base in (self.places.data / "bases").iterdir():
            os.utime(base, (then, then))

    def kept(self) -> dict[str, int]:
        with self.store() as store:
            return {kind: len(store.written(kind)) for kind in KINDS} | {"base": len(store.bases())}

    def sweep(self) -> Swept:
        with self.store() as store:
            return swept(store)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def test_what_a_question_left_a_moment_ago_stays(shelf: Shelf) -> None:
    turn = shelf.ask()
    shelf.write("1.txt", "other\n")
    shelf.ask()
    with shelf.store() as store:
        store.remove(turn.session)
    before = shelf.kept()
    assert shelf.sweep() == Swept(0, 0)
    assert shelf.kept() == before


def test_a_removed_session_s_lineage_goes_unless_the_source_goes_on_from_it(shelf: Shelf) -> None:
    first = shelf.ask()
    shelf.write("1.txt", "other\n")
    second = shelf.ask()
    shelf.age(days=40)
    assert shelf.kept()["lineage"] == 2
    with shelf.store() as store:
        store.remove(second.session)
    assert shelf.sweep().bases == 0
    assert shelf.kept() == {
        "lineage": 1, "prefix": 1, "step": 0, "text": 0, "pointer": 0, "base": 1
    }  # fmt: skip
    with shelf.store() as store:
        store.remove(first.session)
    assert shelf.sweep().bases == 1
    assert set(shelf.kept().values()) == {0}


def test_a_source_asked_about_lately_keeps_its_base_without_any_session(shelf: Shelf) -> None:
    turn = shelf.ask()
    shelf.write("1.txt", "other\n")
    shelf.ask()
    shelf.age(days=20)
    with shelf.store() as store:
        for session in store.sessions():
            store.remove(session.id)
    shelf.sweep()
    assert shelf.kept() == {
        "lineage": 1, "prefix": 1, "step": 1, "text": 1, "pointer": 1, "base": 1
    }  # fmt: skip
    assert shelf.ask().predicted_tokens is not None
    assert turn.session


def test_any_session_and_any_fork_goes_on_after_a_sweep_as_before(shelf: Shelf) -> None:
    random_ = random.Random(3)
    turns: list[Turn] = []
    for step in range(12):
        shelf.write(f"{random_.randrange(8)}.txt", f"new {step}\n" * random_.randrange(1, 30))
        named = random_.choice(turns).session if turns and random_.random() < 0.6 else None
        turns.append(shelf.ask(named))
    shelf.age(days=400)
    swept_away = shelf.sweep()
    assert swept_away.bases == 0
    shelf.said.clear()
    for turn in turns:
        assert turn.id is not None
        shelf.write("0.txt", f"again {turn.id}\n")
        shelf.ask(fork=turn.id)
    for session in {turn.session for turn in turns}:
        shelf.ask(session)
    assert not [line for line in shelf.said if "not kept any more" in line]


def test_it_is_done_once_a_day(shelf: Shelf) -> None:
    turn = shelf.ask()
    shelf.age(days=400)
    with shelf.store() as store:
        store.remove(turn.session)
        done = swept_if_due(store)
        assert done is not None
        assert done.bases == 1
        assert swept_if_due(store) is None
    shelf.age(days=2)
    with shelf.store() as store:
        assert swept_if_due(store) == Swept(0, 0)


def test_a_base_names_the_sessions_that_need_it(shelf: Shelf) -> None:
    turn = shelf.ask()
    shelf.write("1.txt", "other\n")
    shelf.ask(turn.session)
    with shelf.store() as store:
        (base,) = kept_bases(store)
        assert base.documents == 8
        assert [session.id for session in base.sessions] == [turn.session]
        assert base.sessions == sessions_over(store, [str(shelf.source)])
        assert sessions_over(store, [str(shelf.source), "elsewhere"]) == ()


def test_cleared_bases_leave_sessions_that_go_on_over_a_new_one(shelf: Shelf) -> None:
    first = shelf.ask()
    shelf.write("1.txt", "other\n")
    shelf.ask(first.session)
    shelf.age(days=3)
    with shelf.store() as store:
        assert clear_bases(store, time.time() - 5 * DAY).size == 0
        assert len(store.bases()) == 1
        assert clear_bases(store).size > 0
    assert set(shelf.kept().values()) == {0}
    shelf.ask(first.session)
    assert [line for line in shelf.said if "not kept any more" in line]
    with shelf.store() as store:
        assert store.session(first.session).turns == 3


def test_bases_cleared_under_a_question_on_its_way_cost_it_nothing(shelf: Shelf) -> None:
    first = shelf.ask()
    shelf.write("1.txt", "other\n")
    shelf.write("2.txt", "other\n")
    with shelf.session(first.session) as session:
        asked = session.prepare("and now?")
        with shelf.store() as store:
            clear_bases(store)
        *_, turn = asked.send()
    assert isinstance(turn, Turn)
    with shelf.store() as store:
        assert store.session(first.session).turns == 2

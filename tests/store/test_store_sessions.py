"""Sessions are found by what a person types, fork without copying, and go without a trace."""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store.keeping_turns import asked, opened, turn

from longctx.errors import UsageError
from longctx.store import SessionMoved, Store


def test_a_session_comes_back_as_it_was_made(store: Store) -> None:
    sources = ("./läb", "file\udcff", "")
    made = store.create(sources, "place\udc80", '{"a": "\x00"}', name="auth questions")
    assert (made.sources, made.place, made.settings) == (sources, "place\udc80", '{"a": "\x00"}')
    assert (made.head, made.turns, made.name) == (None, 0, "auth questions")
    assert store.session(made.id) == store.session("auth questions") == made


def test_the_newest_session_of_a_place_is_its_latest(store: Store) -> None:
    first = store.create(("a",), "here", "{}")
    second = store.create(("a",), "here", "{}")
    other = store.create(("b",), "there", "{}")
    assert store.latest("here") == second
    asked(store, first.id, "again?")
    assert [session.id for session in store.sessions("here")] == [first.id, second.id]
    assert len(store.sessions(limit=2)) == 2
    assert store.latest("there") == other
    assert store.latest("nowhere") is None


def test_a_session_is_found_by_the_beginning_of_its_id_while_that_is_unique(store: Store) -> None:
    ids = [store.create((), "", "{}").id for _ in range(60)]
    for id in ids:
        length = next(n for n in range(1, 9) if sum(other[:n] == id[:n] for other in ids) == 1)
        assert store.session(id[:length]).id == id
        if length > 1:
            with pytest.raises(UsageError, match="one more letter"):
                store.session(id[: length - 1])


@pytest.mark.parametrize("named", ["", "authority", "\udcff", "\x00", "%", "x" * 10_000])
def test_an_unknown_name_is_refused_and_near_names_are_shown(store: Store, named: str) -> None:
    store.create((), "", "{}", name="authorities")
    store.create((), "", "{}")
    with pytest.raises(UsageError, match="authorities" if named == "authority" else "no session"):
        store.session(named)


@pytest.mark.parametrize("name", [" a", "a\n", "a\x1b[2J", "\udcff", "x" * 81, "taken"])
def test_a_name_that_cannot_be_typed_or_is_taken_is_refused(store: Store, name: str) -> None:
    store.create((), "", "{}", name="taken")
    session = store.create((), "", "{}")
    with pytest.raises(UsageError):
        store.rename(session.id, name)
    with pytest.raises(UsageError):
        store.create((), "", "{}", name=name)
    assert store.session(session.id) == session


def test_a_session_can_be_renamed_to_what_it_is_called_and_to_nothing(store: Store) -> None:
    session = store.create((), "", "{}", name="a")
    store.rename(session.id, "a")
    store.rename(session.id, "")
    store.create((), "", "{}", name="a")
    with pytest.raises(UsageError, match="already"):
        store.rename(session.id, "a")


def test_a_fork_shares_the_turns_before_it_and_neither_sees_the_others_later_ones(
    store: Store,
) -> None:
    trunk = store.create((), "", "{}")
    first, second = asked(store, trunk.id, "one", "two")
    fork = store.create((), "", "{}", parent=first)
    assert fork.turns == 1
    (third,) = asked(store, fork.id, "three")
    assert [kept.id for kept in store.path_to(third)] == [first, third]
    assert [kept.id for kept in store.path_to(second)] == [first, second]
    assert store.session(trunk.id).turns == store.session(fork.id).turns == 2


@pytest.mark.parametrize("unknown", [0, -1, 99, 2**63, 10**40, -(10**40)])
def test_an_unknown_turn_is_refused(store: Store, unknown: int) -> None:
    for refuses in (store.turn, store.path_to):
        with pytest.raises(UsageError, match=f"no turn {unknown}"):
            refuses(unknown)
    with pytest.raises(UsageError, match=f"no turn {unknown}"):
        store.create((), "", "{}", parent=unknown)


def test_an_answer_to_an_older_head_is_refused_and_nothing_changes(store: Store) -> None:
    session = store.create((), "", "{}")
    (first,) = asked(store, session.id, "one")
    before = store.session(session.id)
    with pytest.raises(SessionMoved, match=f"newest turn is {first}") as refused:
        store.append(session.id, turn("meanwhile"))
    assert isinstance(refused.value, UsageError)
    assert store.session(session.id) == before
    assert store.search("meanwhile") == ()


def test_a_removed_session_takes_its_turns_along_but_for_those_that_a_fork_needs(
    store: Store,
) -> None:
    trunk = store.create((), "", "{}")
    one, two = asked(store, trunk.id, "one", "two")
    fork = store.create((), "", "{}", parent=one)
    (three,) = asked(store, fork.id, "three")
    store.remove(trunk.id)
    assert [kept.question for kept in store.path_to(three)] == ["one", "three"]
    assert store.turn(one).session == fork.id
    assert store.search("two") == ()
    assert [hit.session for hit in store.search("one")] == [fork.id]
    for gone in (lambda: store.turn(two), lambda: store.session(trunk.id)):
        with pytest.raises(UsageError):
            gone()
    with pytest.raises(UsageError, match="gone"):
        store.append(trunk.id, turn(parent=two))
    store.remove(fork.id)
    assert store.sessions() == ()
    assert asked(store, store.create((), "", "{}").id, "new") == [4]  # an id is never used twice


def test_nothing_of_a_removed_session_stays_on_the_disk(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        kept = store.create((), "", "{}")
        asked(store, kept.id, *(f"something harmless {n}" for n in range(30)))
        session = store.create(("sesame-source",), "", "{}", name="sesame-name")
        asked(store, session.id, "sesame-question " * 400, "what does sesame-question mean?")
        asked(store, kept.id, *(f"more harmless {n}" for n in range(30)))
        store.remove(session.id)
        for path in tmp_path.glob("longctx.db*"):
            assert b"sesame" not in path.read_bytes()


class Model:
    """What the store should hold, by the plainest means."""

    def __init__(self) -> None:
        self.parents: dict[int, int | None] = {}
        self.heads: dict[str, int | None] = {}

    def path(self, turn: int | None) -> list[int]:
        path: list[int] = []
        while turn is not None:
            path.insert(0, turn)
            turn = self.parents[turn]
        return path

    def needed(self) -> set[int]:
        return {turn for head in self.heads.values() for turn in self.path(head)}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("cfaaar"), st.integers(0, 1000)), max_size=25))
def test_whatever_is_forked_and_removed_exactly_the_needed_turns_stay(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    folder = tmp_path_factory.mktemp("store")
    model = Model()
    with opened(folder) as store:
        for step, number in steps:
            sessions, needed = list(model.heads), sorted(model.needed())
            match step:
                case "c":
                    model.heads[store.create((), "", "{}").id] = None
                case "f" if needed:
                    parent = needed[number % len(needed)]
                    model.heads[store.create((), "", "{}", parent=parent).id] = parent
                case "a" if sessions:
                    session = sessions[number % len(sessions)]
                    parent_of_new = model.heads[session]
                    new = store.append(session, turn("q", parent_of_new)).id
                    model.parents[new] = parent_of_new
                    model.heads[session] = new
                case "r" if sessions:
                    session = sessions[number % len(sessions)]
                    store.remove(session)
                    del model.heads[session]
        assert {session.id: session.head for session in store.sessions()} == model.heads
        for kept in store.sessions():
            path = model.path(kept.head)
            assert kept.turns == len(path)
            if kept.head is not None:
                assert [turn.id for turn in store.path_to(kept.head)] == path
        for needed_turn in model.needed():
            owner = store.turn(needed_turn).session
            assert needed_turn in model.path(model.heads[owner])
    database = sqlite3.connect(folder / "longctx.db")
    ids = {row[0] for row in database.execute("SELECT id FROM turn")}
    indexed = {row[0] for row in database.execute("SELECT rowid FROM said")}
    held = {row[0] for row in database.execute("SELECT turn FROM segment")}
    database.close()
    assert ids == indexed == held == model.needed()

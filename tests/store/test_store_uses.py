"""What tells which values and bases are still needed, and which are not."""

import os
import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from store.keeping_turns import asked, opened, turn

from longctx.store import Store
from longctx.store.database import Database
from longctx.store.schema import MIGRATIONS
from longctx.store.text import moment


def test_a_value_knows_when_it_was_last_kept(store: Store) -> None:
    before = moment(time.time())
    store.keep("a", {b"k": b"1", b"l": b"2"})
    first = store.written("a")
    store.keep("a", {b"k": b"3"})
    again = store.written("a")
    assert before <= first[b"k"] < again[b"k"] <= moment(time.time())
    assert again[b"l"] == first[b"l"]
    assert store.written("b") == {}


def test_what_was_kept_again_meanwhile_is_not_forgotten(store: Store) -> None:
    store.keep("a", {b"k": b"1", b"l": b"2"})
    listed = moment(time.time())
    store.keep("a", {b"k": b"1"})
    store.forget("a", [b"k", b"l"], before=listed)
    assert [*store.written("a")] == [b"k"]
    store.forget("a", before=listed)
    assert [*store.written("a")] == [b"k"]
    store.forget("a")
    assert store.written("a") == {}


def test_values_of_an_older_database_count_as_long_kept(tmp_path: Path) -> None:
    Database.open(tmp_path, MIGRATIONS[:1]).close()
    with closing(sqlite3.connect(tmp_path / "longctx.db")) as old, old:
        old.execute("INSERT INTO item VALUES ('a', x'01', x'02')")
    with opened(tmp_path) as store:
        assert store.kept("a", b"\1") == b"\2"
        assert store.written("a") == {b"\1": ""}
        store.forget("a", before="0")
        assert store.written("a") == {}


def test_the_digests_of_all_turns_are_listed_with_their_sessions(store: Store) -> None:
    one, two = (store.create((), "", "{}").id for _ in range(2))
    kept = store.append(one, replace(turn(), prefix=b"p", state=b"s"))
    store.append(one, replace(turn(parent=kept.id), prefix=b"p", state=b""))
    store.append(two, replace(turn(), prefix=b"p", state=b"t"))
    assert store.digests() == {(one, b"p"), (one, b"s"), (two, b"p"), (two, b"t")}


def test_each_session_s_first_question_is_found_through_forks(store: Store) -> None:
    one = store.create((), "", "{}").id
    _, second = asked(store, one, "one \udcff", "two")
    fork = store.create((), "", "{}", parent=second).id
    asked(store, fork, "three")
    store.create((), "", "{}")
    assert store.first_questions() == {one: "one \udcff", fork: "one \udcff"}


def test_removing_says_how_many_turns_went(store: Store) -> None:
    one = store.create((), "", "{}").id
    first, *_ = asked(store, one, "one", "two", "three")
    fork = store.create((), "", "{}", parent=first).id
    assert store.remove(one) == 2
    assert store.remove(fork) == 1


def test_looking_at_a_base_is_no_use_of_it(store: Store, tmp_path: Path) -> None:
    store.freeze(b"a", {"ids": [b"1"]})
    os.utime(tmp_path / "store" / "bases" / "61", (1, 1))
    (before,) = store.bases()
    view = store.peeked(b"a", "ids")
    assert view is not None
    assert bytes(view) == b"1"
    assert store.peeked(b"b", "ids") is None
    assert store.bases() == (before,)
    store.frozen(b"a", "ids")
    assert store.bases() != (before,)

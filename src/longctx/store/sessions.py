"""Sessions: names for the heads of paths through the tree of turns.

A session's head only ever moves on to a turn appended after it, so each turn lies on the path of
the session it belongs to.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from longctx.errors import UsageError
from longctx.store.text import blob, moment, text_of
from longctx.store.values import KeptSession

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from longctx.store.database import Database

NAME_LIMIT = 80
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ALPHABET = _LETTERS + "234567"
_SELECT = """
SELECT session.id, name, place, sources, settings, head, COALESCE(turn.depth, 0),
       session.created, session.updated
FROM session LEFT JOIN turn ON turn.id = session.head
"""
_NEWEST_FIRST = " ORDER BY session.updated DESC, session.rowid DESC LIMIT ?"

_OTHER_OWNERS = """
WITH RECURSIVE needed (turn, owner) AS (
    SELECT head, id FROM session WHERE id <> :session AND head IS NOT NULL
    UNION
    SELECT turn.parent, owner FROM turn JOIN needed ON turn.id = needed.turn
    WHERE turn.parent IS NOT NULL
)
SELECT min(owner), turn.id FROM turn JOIN needed ON turn.id = needed.turn
WHERE turn.session = :session GROUP BY turn.id
"""


_FIRST_QUESTIONS = """
WITH RECURSIVE path (owner, turn, parent) AS (
    SELECT session.id, turn.id, turn.parent FROM session JOIN turn ON turn.id = session.head
    UNION ALL
    SELECT owner, turn.id, turn.parent FROM turn JOIN path ON turn.id = path.parent
)
SELECT owner, question FROM path JOIN turn ON turn.id = path.turn WHERE path.parent IS NULL
"""


def create(
    database: Database,
    sources: Sequence[str],
    place: str,
    settings: str,
    name: str,
    parent: int | None,
) -> KeptSession:
    """A new session, whose path so far is the one to `parent`."""
    import secrets  # slow to load, and most questions go on in a session

    id = secrets.choice(_LETTERS) + "".join(secrets.choice(_ALPHABET) for _ in range(7))
    created = moment(time.time())
    with database.writing() as sql:
        _refuse_name(sql, name, id)
        if parent is not None:
            refuse_unknown(sql, parent)
        sql.execute(
            "INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (id, name, blob(place), json.dumps(sources), blob(settings), parent, created, created),
        )
        return _one(sql, id)


def find(database: Database, named: str) -> KeptSession:
    """The session of this name, else of this id, else whose id alone begins so."""
    with database.reading() as sql:
        names: dict[str, str] = dict(sql.execute("SELECT id, name FROM session"))
        matching = (
            [id for id, name in names.items() if name == named and named]
            or [id for id in names if id == named]
            or [id for id in names if id.startswith(named) and named]
        )
        if len(matching) == 1:
            return _one(sql, matching[0])
    if matching:
        raise UsageError(
            f"{named!r} begins {len(matching)} session ids: {', '.join(matching[:5])}."
            " Give one more letter, or a name"
        )
    from difflib import get_close_matches  # only a mistake pays for loading it

    near = get_close_matches(named, [*filter(None, names.values()), *names], n=3)
    hint = f"; near it: {', '.join(near)}" if near else ""
    raise UsageError(
        f"no session is called {named[:NAME_LIMIT]!r}{hint}."
        " `longctx sessions list --all` shows them all"
    )


def newest(database: Database, place: str | None, limit: int | None) -> tuple[KeptSession, ...]:
    where, key = ("", ()) if place is None else (" WHERE place = ?", (blob(place),))
    with database.reading() as sql:
        rows = sql.execute(_SELECT + where + _NEWEST_FIRST, (*key, -1 if limit is None else limit))
        return tuple(map(_session, rows))


def first_questions(database: Database) -> dict[str, str]:
    with database.reading() as sql:
        return {id: text_of(question) for id, question in sql.execute(_FIRST_QUESTIONS)}


def rename(database: Database, session: str, name: str) -> None:
    with database.writing() as sql:
        _one(sql, session)
        _refuse_name(sql, name, session)
        sql.execute("UPDATE session SET name = ? WHERE id = ?", (name, session))


def remove(database: Database, session: str) -> int:
    """Turns on another session's path become that session's; the others go: how many."""
    with database.writing() as sql:
        _one(sql, session)
        owners = sql.execute(_OTHER_OWNERS, {"session": session}).fetchall()
        sql.executemany("UPDATE turn SET session = ? WHERE id = ?", owners)
        (gone,) = sql.execute("SELECT count(*) FROM turn WHERE session = ?", (session,)).fetchone()
        sql.execute("DELETE FROM session WHERE id = ?", (session,))
        # A deleted row's words stay in the index's older parts until these are merged.
        sql.execute("INSERT INTO said (said) VALUES ('optimize')")
    database.shrink()
    return int(gone)


def refuse_unknown(sql: sqlite3.Connection, turn: int) -> None:
    """Raise UsageError where there is no turn of this id, however large a number was typed."""
    if (
        turn.bit_length() > 63
        or not sql.execute("SELECT 1 FROM turn WHERE id = ?", (turn,)).fetchone()
    ):
        raise UsageError(
            f"there is no turn {turn}: it never was, or was removed with its session."
            " `longctx sessions list --all` shows what there is"
        )


def no_session(session: str) -> UsageError:
    return UsageError(f"session {session!r} is gone: another process may have removed it")


def _one(sql: sqlite3.Connection, id: str) -> KeptSession:
    row = sql.execute(_SELECT + " WHERE session.id = ?", (id,)).fetchone()
    if row is None:
        raise no_session(id)
    return _session(row)


def _session(row: tuple[str, str, bytes, str, bytes, int | None, int, str, str]) -> KeptSession:
    id, name, place, sources, settings, head, turns, created, updated = row
    return KeptSession(
        id=id,
        name=name,
        place=text_of(place),
        sources=tuple(json.loads(sources)),
        settings=text_of(settings),
        head=head,
        turns=turns,
        created=created,
        updated=updated,
    )


def _refuse_name(sql: sqlite3.Connection, name: str, session: str) -> None:
    """Raise UsageError for a name that cannot be shown, typed, or told from another's."""
    if not name:
        return
    if not name.isprintable() or name != name.strip() or len(name) > NAME_LIMIT:
        raise UsageError(
            f"{name[:NAME_LIMIT]!r} is no name for a session: use up to {NAME_LIMIT} printable"
            " characters, without spaces at the ends"
        )
    taken = sql.execute(
        "SELECT id FROM session WHERE ? IN (name, id) AND id <> ?", (name, session)
    ).fetchone()
    if taken:
        raise UsageError(
            f"session {taken[0]} is called {name!r} already: choose another name, or rename that"
        )

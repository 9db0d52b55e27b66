"""Turns: appended to a session, never changed, read along the path from the root.

What must never be known here: what digests and facts mean, how segments become a prompt.
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from longctx.prompt import Ids, Role, Segment
from longctx.store import searching
from longctx.store.failing import SessionMoved
from longctx.store.sessions import no_session, refuse_unknown
from longctx.store.text import blob, moment, text_of
from longctx.store.values import Kept

if TYPE_CHECKING:
    import sqlite3

    from longctx.store.database import Database

_INSERT = """
INSERT INTO turn (session, parent, depth, created, question, answer, reasoning, facts, prefix,
                  state)
VALUES (:session, :parent, 1 + COALESCE((SELECT depth FROM turn WHERE id = :parent), 0), :created,
        :question, :answer, :reasoning, :facts, :prefix, :state)
"""
_PATH = """
WITH RECURSIVE path (id, parent) AS (
    SELECT id, parent FROM turn WHERE id = ?
    UNION ALL
    SELECT turn.id, turn.parent FROM turn JOIN path ON turn.id = path.parent
)
"""
_TURNS = """
SELECT id, session, parent, created, question, answer, reasoning, facts, prefix, state
FROM turn WHERE id IN
"""
_SEGMENTS = """
SELECT turn, role, name, text, ids FROM segment WHERE turn IN
"""
# Only constants are put together here. Ids grow along a path: a turn is appended after its parent.
_PATH_TURNS = f"{_PATH} {_TURNS} (SELECT id FROM path) ORDER BY id"  # noqa: S608
_PATH_SEGMENTS = f"{_PATH} {_SEGMENTS} (SELECT id FROM path) ORDER BY turn, position"  # noqa: S608

_Row = tuple[int, str, int | None, str, bytes, bytes, bytes, bytes, bytes, bytes]


def append(database: Database, session: str, turn: Kept) -> Kept:
    """Keep the turn as the session's new head, if `turn.parent` still is its head."""
    created = moment(time.time())
    with database.writing() as sql:
        _refuse_moved(sql, session, turn.parent)
        id = sql.execute(
            _INSERT,
            {
                "session": session,
                "parent": turn.parent,
                "created": created,
                "question": blob(turn.question),
                "answer": blob(turn.answer),
                "reasoning": blob(turn.reasoning),
                "facts": blob(turn.facts),
                "prefix": turn.prefix,
                "state": turn.state,
            },
        ).lastrowid
        assert id is not None  # noqa: S101  # an INSERT has one
        sql.executemany(
            "INSERT INTO segment VALUES (?, ?, ?, ?, ?, ?)",
            (
                (
                    id,
                    position,
                    one.role.value,
                    blob(one.name),
                    blob(one.text),
                    None if one.ids is None else one.ids.data,
                )
                for position, one in enumerate(turn.segments)
            ),
        )
        searching.index(sql, id, turn.question, turn.answer)
        sql.execute("UPDATE session SET head = ?, updated = ? WHERE id = ?", (id, created, session))
    return replace(turn, id=id, session=session, created=created)


def path_to(database: Database, turn: int) -> tuple[Kept, ...]:
    """The turns from the root to this one."""
    return _read(database, turn, _PATH_TURNS, _PATH_SEGMENTS)


def one(database: Database, turn: int) -> Kept:
    return _read(database, turn, _TURNS + "(?)", _SEGMENTS + "(?) ORDER BY position")[0]


def digests(database: Database) -> frozenset[tuple[str, bytes]]:
    """(session, digest) for all prefixes and states of turns."""
    with database.reading() as sql:
        rows = sql.execute("SELECT session, prefix FROM turn UNION SELECT session, state FROM turn")
        return frozenset((session, digest) for session, digest in rows if digest)


def _refuse_moved(sql: sqlite3.Connection, session: str, parent: int | None) -> None:
    found = sql.execute("SELECT head FROM session WHERE id = ?", (session,)).fetchone()
    if found is None:
        raise no_session(session)
    if found[0] != parent:
        start = "an empty session" if parent is None else f"turn {parent}"
        beside = "in a new session" if parent is None else f"with --fork {parent}"
        raise SessionMoved(
            f"session {session} went on in another process: its newest turn is {found[0]}, and"
            f" this one was asked after {start}. Nothing was changed. Ask again to go on from turn"
            f" {found[0]}, or {beside} to go on beside it"
        )


def _read(database: Database, turn: int, turns: str, segments: str) -> tuple[Kept, ...]:
    with database.reading() as sql:
        refuse_unknown(sql, turn)
        rows: list[_Row] = sql.execute(turns, (turn,)).fetchall()
        pieces = sql.execute(segments, (turn,)).fetchall()
    by_turn: dict[int, list[Segment]] = defaultdict(list)
    for owner, role, name, text, ids in pieces:
        by_turn[owner].append(
            Segment(Role(role), text_of(name), text_of(text), None if ids is None else Ids(ids))
        )
    return tuple(
        Kept(
            id=id,
            session=session,
            parent=parent,
            created=created,
            question=text_of(question),
            answer=text_of(answer),
            reasoning=text_of(reasoning),
            facts=text_of(facts),
            prefix=prefix,
            state=state,
            segments=tuple(by_turn[id]),
        )
        for id, session, parent, created, question, answer, reasoning, facts, prefix, state in rows
    )

"""The tables, and how a database of an older longctx becomes one of this version.

What may live here: SQL that defines. A published script never changes; a change of the schema is a
new script at the end of `MIGRATIONS`. What must never be known here: what reads the tables.

Texts that come from sources, models or users are BLOBs (`longctx.store.text`), because SQLite's
TEXT cannot hold everything that a Python string can.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION_1 = """
CREATE TABLE session (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    place BLOB NOT NULL,
    sources TEXT NOT NULL,       -- a JSON array in ASCII
    settings BLOB NOT NULL,
    head INTEGER REFERENCES turn DEFERRABLE INITIALLY DEFERRED,
    created TEXT NOT NULL,
    updated TEXT NOT NULL
);
CREATE UNIQUE INDEX session_by_name ON session (name) WHERE name <> '';
CREATE INDEX session_by_place ON session (place, updated);
CREATE INDEX session_by_head ON session (head);

CREATE TABLE turn (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    session TEXT NOT NULL REFERENCES session ON DELETE CASCADE,
    parent INTEGER REFERENCES turn,
    depth INTEGER NOT NULL,      -- turns on the path to this one, itself included
    created TEXT NOT NULL,
    question BLOB NOT NULL,
    answer BLOB NOT NULL,
    reasoning BLOB NOT NULL,
    facts BLOB NOT NULL,
    prefix BLOB NOT NULL,
    state BLOB NOT NULL
);
CREATE INDEX turn_by_session ON turn (session);
CREATE INDEX turn_by_parent ON turn (parent);

CREATE TABLE segment (
    turn INTEGER NOT NULL REFERENCES turn ON DELETE CASCADE,
    position INTEGER NOT NULL,
    role TEXT NOT NULL,
    name BLOB NOT NULL,
    text BLOB NOT NULL,
    ids BLOB
);
CREATE UNIQUE INDEX segment_by_turn ON segment (turn, position);

-- rowid is turn.id
CREATE VIRTUAL TABLE said USING fts5 (
    question, answer, tokenize = "unicode61 remove_diacritics 2"
);
CREATE TRIGGER turn_unsaid AFTER DELETE ON turn BEGIN
    DELETE FROM said WHERE rowid = old.id;
END;

CREATE TABLE item (
    kind TEXT NOT NULL,
    key BLOB NOT NULL,
    value BLOB NOT NULL
);
CREATE UNIQUE INDEX item_by_key ON item (kind, key);

CREATE TABLE record (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    server BLOB NOT NULL,
    entry BLOB NOT NULL
);
CREATE INDEX record_by_server ON record (server, sequence);
"""

VERSION_2 = """
ALTER TABLE item ADD COLUMN written TEXT NOT NULL DEFAULT '';  -- '': before this version
"""

MIGRATIONS = (VERSION_1, VERSION_2)
"""Script n makes version n + 1 (`PRAGMA user_version`) out of version n."""


def statements(script: str) -> Iterator[str]:
    """A script's statements, a trigger with its body as one.

    `executescript` would commit the transaction that a migration runs in.
    """
    pending = ""
    for piece in script.split(";"):
        pending += piece + ";"
        if sqlite3.complete_statement(pending):
            if pending.strip("; \n"):
                yield pending
            pending = ""
    if pending:
        yield pending  # unfinished: SQLite shall complain

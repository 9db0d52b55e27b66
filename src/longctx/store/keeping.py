"""Small values and the log of what was sent to servers, as bytes that mean nothing here."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from longctx.store.text import blob, moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from longctx.store.database import Database


def keep(database: Database, kind: str, items: Mapping[bytes, bytes]) -> None:
    with database.writing() as sql:
        # Taken inside: whoever saw no item yet began before this moment.
        written = moment(time.time())
        sql.executemany(
            "INSERT OR REPLACE INTO item (kind, key, value, written) VALUES (?, ?, ?, ?)",
            ((kind, key, value, written) for key, value in items.items()),
        )


def kept(database: Database, kind: str, key: bytes) -> bytes | None:
    with database.reading() as sql:
        row = sql.execute(
            "SELECT value FROM item WHERE kind = ? AND key = ?", (kind, key)
        ).fetchone()
    return None if row is None else row[0]


def written(database: Database, kind: str) -> dict[bytes, str]:
    with database.reading() as sql:
        return dict(sql.execute("SELECT key, written FROM item WHERE kind = ?", (kind,)))


def forget(database: Database, kind: str, keys: Iterable[bytes] | None, before: str | None) -> None:
    until = "~" if before is None else before  # later than any moment
    with database.writing() as sql:
        if keys is None:
            sql.execute("DELETE FROM item WHERE kind = ? AND written < ?", (kind, until))
        else:
            sql.executemany(
                "DELETE FROM item WHERE kind = ? AND key = ? AND written < ?",
                ((kind, key, until) for key in keys),
            )
    database.shrink()


def record(database: Database, server: str, entry: bytes, keep_last: int) -> int:
    key = blob(server)
    with database.writing() as sql:
        sequence = sql.execute(
            "INSERT INTO record (server, entry) VALUES (?, ?)", (key, entry)
        ).lastrowid
        assert sequence is not None  # noqa: S101  # an INSERT has one
        sql.execute(
            "DELETE FROM record WHERE server = ? AND sequence <= ("
            " SELECT sequence FROM record WHERE server = ?"
            " ORDER BY sequence DESC LIMIT 1 OFFSET ?)",
            (key, key, keep_last),
        )
    return sequence


def recorded(database: Database, server: str, after: int) -> tuple[tuple[int, bytes], ...]:
    with database.reading() as sql:
        return tuple(
            sql.execute(
                "SELECT sequence, entry FROM record WHERE server = ? AND sequence > ?"
                " ORDER BY sequence",
                (blob(server), after),
            )
        )


def erase_records(database: Database, server: str) -> None:
    with database.writing() as sql:
        sql.execute("DELETE FROM record WHERE server = ?", (blob(server),))
    database.shrink()

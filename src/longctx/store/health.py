"""Whether a database can be used, seen without changing it.

What may live here: reading a version, SQLite's own check. Nothing is made, migrated or mended.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.store.database import NAME
from longctx.store.failing import StoreError, reported
from longctx.store.schema import MIGRATIONS

if TYPE_CHECKING:
    from pathlib import Path

CHECKED = 500_000_000
"""Bytes up to which every page is checked: about a second."""

SECONDS = 5.0
"""How long another process may hold the database."""


@dataclass(frozen=True, slots=True)
class Health:
    """What was seen of a database."""

    path: Path
    format: int = 0
    known: int = len(MIGRATIONS)
    """The newest format that this longctx can read."""
    trouble: str = ""
    """What is wrong with it and what to do; empty for nothing."""


def looked_at(folder: Path) -> Health | None:
    """The state of the database in `folder`; None where there is none."""
    path = folder / NAME
    try:
        size = path.stat().st_size
    except OSError:
        return None
    if not size:
        return None
    try:
        with reported(path):
            uri = f"{path.absolute().as_uri()}?mode=ro"
            with closing(sqlite3.connect(uri, timeout=SECONDS, uri=True)) as sql:
                version: int = sql.execute("PRAGMA user_version").fetchone()[0]
                if size <= CHECKED:
                    said = str(sql.execute("PRAGMA quick_check(1)").fetchone()[0])
                    if said != "ok":
                        damage = sqlite3.DatabaseError(said)
                        damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
                        raise damage
    except StoreError as error:
        return Health(path, trouble=str(error))
    return Health(path, version)

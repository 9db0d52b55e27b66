"""What is computed once and kept: token ids and counts by content, on this machine's disk.

Keys are digests of everything a value depends on, so nothing here ever needs to be invalidated.
Values are bytes and nothing else: the disk format refuses to write or read a pickle, because a
pickle in a cache folder is a program (CVE-2025-69872 of diskcache).
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

import diskcache

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SIZE_LIMIT = 4 << 30
IN_DATABASE = 8 << 20
"""Values up to this size live in SQLite itself: thousands of small files are slower."""


class Memo(Protocol):
    """A mapping from digests to bytes that may forget."""

    def get(self, key: bytes) -> bytes | None: ...

    def put(self, items: Mapping[bytes, bytes]) -> None: ...


class BytesDisk(diskcache.Disk):  # type: ignore[misc]  # diskcache ships no types
    """Stores bytes under bytes; anything else is refused instead of pickled."""

    def put(self, key: object) -> tuple[object, bool]:
        if type(key) is not bytes:
            raise TypeError("keys are bytes")
        return sqlite3.Binary(key), True

    def get(self, key: object, raw: object) -> bytes:
        if not raw or type(key) is not bytes:
            raise TypeError("not a key this cache wrote")
        return key

    def store(self, value: object, read: bool, key: object = None) -> object:
        if read or type(value) is not bytes:
            raise TypeError("values are bytes")
        return super().store(value, read, key=key)

    def fetch(self, mode: int, filename: str | None, value: object, read: bool) -> bytes:
        if mode not in (diskcache.core.MODE_RAW, diskcache.core.MODE_BINARY) or read:
            raise TypeError("not a value this cache wrote")
        found = super().fetch(mode, filename, value, read)
        if type(found) is not bytes:
            raise TypeError("not a value this cache wrote")
        return found


class NoMemo:
    """Remembers nothing: for a disk that cannot be written."""

    def get(self, key: bytes) -> bytes | None:
        return None

    def put(self, items: Mapping[bytes, bytes]) -> None:
        return None


class DictMemo(dict[bytes, bytes]):
    """Remembers in memory, for as long as the process lives."""

    def put(self, items: Mapping[bytes, bytes]) -> None:
        self.update(items)


class DiskMemo:
    """Remembers in a private folder (0700), shared by processes, oldest entries dropped first."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        self._cache = diskcache.Cache(
            str(folder),
            disk=BytesDisk,
            disk_min_file_size=IN_DATABASE,
            eviction_policy="least-recently-stored",
            size_limit=SIZE_LIMIT,
            cull_limit=0,  # `put` culls once a batch instead of once a value
            sqlite_synchronous=0,  # losing what can be computed again is no loss
            timeout=10,
        )

    def get(self, key: bytes) -> bytes | None:
        try:
            value: bytes | None = self._cache.get(key)
        except (TypeError, sqlite3.DatabaseError, diskcache.Timeout, OSError):
            return None  # damaged or foreign: as good as absent
        return value

    def put(self, items: Mapping[bytes, bytes]) -> None:
        # A full disk or a busy database only costs the time to compute again.
        with (
            suppress(sqlite3.DatabaseError, diskcache.Timeout, OSError),
            self._cache.transact(),
        ):
            for key, value in items.items():
                self._cache.set(key, value)
        with suppress(sqlite3.DatabaseError, diskcache.Timeout, OSError):
            self._cache.cull()

    def close(self) -> None:
        self._cache.close()


def open_memo(folder: Path) -> DiskMemo | NoMemo:
    """The memo in `folder`, or one that remembers nothing where the folder cannot be used."""
    try:
        return DiskMemo(folder)
    except (OSError, sqlite3.Error, diskcache.Timeout):
        return NoMemo()

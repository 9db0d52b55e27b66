"""What can go wrong on disk, said so that the user knows what to do.

What may live here: the store's errors and the way from SQLite's and the system's codes to words.
What must never be known here: what was being read or written.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from longctx.errors import LongctxError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCK_SECONDS = 10
"""How long a write waits for another process's write."""

_LOCKED = (
    f"another process has kept it locked for {LOCK_SECONDS} s: a longctx that is stuck or stopped,"
    " a backup, or a database tool. End it and try again"
)
_UNWRITABLE = (
    "it cannot be written: check its owner, its permissions and its file system, or name another"
    " folder with --data-dir"
)
_FULL = (
    "its disk (or quota) is full. What was kept before is whole, this write was not kept: free"
    " some space, or name another folder with --data-dir, and try again"
)
_DAMAGED = (
    "it is damaged, or no database of longctx. It was left as it is. To go on without what it"
    " holds, move it away together with the -wal and -shm files beside it; to save what can be"
    " saved, try `sqlite3 FILE .recover`"
)
_BROKEN = (
    "the disk refused to read or write. What was kept before is whole, this write was not kept:"
    " look at its quota, its limits and the system's log"
)
_LINK = (
    "a link or a file stands where longctx keeps a folder or a file of its own, and is not"
    " followed: move it away"
)
_BY_SQLITE = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_PERM: _UNWRITABLE,
    sqlite3.SQLITE_READONLY: _UNWRITABLE,
    sqlite3.SQLITE_CANTOPEN: _UNWRITABLE,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_IOERR: _BROKEN,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
}
_BY_ERRNO = {
    errno.EACCES: _UNWRITABLE,
    errno.ENOENT: _UNWRITABLE,
    errno.EPERM: _UNWRITABLE,
    errno.EROFS: _UNWRITABLE,
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _FULL,
    errno.EIO: _BROKEN,
    errno.ELOOP: _LINK,
    errno.ENOTDIR: _LINK,
}
_NO_SPACE = 256 << 10
"""Free bytes below which SQLite's unspecific I/O errors come from a full disk."""


class StoreError(LongctxError):
    """The store on disk cannot be opened, read or written."""

    exit_code = 1


class SessionMoved(UsageError):
    """Another process gave the session a turn since the caller looked."""


@contextmanager
def reported(path: Path) -> Iterator[None]:
    """Raise what SQLite or the system reports within as StoreError about `path`."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        if isinstance(error, sqlite3.ProgrammingError):
            raise  # a mistake in this program, such as using a closed store
        raise StoreError(f"{path}: {_explained(error, path)} ({error})") from error


def _explained(error: sqlite3.Error | OSError, path: Path) -> str:
    if isinstance(error, OSError):
        return _BY_ERRNO.get(error.errno or 0, "it cannot be used")
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN) and _no_space(path):
        return _FULL
    return _BY_SQLITE.get(code, "the database cannot be used")


def _no_space(path: Path) -> bool:
    try:
        disk = os.statvfs(path.parent)
    except OSError:
        return False
    return disk.f_bavail * disk.f_frsize < _NO_SPACE

"""Clearing what can be made again: token counts, texts, clones, bases. Never a session.

Safe beside other processes: they count, fetch or prefill again what they miss. What must never be
known here: who asks for it, and how it is shown.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import sqlite3
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import diskcache

from longctx.api.keeping import bases_unused_since
from longctx.api.places import size_of
from longctx.api.sweeping import swept
from longctx.tokens.memo import BytesDisk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from longctx.api.places import Places
    from longctx.store import Store

READING = 600
"""Seconds since its last use for which a clone may still be read: nothing locks it then."""

GONE = ".gone."
"""Begins the name of a folder that is being removed."""


@dataclass(frozen=True, slots=True)
class Cleared:
    """What was cleared of one kind."""

    name: str
    size: int
    """Bytes given back."""
    left: int = 0
    """Pieces that stay because they are in use."""


def clear_tokens(places: Places, before: float | None = None) -> Cleared:
    """Forget ids and counts; `before` (seconds since 1970) spares those kept since then."""
    return _clear_memo("tokens", places.tokens, before)


def clear_texts(places: Places, before: float | None = None) -> Cleared:
    """Forget the texts of files that are more than text, like `clear_tokens`."""
    return _clear_memo("texts", places.texts, before)


def _clear_memo(name: str, folder: Path, before: float | None) -> Cleared:
    size = size_of(folder)
    if folder.is_dir():
        try:
            with closing(_Memo(str(folder), disk=BytesDisk, timeout=10)) as cache:
                if before is None:
                    cache.clear(retry=True)
                else:
                    cache.clear_before(before)
        except (sqlite3.DatabaseError, OSError):
            shutil.rmtree(folder, ignore_errors=True)  # damaged
    return Cleared(name, max(0, size - size_of(folder)))


def clear_clones(places: Places, before: float | None = None) -> Cleared:
    """Remove copies of remote repositories that were not used since `before`."""
    size, left = size_of(places.clones), 0
    until = min(time.time() - READING, time.time() if before is None else before)
    for lock in places.clones.glob("*/*.lock"):
        clone = lock.with_suffix("")
        if not clone.is_dir():
            continue
        with _held(lock) as free:
            # longctx opens the lock for writing at each use.
            if free and lock.stat().st_mtime < until:
                # Out of sight first, so that nobody meets half of it.
                clone.rename(clone.with_name(GONE + secrets.token_hex(8)))
            else:
                left += before is None or lock.stat().st_mtime < before
    for gone in places.clones.glob(f"*/{GONE}*"):
        shutil.rmtree(gone, ignore_errors=True)
    return Cleared("clones", max(0, size - size_of(places.clones)), left)


def clear_bases(store: Store, before: float | None = None) -> Cleared:
    """Remove bases that were not used since `before`, and whatever nobody needs any more."""
    size = store.size()
    for base in bases_unused_since(store, before):
        store.thaw(base.frozen.digest)
    swept(store)
    return Cleared("bases", max(0, size - store.size()))


class _Memo(diskcache.Cache):  # type: ignore[misc]  # diskcache ships no types
    """A memo's cache, which can also forget by age."""

    def clear_before(self, stored: float) -> None:
        select = (
            "SELECT rowid, filename FROM Cache WHERE rowid > ? AND store_time < ?"
            " ORDER BY rowid LIMIT ?"
        )
        self._select_delete(select, [0, stored, 100], retry=True)


@contextmanager
def _held(lock: Path) -> Iterator[bool]:
    """Whether the lock could be taken; it is held meanwhile, and stays where it is."""
    descriptor = os.open(lock, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)

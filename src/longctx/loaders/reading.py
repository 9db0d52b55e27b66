"""One file on disk, read as safely as it can be: a document, or the reason why not.

What may live here: looking at, opening and reading a file whose name is known, and what its bytes
say about it. What must never be known here: how the file was found, or which files are wanted.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from typing import TYPE_CHECKING

from longctx.corpus import Document, Omission, Reason
from longctx.formats.recognising import Shelf, advice_for, format_of, strangers_format
from longctx.formats.unread import Unread
from longctx.loaders.decoding import NotText, decode
from longctx.loaders.folders import FILE

if TYPE_CHECKING:
    from longctx.formats.unread import Item
    from longctx.loaders import Selection
    from longctx.loaders.folders import Folders

_LFS = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n.*^size (\d{1,18})$", re.M | re.S
)
_POINTER_LIMIT = 1024  # git-lfs itself takes nothing longer for a pointer


def document(path: str, data: bytes, shelf: Shelf = Shelf.CODE) -> Item:
    """The document that these bytes are, whatever they were read from; unread where it takes more
    than decoding."""
    if len(data) < _POINTER_LIMIT and (pointer := _LFS.match(data)):
        return Omission(path, Reason.LFS, size=int(pointer[1]))
    if (format := format_of(path, shelf, data[:16])) is not None:
        return Unread(path, format, data)
    return plain(path, data)


def plain(path: str, data: bytes) -> Item:
    """The same for what is no format of ours."""
    text = decode(data)
    if not isinstance(text, NotText):
        return Document(path, text)
    if (format := strangers_format(path)) is not None:
        return Unread(path, format, data)
    if (advice := advice_for(path)) is not None:
        return Omission(path, Reason.UNSUPPORTED, size=len(data), detail=advice)
    return Omission(path, text.reason, size=len(data))


def too_large(path: str, size: int, limit: int) -> Omission:
    return Omission(path, Reason.TOO_LARGE, size=size, detail=f"the limit is {limit} bytes")


def read(folders: Folders, raw: bytes, path: str, selection: Selection, shelf: Shelf) -> Item:
    """The file `raw` below the folders' root, as document `path`."""
    for _ in range(2):
        try:
            found = _attempt(folders, raw, path, selection.limit(path, shelf), shelf)
        except OSError as error:
            found = _refused(folders, raw, path, error)
        if found is not None:
            return found
    return Omission(path, Reason.CHANGED, detail="twice")


def linked(folders: Folders, raw: bytes, path: str) -> Omission | None:
    """The omission for a link at `raw` or on the way to it; None if there is none."""
    link = folders.link_at(raw)
    if link is None:
        return None
    target, inside = link
    return Omission(path, Reason.LINK if inside else Reason.OUTSIDE, detail=f"to {target}")


def _attempt(folders: Folders, raw: bytes, path: str, limit: int, shelf: Shelf) -> Item | None:
    """The file as it is now; None if it changed meanwhile."""
    above, _, name = raw.rpartition(b"/")
    folder = folders.enter(above)
    # Looking before opening: opening a device or a FIFO may already have an effect.
    before = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if not stat.S_ISREG(before.st_mode):
        return linked(folders, raw, path) or Omission(path, Reason.SPECIAL, detail=_kind(before))
    if before.st_size > limit:
        return too_large(path, before.st_size, limit)
    fd = os.open(name, FILE, dir_fd=folder)
    try:
        if not _same(before, os.fstat(fd)):
            return None
        data = os.read(fd, before.st_size + 1)
        # A file system may hand out less than asked for (over 2 GiB, or over a network).
        while 0 < len(data) < before.st_size and (more := os.read(fd, before.st_size - len(data))):
            data += more
        if len(data) != before.st_size or not _same(before, os.fstat(fd)):
            return None
    finally:
        os.close(fd)
    return document(path, data, shelf)


def _same(before: os.stat_result, after: os.stat_result) -> bool:
    return (
        before.st_mtime_ns == after.st_mtime_ns
        and before.st_size == after.st_size
        and before.st_ino == after.st_ino
        and before.st_dev == after.st_dev
        and before.st_mode == after.st_mode
    )


def _refused(folders: Folders, raw: bytes, path: str, error: OSError) -> Omission:
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
        link = linked(folders, raw, path)
        if link is not None:
            return link
        if error.errno != errno.ELOOP:
            return Omission(path, Reason.MISSING)
    return Omission(path, Reason.UNREADABLE, detail=(error.strerror or str(error)).lower())


def _kind(status: os.stat_result) -> str:
    kinds = {
        stat.S_IFDIR: "a folder",
        stat.S_IFIFO: "a FIFO",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
    }
    return kinds.get(stat.S_IFMT(status.st_mode), "of an unknown kind")

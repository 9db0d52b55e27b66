"""The loader of plain folders and single files.

What may live here: the walk of a folder and its `.gitignore` files. What must never be known here:
git repositories; the walk passes by `.git`, `.hg` and `.svn`.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from longctx.corpus import Omission, Reason
from longctx.errors import LoadError
from longctx.formats.recognising import Shelf
from longctx.loaders.choosing import IGNORE_FILE, Choice
from longctx.loaders.folders import Folders
from longctx.loaders.ignoring import Nested
from longctx.loaders.naming import Names
from longctx.loaders.reading import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longctx.formats.unread import Item
    from longctx.loaders import Selection, Surroundings

_PRIVATE = frozenset({b".git", b".hg", b".svn"})


class FilesLoader:
    """Reads a folder as it is on disk, or one file."""

    name = "files"

    def claims(self, source: str) -> bool:
        return _status(source) is not None

    def root(self, source: str) -> Path | None:
        """The folder itself; None for a single file, which controls no folder."""
        real = Path(os.path.realpath(source))
        return real if real.is_dir() else None

    def load(self, source: str, selection: Selection, around: Surroundings) -> Iterator[Item]:
        status = _status(source)
        if status is None:
            raise LoadError(f"{source}: no such file or folder: check the path")
        if selection.rev is not None:
            raise LoadError(
                f"{source}: is read as plain files, which have no revision {selection.rev!r}:"
                " name a folder of a git repository, or leave the revision out"
            )
        real = os.fsencode(os.path.realpath(source))
        try:
            if stat.S_ISDIR(status.st_mode):
                yield from _folder(source, real, selection, around)
            elif stat.S_ISREG(status.st_mode):
                above, name = os.path.split(real)
                with Folders(above) as folders:
                    yield read(folders, name, Names().path(name), selection, Shelf.FILES)
            else:
                raise LoadError(f"{source}: neither a file nor a folder: save it to a file first")
        except OSError as error:
            raise LoadError(
                f"{source}: cannot be read ({error.strerror}): check its permissions"
            ) from error


def _status(source: str) -> os.stat_result | None:
    try:
        return Path(source).stat() if source else None
    except (OSError, ValueError):
        return None


def _folder(source: str, real: bytes, selection: Selection, around: Surroundings) -> Iterator[Item]:
    if os.path.lexists(real + b"/.git"):
        around.say(
            f"{source}: its .git cannot be used here (is git installed?); read as plain files"
        )
    names, empty = Names(), True
    with Folders(real) as folders:
        choice = Choice(selection, lambda folder: folders.text_at(folder, IGNORE_FILE))
        for raw, reason, detail in _walk(folders, choice):
            empty = False
            path = names.path(raw)
            if reason is None:
                yield read(folders, raw, path, selection, Shelf.FILES)
            else:
                yield Omission(path, reason, detail=detail)
    if empty:
        raise LoadError(f"{source}: holds no files: name another folder")


def _walk(folders: Folders, choice: Choice) -> Iterator[tuple[bytes, Reason | None, str]]:
    """Files, and folders (with a slash at the end) that are not entered, in the order of git.

    Without recursion: a tree may be deeper than Python's stack.
    """
    ignored = Nested(lambda folder: folders.text_at(folder, b".gitignore"))
    pending = [iter(_entries(folders, b"", ignored))]
    while pending:
        for raw, is_folder in pending[-1]:
            reason = choice.reason(raw, is_folder)
            if reason is not None or not is_folder:
                yield raw + b"/" * is_folder, reason, ""
                continue
            try:
                pending.append(iter(_entries(folders, raw, ignored)))
            except OSError as error:
                yield raw + b"/", Reason.UNREADABLE, (error.strerror or str(error)).lower()
            else:
                break
        else:
            pending.pop()


def _entries(folders: Folders, folder: bytes, ignored: Nested) -> list[tuple[bytes, bool]]:
    above = folder + b"/" if folder else b""
    with os.scandir(folders.enter(folder)) as found:
        entries = [
            (above + os.fsencode(entry.name), entry.is_dir(follow_symlinks=False))
            for entry in found
            if os.fsencode(entry.name) not in _PRIVATE
        ]
    # git compares whole paths, so a folder sorts as if its name ended with the slash.
    entries.sort(key=lambda entry: entry[0] + b"/" * entry[1])
    return [entry for entry in entries if not ignored.ignores(*entry)]

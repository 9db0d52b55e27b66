"""The files of a work tree as they are on disk now, and what git says of them.

What may live here: git's list of tracked and untracked files, and its way into submodules. What
must never be known here: commits and their trees. git alone decides what is ignored.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, NamedTuple

from longctx.corpus import Omission, Reason
from longctx.errors import LoadError
from longctx.formats.recognising import Shelf
from longctx.loaders.choosing import IGNORE_FILE, Choice
from longctx.loaders.folders import Folders
from longctx.loaders.git_objects import LINK, SUBMODULE
from longctx.loaders.git_place import borrowed, submodule_at
from longctx.loaders.git_process import Git, GitFailed
from longctx.loaders.naming import Names, unsafe
from longctx.loaders.reading import linked, read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from longctx.formats.unread import Item
    from longctx.loaders import Selection
    from longctx.loaders.git_place import Place

DEEPEST = 16  # submodules within submodules
_INDEX_LIMIT = 1 << 30


class _Listed(NamedTuple):
    path: bytes
    mode: bytes
    """As in the index; empty for an untracked file."""
    sparse: bool
    """Left out of the work tree by a sparse checkout."""


def load_work_tree(
    place: Place, source: str, inside: bytes, selection: Selection
) -> Iterator[Item]:
    """Everything in folder `inside` of the work tree; nothing at all if git lists nothing there."""
    top = place.top or place.git_dir
    try:
        listed = _listing(place, top / os.fsdecode(inside))
    except GitFailed as error:
        raise LoadError(
            f"{source}: git cannot list its files ({error}): see what `git status` says there"
        ) from error
    names = Names()
    above = inside + b"/" if inside else b""
    with Folders(os.fsencode(top), os.fsencode(top / os.fsdecode(inside))) as folders:
        choice = Choice(selection, lambda folder: folders.text_at(folder, IGNORE_FILE), inside)
        pending = [(above, iter(listed))]
        while pending:
            for file in pending[-1][1]:
                raw = pending[-1][0] + file.path
                relative = raw[len(above) :]
                path = names.path(relative)
                refusal = _refusal(file, choice, relative, path)
                if refusal is not None:
                    yield refusal
                elif file.mode != SUBMODULE:
                    yield _read(folders, file, raw, path, selection)
                elif (within := _submodule(top, raw, len(pending))) is not None:
                    pending.append((raw + b"/", iter(within)))
                    break
                else:
                    yield linked(folders, raw, path) or Omission(path, Reason.SUBMODULE)
            else:
                pending.pop()


def _listing(place: Place, folder: Path) -> list[_Listed]:
    sparse = _is_sparse(place.git_dir / "index")
    if sparse and borrowed(place) is not None:
        raise GitFailed("its sparse index needs objects that lie outside of it")
    with Git(place, objects=sparse) as git:
        answer = git.run(
            "ls-files", "-z", "-t", "--stage", "--others", "--exclude-standard", folder=folder
        )
    found: dict[bytes, _Listed] = {}
    for line in answer.split(b"\0"):
        if line[:1] == b"?":
            found[line[2:]] = _Listed(line[2:], b"", False)
        elif line:
            facts, _, path = line.partition(b"\t")
            # A file in conflict is listed once for each side; on disk there is one.
            found[path] = _Listed(path, facts[2:8], line[:1] == b"S")
    return [found[path] for path in sorted(found)]


def _is_sparse(index: Path) -> bool:
    """Whether the index may name whole folders, which only objects spell out.

    Raises GitFailed for a damaged index: git itself lists what it can and calls that a success.
    """
    if index.is_symlink() or not index.is_file():
        return False
    if index.stat().st_size > _INDEX_LIMIT:
        raise GitFailed(f"its index is over {_INDEX_LIMIT >> 20} MiB")
    data = index.read_bytes()
    for hashed, size in ((hashlib.sha1, 20), (hashlib.sha256, 32)):
        # Zeros where the user has switched the checksum off (index.skipHash).
        own = hashed(data[:-size], usedforsecurity=False).digest()
        if len(data) > size and data[-size:] in (own, bytes(size)):
            return b"sdir" in data
    raise GitFailed("its index is damaged")


def _refusal(file: _Listed, choice: Choice, relative: bytes, path: str) -> Omission | None:
    if not file.mode and file.path.endswith(b"/"):
        return Omission(path, Reason.SPECIAL, detail="an untracked repository: name it by itself")
    if unsafe(file.path):
        return Omission(path, Reason.OUTSIDE, detail="a path that no repository should hold")
    reason = choice.reason(relative, folder=file.mode == SUBMODULE)
    return None if reason is None else Omission(path, reason)


def _read(folders: Folders, file: _Listed, raw: bytes, path: str, selection: Selection) -> Item:
    if file.mode == LINK:
        # Where links are not supported, git writes the target into an ordinary file.
        return linked(folders, raw, path) or Omission(path, Reason.LINK)
    found = read(folders, raw, path, selection, Shelf.CODE)
    if file.sparse and isinstance(found, Omission) and found.reason is Reason.MISSING:
        return Omission(path, Reason.MISSING, detail="left out by a sparse checkout")
    return found


def _submodule(top: Path, raw: bytes, depth: int) -> list[_Listed] | None:
    place = submodule_at(top, raw) if depth < DEEPEST else None
    try:
        return None if place is None else _listing(place, place.top or place.git_dir)
    except (GitFailed, LoadError):
        return None

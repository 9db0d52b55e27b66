"""Commits and their files, read from git's objects without a checkout.

What may live here: listing a tree, comparing trees, asking for sizes, streaming contents. What must
never be known here: the work tree, the network, or which files are wanted.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from longctx.loaders.git_process import GitFailed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from longctx.loaders.git_process import Git

LINK, SUBMODULE = b"120000", b"160000"
_DAMAGED_LIMIT = 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a tree."""

    path: bytes
    mode: bytes
    id: bytes
    """The blob, in hexadecimal; for a submodule, its commit."""


Sides = tuple[Entry | None, Entry | None]
"""What a path holds before and after."""


def commit_of(git: Git, revision: str) -> str | None:
    """The id of the commit that `revision` names; None if it names none."""
    if not revision or "\n" in revision:
        return None
    # Asked on standard input, where nothing can be taken for an option.
    answer = git.run("cat-file", "--batch-check", stdin=f"{revision}^{{commit}}\n".encode())
    found = answer.split()
    return found[0].decode() if found[1:2] == [b"commit"] else None


def tree(git: Git, commit: str) -> list[Entry]:
    """Every file of a commit, in git's order."""
    entries = []
    for line in git.run("ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0"):
        facts, tab, path = line.partition(b"\t")
        if tab:
            mode, _, blob = facts.split(b" ")
            entries.append(Entry(path, mode, blob))
    return entries


def has_submodules(git: Git, commit: str, inside: bytes) -> bool:
    """Whether folder `inside` of the commit (empty: all of it) holds any."""
    folder = ["--", os.fsdecode(inside)] if inside else []
    answer = git.run("ls-tree", "-r", "-z", "--full-tree", commit, *folder)
    return answer.startswith(SUBMODULE) or b"\0" + SUBMODULE in answer


def ancestors(git: Git, commit: str, limit: int) -> tuple[str, ...]:
    """The commit and its first parents, newest first, as far as they are here."""
    answer = b""
    try:
        for piece in git.stream("rev-list", "--first-parent", f"--max-count={limit}", commit, "--"):
            answer += piece
    except GitFailed:
        # It ends so at a parent that is not here; what came before is whole lines.
        answer = answer.rpartition(b"\n")[0]
    return tuple(answer.decode().split()) or (commit,)


def has_parent(git: Git, commit: str) -> bool:
    """Whether the commit names a parent, be it here or not; git hides what a clone cut off."""
    (data,) = contents(git, [commit.encode()])
    head = b"" if data is None else data.partition(b"\n\n")[0]
    return b"\nparent " in head


def differences(git: Git, commits: Sequence[str], inside: bytes) -> Iterator[dict[bytes, Sides]]:
    """The files in folder `inside` that differ from each commit to the next, by path.

    One process for all, which reads trees only. Full ids; raises GitFailed for one that is not
    here.
    """
    asked = b"".join(f"{new} {old}\n".encode() for old, new in pairwise(commits))
    options = ["--stdin", "--always", "-r", "-z", "--raw", "--no-renames", "--no-abbrev"]
    options += ["--no-ext-diff", "--no-textconv", "--ignore-submodules=none"]
    folder = ["--", os.fsdecode(inside)] if inside else []
    fields = git.run("diff-tree", *options, *folder, stdin=asked).split(b"\0")
    at = 0
    for commit in commits[1:]:
        if fields[at] != commit.encode():
            raise GitFailed(f"commit {commit} is not here")
        at += 1
        found: dict[bytes, Sides] = {}
        while fields[at][:1] == b":":
            facts, path = fields[at][1:].split(b" "), fields[at + 1]
            old, new = zip(facts[:2], facts[2:4], strict=True)
            found[path] = (_side(path, *old), _side(path, *new))
            at += 2
        yield found


def _side(path: bytes, mode: bytes, id: bytes) -> Entry | None:
    return None if mode == b"000000" else Entry(path, mode, id)


def sizes(git: Git, blobs: Iterable[bytes]) -> dict[bytes, int]:
    """Bytes of each of these blobs that is here, without reading them."""
    answer = git.run("cat-file", "--batch-check", "--buffer", stdin=_lines(blobs))
    found = (line.split(b" ") for line in answer.splitlines())
    return {facts[0]: int(facts[2]) for facts in found if facts[1] == b"blob"}


def contents(git: Git, blobs: list[bytes]) -> Iterator[bytes | None]:
    """The content of each of these blobs, in their order; None for one that is damaged.

    One process for all of them, and never more than one content in memory. A damaged object ends
    the process; it is started again behind that object, but not for ever: raises GitFailed.
    """
    done = damaged = 0
    while done < len(blobs):
        pieces = git.stream("cat-file", "--batch", "--buffer", stdin=_lines(blobs[done:]))
        reader = _Reader(pieces)
        try:
            while done < len(blobs):
                yield _next(reader)
                done += 1
        except GitFailed:
            damaged += 1
            if damaged > _DAMAGED_LIMIT:
                raise
            yield None
            done += 1
        finally:
            pieces.close()


def _lines(blobs: Iterable[bytes]) -> bytes:
    return b"".join(blob + b"\n" for blob in blobs)


def _next(reader: _Reader) -> bytes | None:
    facts = reader.line().split(b" ")
    if len(facts) != 3:
        return None
    content = reader.take(int(facts[2]))
    reader.take(1)
    return content


class _Reader:
    """Lines and lengths out of pieces of any size."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""
        self._at = 0

    def line(self) -> bytes:
        while (end := self._rest.find(b"\n", self._at)) < 0:
            self._rest = self._rest[self._at :] + self._more()
            self._at = 0
        start, self._at = self._at, end + 1
        return self._rest[start:end]

    def take(self, count: int) -> bytes:
        parts = [self._rest[self._at : self._at + count]]
        self._at += len(parts[0])
        missing = count - len(parts[0])
        while missing > 0:
            self._rest = self._more()
            self._at = min(missing, len(self._rest))
            parts.append(self._rest[: self._at])
            missing -= self._at
        return b"".join(parts)

    def _more(self) -> bytes:
        piece = next(self._pieces, b"")
        if not piece:
            raise GitFailed("git stopped in the middle of an answer")
        return piece

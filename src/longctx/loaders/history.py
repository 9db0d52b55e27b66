"""What came before a source: its commits, and the documents that changed between them.

What may live here: the values and protocols by which a loader shows a history. What must never be
known here: git, or what a history is used for. Only commits count, never a work tree, so that
every full clone of one commit shows the same history.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from longctx.corpus import Document, Omission
    from longctx.loaders import Selection, Surroundings


@dataclass(frozen=True, slots=True)
class Change:
    """One document between a commit and the next."""

    path: str
    """As the loader names it: relative to the source, with forward slashes."""
    before: Document | None
    """None where there was no such document."""
    after: Document | None


@dataclass(frozen=True, slots=True)
class Chain:
    """First-parent ancestors, newest first."""

    commits: tuple[str, ...]
    """Full hexadecimal ids; `commits[0]` is the commit itself."""
    cut: bool
    """History is missing here, as in a shallow clone, before the limit or the root was reached."""


class History(Protocol):
    """The commits of one source, for as long as its context manager is open.

    Its methods raise LoadError for commits and folders that are not here or damaged. A single
    file's content that is not here or damaged is no document.
    """

    @property
    def head(self) -> str:
        """The commit that the source stands on: HEAD of a work tree, or the selected revision."""
        ...

    @property
    def submodules(self) -> bool:
        """Whether the source has submodules at `head`: their content follows other histories."""
        ...

    def chain(self, limit: int) -> Chain:
        """`head` and its first-parent ancestors, at most `limit` (>= 1) commits in all."""
        ...

    def documents(
        self, commit: str, have: Callable[[str], Document | None] = lambda path: None
    ) -> Iterator[Document | Omission]:
        """What `load` yields at that revision; nothing where it holds no file of the source.

        `have` gives a document by path that may be the same: it then needs no reading.
        """
        ...

    def changes(self, commits: Sequence[str]) -> Iterator[tuple[Change, ...]]:
        """From each of the commits (oldest first) to the next: one tuple less than commits.

        Changes are sorted by path, and a renamed document is a removal and an addition.

        Invariant: without submodules, the changes applied in turn to the documents of the first
        commit give those of the last. The `.longctxignore` files of the first commit hold
        throughout; the invariant needs that none changed.
        """
        ...


@runtime_checkable
class HasHistory(Protocol):
    """What a loader may offer besides `Loader`."""

    def history(
        self, source: str, selection: Selection, around: Surroundings
    ) -> AbstractContextManager[History] | None:
        """The history of a source that this loader claims; None where it has none.

        Raises LoadError where `load` would.
        """
        ...

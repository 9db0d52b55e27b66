"""What a loader is. Implementations live one a file beside this one, found by entry-point name.

A loader turns one source (what the user names: a path, a URL) into documents and omissions. It may
do I/O and run git; it must never know tokens, budgets, prompts, engines or the terminal. What it
yields holds nothing of this machine: paths are relative to the source, with forward slashes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from longctx.corpus import Omission, Reason
from longctx.errors import LoadError, UsageError
from longctx.formats import Options
from longctx.formats.recognising import format_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from importlib.metadata import EntryPoints
    from pathlib import Path

    from longctx.corpus import Document
    from longctx.formats.recognising import Shelf
    from longctx.formats.unread import Item, Unread

GROUP = "longctx.loaders"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which documents of a source the user wants, and how large one may be."""

    include: tuple[str, ...] = ()
    """gitignore-style patterns; when there are any, only matching paths are loaded."""
    exclude: tuple[str, ...] = ()
    """gitignore-style patterns; matching paths are omitted with the reason."""
    max_bytes: int = 10_000_000
    """Larger files are omitted unread (bytes on disk)."""
    max_document_bytes: int = 200_000_000
    """The same for files that are more than text: PDF, DOCX, archives, ..."""
    rev: str | None = None
    """A git revision to read instead of the work tree."""
    options: Options = field(default_factory=Options)
    """How files that are more than text are read."""

    def limit(self, path: str, shelf: Shelf) -> int:
        """Bytes that the file of this name may have."""
        if format_of(path, shelf) is None:
            return self.max_bytes
        return max(self.max_bytes, self.max_document_bytes)


def unextracted(unread: Unread) -> Document | Omission:
    """For who reads no formats: what is more than text is left out."""
    return Omission(unread.path, Reason.BINARY, len(unread.data))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a loader may use of this machine."""

    cache: Path
    """A folder for what can be fetched again (clones)."""
    say: Callable[[str], None]
    """Called with one line of narration for a person, for anything that takes over a second."""
    extract: Callable[[Unread], Document | Omission] = unextracted
    """Reads a file that is more than text, for histories; `load` yields it unread instead."""


class Loader(Protocol):
    """Implemented by every loader; see `docs/loaders.md`."""

    name: str

    def claims(self, source: str) -> bool:
        """Whether this loader reads `source`; cheap, without network. Loaders are asked in turn."""
        ...

    def load(self, source: str, selection: Selection, around: Surroundings) -> Iterator[Item]:
        """Every document of the source, and an omission for every file that is not one.

        A file that is more than text is yielded unread; whoever loads has it read.

        Raises LoadError when the source as a whole cannot be read. A single damaged file is an
        omission, never an error and never text.
        """
        ...

    def root(self, source: str) -> Path | None:
        """The folder on this machine whose content the source controls (its trust boundary)."""
        ...


def names() -> tuple[str, ...]:
    """The installed loaders, without importing them."""
    return tuple(sorted(point.name for point in entry_points()))


def entry_points() -> EntryPoints:
    """What is installed under GROUP."""
    from importlib import metadata

    return metadata.entry_points(group=GROUP)


def loader_for(source: str) -> Loader:
    """The first loader that claims the source: `git`, then strangers by name, then `files`.

    Entry points are looked up only where git does not claim it: that costs a start 20 ms.
    """
    from longctx.loaders.git import GitLoader

    git = GitLoader()
    if git.claims(source):
        return git
    points = sorted(entry_points(), key=lambda point: (point.name == "files", point.name))
    if not points:
        raise UsageError("no loader is installed: reinstall longctx (its entry points are missing)")
    for point in points:
        loader: Loader = point.load()()
        if loader.claims(source):
            return loader
    raise LoadError(
        f"{source}: no such file or folder, and not a git URL"
        f" (loaders asked: {', '.join(point.name for point in points)})"
    )

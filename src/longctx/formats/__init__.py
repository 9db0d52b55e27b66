"""What a format is: from the bytes of one file to text with anchors, whatever brought the bytes.

Implementations live one a file (or folder) beside this one and run in a worker process, because
every file is hostile until it is read: a reader may hang, eat memory or crash without harm. A
format must never know paths of this machine, other files, prompts or the terminal; it runs nothing
that a file holds and fetches nothing that a file names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longctx.corpus import Anchor, Reason

VERSION = "1"
"""Raised with every change of what comes out: extracts are kept by content and version."""

Report = Callable[[int, int], None]
"""Called with how much is done and how much there is: pages, sheets, chapters."""


@dataclass(frozen=True, slots=True)
class Options:
    """How the user wants files to be read."""

    passwords: tuple[str, ...] = field(default=(), repr=False)
    """Tried in turn on files that are locked."""
    ocr: bool = False
    """Read pages that are pictures with tesseract, where that is installed."""
    revisions: bool = False
    """Show tracked changes and comments; otherwise changes count as accepted."""
    rows: int = 20_000
    """Rows of a sheet that are shown."""


@dataclass(frozen=True, slots=True)
class Material:
    """One file as bytes."""

    name: str
    """Its name with the ending, without folders."""
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Left:
    """A part of the file that is not in its text; each becomes an omission."""

    reason: Reason
    part: str = ""
    """Where: `p. 7`, `sheet Rates`, `attachment logo.png`; empty for the whole file."""
    detail: str = ""
    size: int | None = None
    """Bytes, where known."""


@dataclass(frozen=True, slots=True)
class Extract:
    """What a file says."""

    text: str
    """With `\\n` as the only line end, in reading order."""
    anchors: tuple[Anchor, ...] = ()
    """In the order of their places. Those of kinds that are marked in the prompt (`page`, `slide`,
    `row`, ...) begin at the beginning of a line."""
    left: tuple[Left, ...] = ()
    inner: tuple[Material, ...] = ()
    """Files within the file (of an archive, of an e-mail), named with `/` between folders."""


class Refused(Exception):
    """Why a file has no text at all; it becomes an omission."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class NotThis(Exception):
    """The bytes are not of this format after all: they are read as plain text."""


class Format(Protocol):
    """Implemented by every format; what is registered is an instance, as `module:NAME`."""

    def read(self, file: Material, options: Options, report: Report) -> Extract:
        """The text of the file. Raises Refused where it has none, NotThis where it is another."""
        ...


@runtime_checkable
class Divisible(Protocol):
    """A format of files so long that several workers share one: what they read is joined."""

    def units(self, file: Material, options: Options) -> int:
        """How many pages there are. Raises as `Format.read` does."""
        ...

    def piece(
        self, file: Material, options: Options, first: int, last: int, report: Report
    ) -> bytes:
        """Pages `first <= i < last` (from 0), in a form that only `join` understands."""
        ...

    def join(self, file: Material, options: Options, pieces: Sequence[bytes]) -> Extract:
        """The extract of the pieces, in their order: what `read` gives for the whole file."""
        ...

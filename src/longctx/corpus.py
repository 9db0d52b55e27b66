"""Documents and the corpus they form: pure values.

What may live here: text, places in text, and digests of both. What must never be known here: where
a text came from on this machine (paths of the machine, times, users), tokens, or how a document is
rendered. Characters are the only unit of place; lines are derived from them in `Document` alone.
"""

from __future__ import annotations

import hashlib
import json
import struct
from bisect import bisect_right
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Characters `start <= i < end` of one document."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"not a span: {self.start}..{self.end}")

    def __len__(self) -> int:
        return self.end - self.start

    def within(self, other: Span) -> bool:
        return other.start <= self.start and self.end <= other.end


@dataclass(frozen=True, slots=True, order=True)
class Anchor:
    """A named place: where page "14", chapter "3" or clause "12.3(b)" begins."""

    start: int
    """First character of the place. It reaches to the next anchor of its kind that is no deeper."""
    kind: str
    """`title`, `page`, `slide`, `sheet`, `row`, `cell`, `message`, `chapter`, `heading`, `clause`,
    `paragraph`, `timestamp`, `bates`."""
    label: str
    """As printed in the document: `14`, `xiv`, `12.3(b)`, `Term and Termination`, `00:12:31`."""
    depth: int = 0
    """How far within others of its kind: of clause 12 `12.3` is one deeper, `12.3(b)` two."""


_ANCHORED = b"\xff"


@dataclass(frozen=True)
class Document:
    """One text under one name, with its anchors.

    `path` is the document's id: relative, with forward slashes, unique in its corpus. Lines are
    counted from 1 and end after each `\\n`, as editors and `git` count them; a last line without
    one counts, and an empty text has no line.
    """

    path: str
    text: str
    anchors: tuple[Anchor, ...] = ()
    """What the file says beyond its text, in the order of their places; see `structure` for what
    the text itself says."""

    @cached_property
    def digest(self) -> bytes:
        """SHA-256 of the content (32 bytes): equal content has equal digests in any corpus."""
        return hashlib.sha256(self.content).digest()

    @property
    def content(self) -> bytes:
        """Text and anchors as bytes: the text in UTF-8 where there are no anchors.

        Lone surrogates, which no loader yields, stay as they are.
        """
        text = self.text.encode("utf-8", "surrogatepass")
        if not self.anchors:
            return text
        rows = [(each.start, each.kind, each.label, each.depth) for each in self.anchors]
        head = json.dumps(rows, separators=(",", ":")).encode()
        # No text in UTF-8 begins with this byte.
        return _ANCHORED + struct.pack("<I", len(head)) + head + text

    @classmethod
    def of_content(cls, path: str, content: bytes) -> Document:
        """The document whose `content` this is."""
        if not content.startswith(_ANCHORED):
            return cls(path, content.decode("utf-8", "surrogatepass"))
        (size,) = struct.unpack_from("<I", content, 1)
        rows = json.loads(content[5 : 5 + size])
        text = content[5 + size :].decode("utf-8", "surrogatepass")
        return cls(path, text, tuple(Anchor(*row) for row in rows))

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        """The first character of each line; empty for an empty text."""
        starts = [0] if self.text else []
        place = self.text.find("\n")
        while 0 <= place < len(self.text) - 1:
            starts.append(place + 1)
            place = self.text.find("\n", place + 1)
        return tuple(starts)

    @property
    def line_count(self) -> int:
        return len(self.line_starts)

    def lines(self) -> Iterator[str]:
        """The lines with their ends: together they are the text."""
        for number in range(1, self.line_count + 1):
            yield self.slice(self.span_of(number, number))

    def slice(self, span: Span) -> str:
        return self.text[span.start : span.end]

    def line_of(self, place: int) -> int:
        """The line (from 1) that holds character `place`; the last line for the text's end."""
        if not 0 <= place <= len(self.text):
            raise ValueError(f"{self.path}: no character {place}")
        return max(1, bisect_right(self.line_starts, place))

    def lines_of(self, span: Span) -> tuple[int, int]:
        """First and last line that the span touches, from 1, inclusive."""
        first = self.line_of(span.start)
        return first, max(first, self.line_of(max(span.start, span.end - 1)))

    def span_of(self, first: int, last: int) -> Span:
        """The characters of lines `first..last` (from 1, inclusive)."""
        starts = self.line_starts
        if not 1 <= first <= last <= len(starts):
            raise ValueError(f"{self.path}: no lines {first}-{last} in {len(starts)}")
        end = starts[last] if last < len(starts) else len(self.text)
        return Span(starts[first - 1], end)


class Reason(StrEnum):
    """Why a document or a part of one is not in the prompt."""

    BINARY = "binary"
    BUDGET = "does not fit the budget"
    COPY = "a copy of a document that is shown"
    CHANGED = "changed while it was read"
    DAMAGED = "damaged"
    OUTSIDE = "link out of the source"
    EXCLUDED = "excluded by a pattern"
    IGNORED = "ignored by .longctxignore"
    LFS = "git LFS pointer, content not here"
    LIMIT = "over a limit of reading it"
    LINK = "symbolic link"
    LOCKED = "locked by a password"
    MISSING = "not in the work tree"
    RUNNING = "repeated, or only navigation"
    SCANNED = "without text that can be read"
    SPECIAL = "not a regular file"
    SUBMODULE = "submodule not checked out"
    STALE = "changed or new, and not shown again yet"
    TOO_LARGE = "larger than the limit per file"
    UNREADABLE = "cannot be read"
    UNSUPPORTED = "a format that is not read"
    UNDECODABLE = "not text in a known encoding"


@dataclass(frozen=True, slots=True)
class Omission:
    """A document, or a part of one, that is not in the prompt."""

    path: str
    reason: Reason
    size: int | None = None
    """Bytes, where known."""
    tokens: int | None = None
    """Tokens it would have taken, where it was counted."""
    detail: str = ""
    """What a person needs beyond the reason: an error's words, a limit, a link's target."""
    part: str = ""
    """The part of a document that is in the prompt otherwise, such as `p. 7`; empty for a whole
    document."""


@dataclass(frozen=True)
class Corpus:
    """Documents in one order, whatever order they arrived in, and what was left out of them.

    Build it with `Corpus.of`. Documents stand in the code-point order of their paths.
    """

    documents: tuple[Document, ...]
    omissions: tuple[Omission, ...] = ()
    _by_path: dict[str, Document] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_path = {document.path: document for document in self.documents}
        if len(by_path) != len(self.documents):
            raise ValueError("two documents of one path in a corpus")
        if list(by_path) != sorted(by_path):
            raise ValueError("documents out of order: build a corpus with Corpus.of")
        object.__setattr__(self, "_by_path", by_path)

    @classmethod
    def of(cls, documents: Iterable[Document], omissions: Iterable[Omission] = ()) -> Corpus:
        """The corpus of these documents, given in any order; raises ValueError on a twin path."""
        return cls(
            tuple(sorted(documents, key=lambda document: document.path)),
            tuple(sorted(omissions, key=lambda each: (each.path, each.reason, each.part))),
        )

    def __len__(self) -> int:
        return len(self.documents)

    def __iter__(self) -> Iterator[Document]:
        return iter(self.documents)

    def get(self, path: str) -> Document | None:
        return self._by_path.get(path)

    @cached_property
    def digest(self) -> bytes:
        """SHA-256 over paths and texts, in order (32 bytes).

        Invariant: two corpora have equal digests exactly when they hold the same texts and anchors
        under the same paths; omissions do not count.
        """
        sha = hashlib.sha256()
        for document in self.documents:
            path = document.path.encode("utf-8", "surrogatepass")
            sha.update(len(path).to_bytes(4, "big") + path + document.digest)
        return sha.digest()

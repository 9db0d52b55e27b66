"""The place that an answer gives: lines, or a page, a clause, a chapter, looked up in the document.

What may live here: from what was written to the characters that are meant. What must never be known
here: quotes, verdicts, how an answer is laid out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.structure.places import Area, Places

if TYPE_CHECKING:
    from collections.abc import Hashable

    from longctx.citation.values import Lines
    from longctx.corpus import Document, Span


@dataclass(frozen=True, slots=True)
class Claim:
    """Where the answer says that something stands in a document."""

    said: str = ""
    """As written; empty where no place was given."""
    lines: Lines | None = None
    """The lines, where it gave lines."""
    areas: tuple[Area, ...] = ()
    """Where that is: in any of these; none where the document has no such place."""

    @property
    def start(self) -> int:
        """Where to begin looking."""
        return self.areas[0].span.start if self.areas else 0

    @property
    def key(self) -> Hashable:
        """Equal for claims of one place, however it was written."""
        return self.lines or self.areas or " ".join(self.said.split())

    def holds(self, passage: Span) -> bool:
        """Whether the passage is where the claim says, in all that it says."""
        return any(area.holds(passage) and not area.off for area in self.areas)


NOWHERE = Claim()


class Atlas:
    """The places of documents, each document read once."""

    def __init__(self) -> None:
        self._places: dict[str, Places] = {}
        self._named: dict[tuple[str, str], Claim] = {}

    def places(self, document: Document) -> Places:
        if document.path not in self._places:
            self._places[document.path] = Places(document)
        return self._places[document.path]

    def lined(self, document: Document | None, said: str, lines: Lines) -> Claim:
        """The claim of lines (from 1, inclusive)."""
        first, last = lines
        count = document.line_count if document else 0
        if document is None or not 1 <= first <= count:
            return Claim(said, lines)
        span = document.span_of(first, min(last, count))
        return Claim(said, lines, (Area(span, span, (said,) if last > count else ()),))

    def named(self, document: Document | None, said: str) -> Claim:
        """The claim of a place by its name."""
        if document is None:
            return Claim(said)
        key = document.path, said
        if key not in self._named:
            self._named[key] = Claim(said, None, self.places(document).areas(said))
        return self._named[key]

    def where(self, document: Document, span: Span) -> str:
        """How a person would be told where this is; empty where only lines can tell."""
        return self.places(document).where(span)

"""Segments as one: units and documents numbered through, without those that were replaced.

What may live here: numbers and who owns what. What must never be known here: questions, scores.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING

from longctx.recall.kinds import Kind, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from longctx.corpus import Document
    from longctx.recall.segment import Segment


class Layers:
    """A base and what changed since, each a segment; a later one hides equal paths before it."""

    def __init__(self, segments: Sequence[Segment], documents: Mapping[str, Document]) -> None:
        """`documents`: the live ones, by path; others that a segment holds are dead."""
        self.segments = tuple(segments)
        self.firsts: list[int] = []
        """By segment: the number of its first unit."""
        self.document_firsts: list[int] = []
        self._documents: list[Document | None] = []
        self.lengths: list[int] = []
        """By unit: its characters."""
        self.dead: set[int] = set()
        """Units."""
        later: set[str] = set()
        alive: list[list[bool]] = []
        for segment in reversed(self.segments):
            alive.append([path in documents and path not in later for path in segment.paths])
            later.update(segment.paths)
        for segment, lives in zip(self.segments, reversed(alive), strict=True):
            first = len(self.lengths)
            self.firsts.append(first)
            self.document_firsts.append(len(self._documents))
            ends, starts = segment.ends, segment.starts
            self.lengths.extend(end - start for start, end in zip(starts, ends, strict=True))
            for number, (path, live) in enumerate(zip(segment.paths, lives, strict=True)):
                self._documents.append(documents[path] if live else None)
                if not live:
                    units = range(segment.firsts[number], segment.firsts[number + 1])
                    self.dead.update(first + unit for unit in units)
        self.owners: list[int] = []
        """By unit: its document."""
        for segment, first in zip(self.segments, self.document_firsts, strict=True):
            self.owners.extend(first + owner for owner in segment.owners)
        self._kinds: dict[int, Kind] = {}
        self.size = len(self.lengths) - len(self.dead)
        """Live units."""
        self.length = sum(self.lengths) - sum(self.lengths[unit] for unit in self.dead)
        """Characters of the live units."""

    def is_live(self, unit: int) -> bool:
        return unit not in self.dead

    def dead_among(self, units: Iterable[int]) -> list[int]:
        return [unit for unit in units if unit in self.dead] if self.dead else []

    def layer_of(self, unit: int) -> tuple[Segment, int]:
        """The segment that holds the unit, and its number there."""
        layer = bisect_right(self.firsts, unit) - 1
        return self.segments[layer], unit - self.firsts[layer]

    def document(self, number: int) -> Document:
        """A live document."""
        found = self._documents[number]
        if found is None:
            raise ValueError(f"document {number} was replaced")
        return found

    def units(self, document: int) -> range:
        """The document's units."""
        layer = bisect_right(self.document_firsts, document) - 1
        segment, first = self.segments[layer], self.firsts[layer]
        local = document - self.document_firsts[layer]
        return range(first + segment.firsts[local], first + segment.firsts[local + 1])

    def span(self, unit: int) -> tuple[int, int]:
        """The characters of the unit in its document."""
        segment, local = self.layer_of(unit)
        return segment.starts[local], segment.ends[local]

    def text(self, unit: int) -> str:
        start, end = self.span(unit)
        return self.document(self.owners[unit]).text[start:end]

    def named(self, tail: str) -> list[int]:
        """Live documents whose path, in lower case, holds `tail`."""
        return [number for path, number in self._lower_paths if tail in path]

    @cached_property
    def by_name(self) -> dict[str, list[int]]:
        """By the last component of their paths: live documents."""
        found: dict[str, list[int]] = {}
        for number, document in enumerate(self._documents):
            if document is not None:
                found.setdefault(document.path.rsplit("/", 1)[-1], []).append(number)
        return found

    @cached_property
    def _lower_paths(self) -> list[tuple[str, int]]:
        return [
            (document.path.lower(), number)
            for number, document in enumerate(self._documents)
            if document is not None
        ]

    def spread(self, word: bytes) -> int:
        """How many live units hold the word, spelled so."""
        return sum(
            sum(first + (entry >> 8) not in self.dead for entry in segment.entries[number])
            if self.dead
            else segment.entries.size(number)
            for segment, first in zip(self.segments, self.firsts, strict=True)
            if (number := segment.numbers.get(word)) is not None
        )

    def defined(self, word: bytes) -> list[int]:
        """The live units in whose name the word stands."""
        return [
            first + unit
            for segment, first in zip(self.segments, self.firsts, strict=True)
            if (number := segment.numbers.get(word)) is not None
            for unit in segment.defined[number]
            if first + unit not in self.dead
        ]

    def kind(self, document: int) -> Kind:
        """Of the document's path."""
        known = self._kinds.get(document)
        if known is None:
            known = self._kinds[document] = kind_of(self.document(document).path)
        return known

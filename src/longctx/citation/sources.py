"""Finding a quote in one document, word for word.

What may live here: where a text stands. What must never be known here: answers, verdicts, near
matches. The work is bounded: each look through a document is paid for, and when nothing is left,
quotes are still looked up in the lines that were given, just not elsewhere.
"""

from __future__ import annotations

from functools import cache, cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from longctx.citation.folding import Way, fold
from longctx.citation.readings import ELLIPSIS, pieces, readings, substantial
from longctx.citation.sameness import broken, defused, same
from longctx.corpus import Document, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longctx.citation.folding import Folded
    from longctx.citation.values import Lines

GAP = 8_000
"""Characters that an ellipsis may stand for."""
CHAINS = 200
"""Places tried for the first piece of a quote with ellipses."""


class Patience:
    """How many characters may still be read in looking quotes up."""

    def __init__(self, left: int) -> None:
        self.left = left

    def spend(self, characters: int) -> bool:
        """Whether that much was left."""
        self.left -= characters
        return self.left >= 0


class Source:
    """A document with its folded texts."""

    def __init__(self, document: Document, patience: Patience) -> None:
        self.document = document
        self.patience = patience
        self.folded = cache(lambda way: fold(document.text, way))

    @cached_property
    def broken(self) -> bool:
        """Whether words are cut at line ends."""
        return broken(self.document.text)

    def area(self, claimed: Lines | None) -> Span | None:
        """The characters of the lines that were given, as far as the document has them."""
        count = self.document.line_count
        if claimed is None or claimed[0] < 1 or claimed[0] > count:
            return None
        return self.document.span_of(claimed[0], min(claimed[1], count))

    def inside(self, quote: str, claimed: Lines | None) -> Span | None:
        """Where the quote stands within these lines."""
        area = self.area(claimed)
        if area is None:
            return None
        for way, needle, shown in self._needles(quote):
            folded = self.folded(way)
            low, high = folded.place(area.start), folded.place(area.end)
            found = self._found(folded, way, folded.text.find(needle, low, high), needle, shown)
            if found:
                return found
        return None

    def anywhere(self, quote: str, claimed: Lines | None) -> Span | None:
        """Where the quote stands, next to these lines if it stands in several places."""
        area = self.area(claimed) or Span(0, 0)
        for way, needle, shown in self._needles(quote):
            if not substantial(shown) or not self.patience.spend(len(self.document.text)):
                continue
            folded = self.folded(way)
            low = folded.place(area.start)
            start = _nearest(folded.text, needle, low)
            if found := self._found(folded, way, start, needle, shown):
                return found
        return None

    def in_pieces(self, quote: str, claimed: Lines | None) -> Span | None:
        """Where the pieces around a quote's ellipses stand, in order and near each other."""
        parts = pieces(quote) if ELLIPSIS.search(quote) else []
        if not any(map(substantial, parts)):
            return None
        area = self.area(claimed) or Span(0, 0)
        for way in self._ways(quote):
            if not self.patience.spend(4 * len(self.document.text)):
                return None
            folded = self.folded(way)
            needles = [fold(part, way).text.strip(" ") for part in parts]
            low = folded.place(area.start)
            found: list[Span] = []
            for starts in _chains(folded.text, needles, low):
                spans = [
                    folded.span(start, start + len(needle))
                    for start, needle in zip(starts, needles, strict=True)
                ]
                if way is Way.PLAIN or all(map(same, parts, map(self.document.slice, spans))):
                    found.append(Span(spans[0].start, spans[-1].end))
            within = [span for span in found if span.within(area)]
            if within or (found and all(map(substantial, parts))):
                return min(within or found, key=lambda span: (abs(span.start - area.start), span))
        return None

    def _ways(self, quote: str) -> tuple[Way, ...]:
        loosely = defused(quote) or broken(quote) or self.broken
        return (Way.PLAIN, Way.LOOSE) if loosely else (Way.PLAIN,)

    def _needles(self, quote: str) -> Iterator[tuple[Way, str, str]]:
        for shown in readings(quote):
            for way in self._ways(shown):
                if needle := fold(shown, way).text.strip(" "):
                    yield way, needle, shown

    def _found(self, folded: Folded, way: Way, start: int, needle: str, shown: str) -> Span | None:
        if start < 0:
            return None
        span = folded.span(start, start + len(needle))
        if way is Way.LOOSE and not same(shown, self.document.slice(span)):
            return None
        return span


def _nearest(text: str, needle: str, place: int) -> int:
    """The occurrence next to `place`; -1 for none."""
    after = text.find(needle, place)
    before = -1
    start = text.find(needle, 0, place + len(needle))
    while 0 <= start < place:
        before = start
        # Occurrences that overlap the last one are skipped: this keeps the search linear.
        start = text.find(needle, start + len(needle), place + len(needle))
    if before < 0 or after < 0:
        return max(before, after)
    return before if place - before < after - place else after


def _chains(text: str, needles: list[str], low: int) -> Iterator[list[int]]:
    """Places where the needles follow each other, from `low` on and then from the beginning."""
    for origin in dict.fromkeys((low, 0)):
        start = origin
        for _ in range(CHAINS):
            start = text.find(needles[0], start)
            if start < 0:
                break
            places = [start]
            for needle, other in pairwise(needles):
                end = places[-1] + len(needle)
                place = text.find(other, end, end + GAP + len(other))
                if place < 0:
                    break
                places.append(place)
            if len(places) == len(needles):
                yield places
            start += len(needles[0])

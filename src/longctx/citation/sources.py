"""Finding a quote in one document, word for word.

What may live here: where a text stands. What must never be known here: answers, verdicts, near
matches. The work is bounded: each look through a document is paid for, and when nothing is left,
quotes are still looked up in the place that was given, just not elsewhere.
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

    from longctx.citation.claims import Claim
    from longctx.citation.folding import Folded
    from longctx.structure.places import Area

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

    def inside(self, quote: str, claim: Claim) -> Span | None:
        """Where the quote stands in the place that was given."""
        if not claim.areas:
            return None
        for way, needle, shown in self._needles(quote):
            folded = self.folded(way)
            for area in claim.areas:
                for start in _inside(folded, needle, area):
                    found = self._found(folded, way, start, needle, shown)
                    if found and area.holds(found):
                        return found
        return None

    def anywhere(self, quote: str, claim: Claim) -> Span | None:
        """Where the quote stands, next to the place given if it stands in several."""
        for way, needle, shown in self._needles(quote):
            if not substantial(shown) or not self.patience.spend(len(self.document.text)):
                continue
            folded = self.folded(way)
            start = _nearest(folded.text, needle, folded.place(claim.start))
            if found := self._found(folded, way, start, needle, shown):
                return found
        return None

    def in_pieces(self, quote: str, claim: Claim) -> Span | None:
        """Where the pieces around a quote's ellipses stand, in order and near each other."""
        parts = pieces(quote) if ELLIPSIS.search(quote) else []
        if not any(map(substantial, parts)):
            return None
        for way in self._ways(quote):
            if not self.patience.spend(4 * len(self.document.text)):
                return None
            folded = self.folded(way)
            needles = [fold(part, way).text.strip(" ") for part in parts]
            low = folded.place(claim.start)
            found: list[Span] = []
            for starts in _chains(folded.text, needles, low):
                spans = [
                    folded.span(start, start + len(needle))
                    for start, needle in zip(starts, needles, strict=True)
                ]
                if way is Way.PLAIN or all(map(same, parts, map(self.document.slice, spans))):
                    found.append(Span(spans[0].start, spans[-1].end))
            within = [span for span in found if any(area.holds(span) for area in claim.areas)]
            if within or (found and all(map(substantial, parts))):
                return min(within or found, key=lambda span: (abs(span.start - claim.start), span))
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


def _inside(folded: Folded, needle: str, area: Area) -> Iterator[int]:
    """Where the needle may stand in the area: all of it first, then over its borders."""
    low, high = folded.place(area.span.start), folded.place(area.span.end)
    yield folded.text.find(needle, low, high)
    if area.within != area.span:
        floor = max(folded.place(area.within.start), low - len(needle) + 1)
        ceiling = min(folded.place(area.within.end), high + len(needle) - 1)
        yield folded.text.find(needle, floor, ceiling)


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

"""The index of a corpus: built once, kept up with changes, asked often.

What may live here: the index as a value and the way of a question through it. What must never be
known here: tokens, prompts, engines, files.
"""

from __future__ import annotations

import gc
import heapq
from typing import TYPE_CHECKING, Protocol

from longctx.corpus import Span
from longctx.recall.facts import Facts
from longctx.recall.kinds import ending, is_prose
from longctx.recall.layers import Layers
from longctx.recall.occurring import Occurrence, near
from longctx.recall.order import in_order
from longctx.recall.places import places_in
from longctx.recall.score import Weights, occurrence, worth
from longctx.recall.segment import Segment
from longctx.recall.shown import LINES, Passage, chosen, pieces
from longctx.recall.terms import MAX_QUESTION, weighted_terms_of
from longctx.recall.vocabulary import words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from longctx.corpus import Document
    from longctx.recall.score import Weighed

MEASURED = Weights()
LAYER = 0.2
"""The share of an index that may have changed before it is built anew."""
CLEAR = 2
"""Hits of one term in a line that count."""


class Kept(Protocol):
    """Where facts are kept between runs; the store implements it."""

    def get(self, digest: bytes, kind: str) -> bytes | None:
        """The bytes kept for content of this digest, read as `kind` of file."""
        ...

    def put(self, digest: bytes, kind: str, facts: Facts) -> None:
        """Facts that were not kept; making their bytes is a third of what finding them costs."""
        ...


class Index:
    """Passages of a corpus by what they say."""

    def __init__(self, segments: tuple[Segment, ...], documents: dict[str, Document]) -> None:
        self._documents = documents
        self._layers = Layers(segments, documents)

    @classmethod
    def of(cls, documents: Iterable[Document], kept: Kept | None = None) -> Index:
        """The index of documents in any order; equal ones give equal indexes."""
        by_path = {document.path: document for document in documents}
        ordered = dict(sorted(by_path.items()))
        return cls((_segment(ordered.values(), kept),), ordered)

    def changed(self, documents: Iterable[Document], kept: Kept | None = None) -> Index:
        """The index of these documents, by reading only those that this one has not."""
        ordered = dict(sorted((document.path, document) for document in documents))
        base = self._layers.segments[0]
        known = dict(zip(base.paths, base.digests, strict=True))
        others = [d for path, d in ordered.items() if known.get(path) != d.digest]
        gone = sum(path not in ordered for path in known)
        if len(others) + gone > LAYER * len(ordered):
            return Index((_segment(ordered.values(), kept),), ordered)
        return Index((base, _segment(others, kept)) if others else (base,), ordered)

    def to_bytes(self) -> bytes:
        """What `from_bytes` reads; equal for equal documents that were indexed at once."""
        base, *changed = self._layers.segments
        if changed or self._layers.dead:
            base = _segment(self._documents.values(), None)
        return base.to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes, documents: Iterable[Document]) -> Index:
        """The index of the documents, most of which those of the bytes should be.

        Raises ValueError where the bytes are not an index of this version.
        """
        return cls.over(Segment.from_bytes(data), documents)

    @classmethod
    def over(
        cls, segment: Segment, documents: Iterable[Document], kept: Kept | None = None
    ) -> Index:
        """The index of the documents, from a segment that holds most of them."""
        own = dict.fromkeys(segment.paths)
        ordered = dict(sorted((document.path, document) for document in documents))
        known = {path: document for path, document in ordered.items() if path in own}
        return cls((segment,), known).changed(ordered.values(), kept)

    @property
    def base(self) -> Segment:
        """What lies below the changes; another one than before where they grew too many."""
        return self._layers.segments[0]

    def search(
        self, question: str, limit: int = 12, lines: int = LINES, weights: Weights = MEASURED
    ) -> tuple[Passage, ...]:
        """The best passages, best first; none when nothing in the corpus matches the question.

        Passages do not overlap and have at most `lines` lines.
        """
        if limit < 1:
            return ()
        return chosen(self.passages(question, lines, weights), limit, lines)

    def passages(
        self, question: str, lines: int = LINES, weights: Weights = MEASURED
    ) -> Iterator[Passage]:
        """All passages that match, best first: take as many as there is room for.

        The lines of a long unit that match best come first, its other lines later.
        """
        terms = weighted_terms_of(question, weights.title)
        if not terms:
            return
        values, weighed = worth(terms, self._layers, weights)
        rows = in_order(values, places_in(question[:MAX_QUESTION]), self._layers, weights)
        yield from self._narrowed(rows, self._line_worth(weighed), lines, weights)

    def occurrences(self, question: str, weights: Weights = MEASURED) -> tuple[Occurrence, ...]:
        """The terms of the question, names first, each with what the corpus has of it."""
        terms = weighted_terms_of(question, weights.title)
        return tuple(occurrence(term, importance, self._layers) for term, importance in terms)

    def near(self, word: str, most: int = 3) -> tuple[str, ...]:
        """Words and names of the corpus that are spelled much like this one, the likest first."""
        return near(word, self._layers, most)

    def _narrowed(
        self,
        rows: list[tuple[float, int]],
        line_worth: Callable[[str], float],
        lines: int,
        weights: Weights,
    ) -> Iterator[Passage]:
        """Passages in order, holding back what is worth less than its unit."""
        later: list[tuple[float, int, Span, Document]] = []
        number = 0
        for score, unit in rows:
            while later and -later[0][0] > score:
                worse, _, span, document = heapq.heappop(later)
                yield Passage(document, span, -worse)
            document = self._layers.document(self._layers.owners[unit])
            best = True
            for span in pieces(document, Span(*self._layers.span(unit)), line_worth, lines):
                if best:
                    yield Passage(document, span, score)
                    best = False
                else:
                    number += 1
                    heapq.heappush(later, (-score * weights.rest, number, span, document))
        while later:
            worse, _, span, document = heapq.heappop(later)
            yield Passage(document, span, -worse)

    def _line_worth(self, weighed: list[Weighed]) -> Callable[[str], float]:
        """What the words of a line are worth."""
        grades: dict[bytes, list[tuple[int, float]]] = {}
        for place, found in enumerate(weighed):
            for segment, words in zip(self._layers.segments, found.words, strict=True):
                for word, grade in words.items():
                    own = grades.setdefault(segment.words[word], [])
                    if not own or own[-1][0] != place:
                        own.append((place, found.rarity * grade))

        def line_worth(line: str) -> float:
            held: dict[int, list[float]] = {}
            for word in words_of(line):
                for place, gain in grades.get(word, ()):
                    held.setdefault(place, []).append(gain)
            return sum(sum(sorted(gains)[-CLEAR:]) for _, gains in sorted(held.items()))

        return line_worth


def _segment(documents: Iterable[Document], kept: Kept | None) -> Segment:
    # Millions of small values without a cycle: looking for one is a third of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return Segment.of((d.path, d.digest, _facts(d, kept)) for d in documents)
    finally:
        if collecting:
            gc.enable()


def read_as(path: str) -> str:
    """The kind of file that facts are kept for: what of a path they depend on."""
    return ending(path) + (" in prose" if is_prose(path) else "")


def _facts(document: Document, kept: Kept | None) -> Facts:
    if kept is None:
        return Facts.of(document)
    kind = read_as(document.path)
    known = kept.get(document.digest, kind)
    if known is not None:
        try:
            return Facts.from_bytes(known)
        except ValueError:
            pass  # of another version: read again and kept anew
    facts = Facts.of(document)
    kept.put(document.digest, kind, facts)
    return facts

"""Which units answer a question best: BM25 over a unit's text, names and path.

What may live here: counting hits and weighing them. What must never be known here: how a text is
cut, how a question is split, what is shown to anyone.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.recall.candidates import candidates
from longctx.recall.kinds import Kind, kind_of
from longctx.recall.passages import cut
from longctx.recall.terms import hits, lowered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longctx.corpus import Corpus, Document
    from longctx.recall.passages import Unit
    from longctx.recall.terms import Term


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts how much; measured in docs/evidence.md."""

    name: int = 4
    """A hit in the name that a unit defines, in hits in its text."""
    within: int = 1
    """A hit in the names around it."""
    in_path: int = 2
    saturation: float = 2.0
    """BM25's k: how soon more hits of one term stop to count."""
    length: float = 0.5
    """BM25's b: how much less a hit in a long unit counts."""
    document: float = 0.3
    """What a unit gets of the sum of its document's best `depth` units."""
    depth: int = 3
    repeat: float = 0.9
    """A document's next passage counts less than the one before, so that more files are named."""
    prose: float = 0.8
    test: float = 0.7
    minor: float = 0.5
    candidates: int = 4_000_000
    """Characters of the documents that are cut into units."""

    def of_kind(self, path: str) -> float:
        match kind_of(path):
            case Kind.MINOR:
                return self.minor
            case Kind.TEST:
                return self.test
            case Kind.PROSE:
                return self.prose
            case Kind.MAIN:
                return 1.0


@dataclass(frozen=True, slots=True)
class Scored:
    """A unit and what it is worth."""

    document: Document
    unit: Unit
    score: float
    hits: tuple[tuple[int, float], ...]
    """In order: where in the document, and what each is worth."""


@dataclass(slots=True)
class _Row:
    document: Document
    unit: Unit
    counts: dict[int, float]
    """By term: hits in all fields, weighted by field."""
    hits: list[tuple[int, int, float]]
    """Place, term, count; in order of place."""


def ranked(corpus: Corpus, terms: Sequence[Term], weights: Weights) -> list[Scored]:
    """All units that a term occurs in, best first."""
    documents, factors = candidates(corpus, terms, weights)
    rows: list[_Row] = []
    seen = [0.0] * len(terms)
    cuts = size = 0
    for document in documents:
        units = cut(document)
        in_path = _tally(terms, document.path)
        cuts += len(units)
        size += len(document.text)
        for i in in_path:
            seen[i] += len(units)
        for row in _rows(document, units, terms):
            for i, count in row.counts.items():
                # A word that only begins like the term says little about how rare the term is.
                seen[i] += 0 if i in in_path else min(1.0, count)
            _add_names(row, in_path, terms, weights)
            rows.append(row)
    rarities = [
        _rarity(min(float(cuts), n * factor), cuts) for n, factor in zip(seen, factors, strict=True)
    ]
    return _in_order(_weigh(rows, rarities, size / max(1, cuts), weights), weights)


def _rows(document: Document, units: list[Unit], terms: Sequence[Term]) -> list[_Row]:
    """The units with hits in their text."""
    lower = lowered(document.text)
    starts = [unit.start for unit in units]
    rows: dict[int, _Row] = {}
    found = [
        (place, i, count)
        for i, term in enumerate(terms)
        for place, count in hits(term, document.text, lower)
    ]
    for place, i, count in sorted(found):
        number = bisect_right(starts, place) - 1
        row = rows.get(number)
        if row is None:
            row = rows[number] = _Row(document, units[number], {}, [])
        row.counts[i] = row.counts.get(i, 0.0) + count
        row.hits.append((place, i, count))
    return list(rows.values())


def _add_names(
    row: _Row, in_path: dict[int, float], terms: Sequence[Term], weights: Weights
) -> None:
    fields = (
        (_tally(terms, row.unit.name), weights.name),
        (_tally(terms, row.unit.within), weights.within),
        (in_path, weights.in_path),
    )
    for tally, weight in fields:
        for i, count in tally.items():
            row.counts[i] = row.counts.get(i, 0.0) + weight * count


def _tally(terms: Sequence[Term], text: str) -> dict[int, float]:
    if not text:
        return {}
    lower = lowered(text)
    counts = (sum(count for _, count in hits(term, text, lower)) for term in terms)
    return {i: count for i, count in enumerate(counts) if count}


def _rarity(n: float, cuts: int) -> float:
    """BM25's inverse frequency of a term that `n` of `cuts` units hold."""
    return math.log(1 + (cuts - n + 0.5) / (n + 0.5))


def _weigh(rows: list[_Row], rarities: list[float], mean: float, weights: Weights) -> list[Scored]:
    result = []
    kinds: dict[str, float] = {}
    for row in rows:
        path = row.document.path
        if path not in kinds:
            kinds[path] = weights.of_kind(path)
        longer = (row.unit.end - row.unit.start) / mean
        slack = weights.saturation * (1 - weights.length + weights.length * longer)
        # In the terms' order, not the hits': sums of floats must not depend on more than values.
        held = sum(rarities[i] * tf / (tf + slack) for i, tf in sorted(row.counts.items()))
        places = tuple((place, count * rarities[i]) for place, i, count in row.hits)
        result.append(Scored(row.document, row.unit, held * kinds[path], places))
    return result


def _in_order(rows: list[Scored], weights: Weights) -> list[Scored]:
    """Best first, once each document's best units speak for it and its later ones stand back."""
    by_path: dict[str, list[Scored]] = {}
    for row in sorted(rows, key=lambda row: (-row.score, row.unit.start)):
        by_path.setdefault(row.document.path, []).append(row)
    result = []
    for path in by_path:
        shared = weights.document * sum(row.score for row in by_path[path][: weights.depth])
        for number, row in enumerate(by_path[path]):
            score = (row.score + shared) * weights.repeat**number
            result.append(Scored(row.document, row.unit, score, row.hits))
    return sorted(result, key=lambda row: (-row.score, row.document.path, row.unit.start))

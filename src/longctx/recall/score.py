"""What each unit is worth for a question: BM25 over a unit's text, names and path.

What may live here: counting hits and weighing them. What must never be known here: how a text is
cut, how a question is split, what is shown to anyone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.recall.kinds import Kind
from longctx.recall.matching import FULL, graded, spelled
from longctx.recall.occurring import Occurrence
from longctx.recall.terms import Match
from longctx.recall.vocabulary import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from longctx.recall.layers import Layers
    from longctx.recall.terms import Term

COMMON = 4_000
"""Units from which a term is common."""
FEW = 5
"""Files up to which a path in the question means all of them, whatever they say."""
PHRASES = 400
"""Units that are searched for a phrase's characters."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts how much; measured in docs/evidence.md."""

    name: float = 2.5
    """A hit in the name that a unit defines, in hits in its text."""
    heading: int = 4
    """The same in prose, whose headings say what follows in fewer words than a symbol does."""
    within: int = 1
    """A hit in the names around it."""
    in_path: int = 2
    saturation: float = 2.0
    """BM25's k: how soon more hits of one term stop to count."""
    length: float = 0.5
    """BM25's b: how much less a hit in a long unit counts."""
    title: float = 1.5
    """What the terms of a question's first line count where more lines follow."""
    document: float = 0.3
    """What a unit gets of the sum of its document's best `depth` units."""
    depth: int = 3
    repeat: float = 0.95
    """A document's next passage counts less than the one before, so that more files are named."""
    least: float = 0.6
    """But never less than this."""
    prose: float = 0.8
    test: float = 0.7
    minor: float = 0.5
    place: float = 0.5
    """What a place that a stack trace names adds, of the best unit's worth."""
    neighbour: float = 0.2
    """What a unit gets, at most, of one that uses the name that it defines."""
    neighbours: int = 8
    """Units whose names are followed."""
    meanings: int = 4
    """A name that more units define says nothing."""
    rest: float = 0.6
    """What the rest of a long unit counts, beside its best lines."""

    def of_kind(self, kind: Kind) -> float:
        match kind:
            case Kind.MINOR:
                return self.minor
            case Kind.TEST:
                return self.test
            case Kind.PROSE:
                return self.prose
            case Kind.MAIN:
                return 1.0


@dataclass(frozen=True, slots=True)
class Weighed:
    """A term with what it turned out to mean here."""

    term: Term
    words: tuple[Mapping[int, int], ...]
    """By layer: the graded words."""
    rarity: float


def worth(
    terms: Sequence[tuple[Term, float]], layers: Layers, weights: Weights
) -> tuple[dict[int, float], list[Weighed]]:
    """The worth of each unit that a term occurs in, and the terms with their rarity."""
    mean = layers.length / max(1, layers.size)
    k, b = weights.saturation * FULL, weights.length
    flat, slope = k * (1 - b), k * b / max(1.0, mean)
    lengths = layers.lengths
    weighed = []
    rows: list[tuple[float, int, dict[int, int]]] = []
    for term, importance in terms:
        words = tuple(graded(term, segment) for segment in layers.segments)
        counts = _phrase(term, layers) if _is_phrase(term) else _counts(words, layers)
        held = _held(counts)
        rarity = importance * _rarity(held, layers.size)
        rows.append((held, len(rows), counts))
        weighed.append(Weighed(term, words, rarity))
    result: dict[int, float] = {}
    get = result.get
    for held, number, counts in sorted(rows, key=lambda row: row[:2]):
        found = weighed[number]
        closed = bool(result) and held > COMMON
        if closed:
            # What everything holds finds nothing, it only tells apart what rarer terms found.
            counts = {unit: counts[unit] for unit in result.keys() & counts.keys()}
        _add_names(counts, found, layers, weights, closed)
        rarity = found.rarity
        for unit, count in counts.items():
            gain = rarity * count / (count + flat + slope * lengths[unit])
            result[unit] = get(unit, 0.0) + gain
    return result, weighed


def occurrence(term: Term, importance: float, layers: Layers) -> Occurrence:
    """What the corpus has of one term."""
    words = tuple(graded(term, segment) for segment in layers.segments)
    counts = _phrase(term, layers) if _is_phrase(term) else _counts(words, layers)
    grade = max((grade for matched in words for grade in matched.values()), default=0)
    if _is_phrase(term) and (counts or ("/" in term.text and layers.named(term.text))):
        grade = FULL
    rarity = importance * _rarity(_held(counts), layers.size)
    return Occurrence(term, len(counts), grade / FULL, rarity)


def _held(counts: Mapping[int, int]) -> float:
    """In how many units the term is, where a word that only begins like it counts less."""
    fewer = [count for count in counts.values() if count < FULL]
    return len(counts) - len(fewer) + sum(fewer) / FULL


def _rarity(held: float, size: int) -> float:
    """BM25's inverse frequency of a term that `held` of `size` units hold."""
    held = min(held, size)
    return math.log(1 + (size - held + 0.5) / (held + 0.5))


def _counts(words: Iterable[Mapping[int, int]], layers: Layers) -> dict[int, int]:
    counts: dict[int, int] = {}
    get = counts.get
    for segment, first, matched in zip(layers.segments, layers.firsts, words, strict=True):
        for word, entries in segment.entries.held(matched):
            grade = matched[word]
            for entry in entries:
                unit = (entry >> 8) + first
                counts[unit] = get(unit, 0) + grade * (entry & 255)
    for unit in layers.dead_among(counts):
        del counts[unit]
    return counts


def _is_phrase(term: Term) -> bool:
    return term.match is Match.EXACT and len(words_of(term.text)) != 1


def _phrase(term: Term, layers: Layers) -> dict[int, int]:
    """Units that hold the term's characters, among those that hold all of its words."""
    found: dict[int, int] = {}
    for segment, first in zip(layers.segments, layers.firsts, strict=True):
        common: set[int] | None = None
        for name in words_of(term.text):
            units = {
                entry >> 8 for word in spelled(name, segment) for entry in segment.entries[word]
            }
            common = units if common is None else common & units
            if not common:
                break
        for unit in sorted(common or ())[:PHRASES]:
            if layers.is_live(first + unit):
                count = " ".join(layers.text(first + unit).lower().split()).count(term.text)
                if count:
                    found[first + unit] = FULL * count
    return found


def _add_names(
    counts: dict[int, int], found: Weighed, layers: Layers, weights: Weights, closed: bool
) -> None:
    """Add the hits in names and paths, to units that are hit otherwise or lie within a name.

    `closed`: no unit is added.
    """
    in_paths: dict[int, int] = {}
    dead = layers.dead
    numbers = zip(layers.segments, layers.firsts, layers.document_firsts, found.words, strict=True)
    for segment, first, first_document, matched in numbers:
        for word, units in segment.defined.held(matched):
            gains = int(weights.name * matched[word]), weights.heading * matched[word]
            for unit in units:
                if first + unit in counts:
                    prose = layers.kind(layers.owners[first + unit]) is Kind.PROSE
                    counts[first + unit] += gains[prose]
        for word, units in segment.inside.held(matched):
            gain = weights.within * matched[word]
            for unit in units:
                place = first + unit
                if place in counts:
                    counts[place] += gain
                elif not (closed or place in dead):
                    counts[place] = gain
        for word, documents in segment.in_paths.held(matched):
            gain = weights.in_path * matched[word]
            for document in documents:
                place = first_document + document
                in_paths[place] = in_paths.get(place, 0) + gain
    if "/" in found.term.text:
        named = layers.named(found.term.text)
        for place in named:
            in_paths[place] = in_paths.get(place, 0) + weights.in_path * FULL
            if len(named) <= FEW:
                for unit in layers.units(place):
                    counts.setdefault(unit, 0)
    for place, gain in in_paths.items():
        for unit in layers.units(place):
            if unit in counts:
                counts[unit] += gain


def rarity_of(word: bytes, layers: Layers) -> float:
    """Of one word as it is spelled."""
    return _rarity(layers.spread(word), layers.size)

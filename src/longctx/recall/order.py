"""From the worth of units to their order: places, documents, and the names that units use.

What may live here: what units of one document and of one reference say about each other. What must
never be known here: how a hit counts.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from longctx.recall.kinds import Kind
from longctx.recall.score import rarity_of
from longctx.recall.vocabulary import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from longctx.recall.layers import Layers
    from longctx.recall.places import Place
    from longctx.recall.score import Weights

POOL = 2_500
"""Units whose order is worked out, more where some are of equal worth: beyond any prompt."""
SHORT_NAME = 3
"""Letters from which a name is followed."""


def in_order(
    worth: Mapping[int, float], places: Iterable[Place], layers: Layers, weights: Weights
) -> list[tuple[float, int]]:
    """Score and unit, best first; equal scores by path and place."""
    factors = {kind: weights.of_kind(kind) for kind in Kind}
    owners, kind = layers.owners, layers.kind
    held = {unit: value * factors[kind(owners[unit])] for unit, value in worth.items()}
    if len(held) > POOL:
        least = sorted(held.values(), reverse=True)[POOL]
        held = {unit: value for unit, value in held.items() if value >= least}
    best = max(held.values(), default=1.0)
    for unit in _at(places, layers):
        held[unit] = held.get(unit, 0.0) + weights.place * best
    return _followed(_by_document(held, layers, weights), layers, weights)


def _sorted(scores: Iterable[tuple[float, int]], layers: Layers) -> list[tuple[float, int]]:
    def key(row: tuple[float, int]) -> tuple[float, str, int]:
        score, unit = row
        return -score, layers.document(layers.owners[unit]).path, layers.span(unit)[0]

    return sorted(scores, key=key)


def _by_document(
    held: Mapping[int, float], layers: Layers, weights: Weights
) -> list[tuple[float, int]]:
    """Each document's best units speak for it, and its later ones stand back."""
    documents: dict[int, list[tuple[float, int]]] = {}
    for unit, value in held.items():
        documents.setdefault(layers.owners[unit], []).append((-value, unit))
    result = []
    for rows in documents.values():
        rows.sort()
        shared = weights.document * -math.fsum(value for value, _ in rows[: weights.depth])
        factor = 1.0
        for value, unit in rows:
            result.append(((shared - value) * factor, unit))
            factor = max(weights.least, factor * weights.repeat)
    return _sorted(result, layers)


def _followed(
    rows: list[tuple[float, int]], layers: Layers, weights: Weights
) -> list[tuple[float, int]]:
    """What the best units use stands nearer: the definitions of the names in them."""
    if not weights.neighbour or not rows:
        return rows
    rarest = math.log(1 + layers.size / 1.5)
    gains: dict[int, float] = {}
    for score, unit in rows[: weights.neighbours]:
        for word in dict.fromkeys(words_of(layers.text(unit))):
            if len(word) < SHORT_NAME:
                continue
            targets = layers.defined(word)
            if not 0 < len(targets) <= weights.meanings:
                continue
            gain = score * rarity_of(word, layers) / rarest / math.sqrt(len(targets))
            for target in targets:
                if target != unit:
                    gains[target] = max(gains.get(target, 0.0), gain)
    if not gains:
        return rows
    scores = {unit: score for score, unit in rows}
    for unit, gain in gains.items():
        gain *= weights.neighbour * weights.of_kind(layers.kind(layers.owners[unit]))
        scores[unit] = scores.get(unit, 0.0) + gain
    return _sorted([(score, unit) for unit, score in scores.items()], layers)


def _at(places: Iterable[Place], layers: Layers) -> list[int]:
    """The units that the places mean, where the corpus has their files."""
    found: dict[int, None] = {}
    for place in places:
        documents = _of_path(place.path, layers)
        if len(documents) > 2:
            continue
        for number in documents:
            unit = _unit_at(place, number, layers)
            if unit is not None:
                found[unit] = None
    return list(found)


def _of_path(path: str, layers: Layers) -> list[int]:
    """The documents that end in the longest end of the path that any ends in."""
    parts = [part for part in path.split("/") if part not in ("", ".", "..")]
    if not parts:
        return []
    named = layers.by_name.get(parts[-1], [])
    for size in range(len(parts), 0, -1):
        tail = "/".join(parts[-size:])
        found = [
            number
            for number in named
            if (own := layers.document(number).path) == tail or own.endswith("/" + tail)
        ]
        if found:
            return found
    return []


def _unit_at(place: Place, document: int, layers: Layers) -> int | None:
    """By the function's name, which outlives edits; else by the line."""
    units = layers.units(document)
    if place.name:
        name = place.name.encode()
        named = [unit for unit in layers.defined(name) if unit in units]
        if named:
            return named[0]
    found = layers.document(document)
    if not 1 <= place.line <= found.line_count:
        return None
    start = found.line_starts[place.line - 1]
    for unit in units:
        if layers.span(unit)[0] <= start < layers.span(unit)[1]:
            return unit
    return None

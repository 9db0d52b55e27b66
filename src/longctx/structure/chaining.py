"""Which marks make one increasing row of numbers: the heaviest chain, found in one pass.

What may live here: sequences of numbers. What must never be known here: how a mark looks or what
its label is. A table of contents and the text have the same numbers; the weights decide.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Numbers = tuple[int, ...]

_SKIPPED = 0.45
"""What each number left out costs: some clauses are deleted, some marks are not seen."""
_ODD = 1.1
"""What a first number other than 1 costs."""
_REACH = 4
"""How far a number may be from the one before."""


@dataclass(frozen=True, slots=True)
class Link:
    """One number in question."""

    number: Numbers
    weight: float
    """How likely it is a clause's, from 0 to 2."""


@dataclass(frozen=True, slots=True)
class Chain:
    """Some links, by their places in what was given."""

    weight: float
    places: tuple[int, ...]


NONE = Chain(0.0, ())


def decimal_chain(links: Sequence[Link]) -> Chain:
    """The heaviest row such as 1, 1.1, 1.1.1, 1.2, 2, 3, 3.1."""
    scores: list[float] = []
    before: list[int] = []
    exactly: dict[Numbers, int] = {}
    below: dict[Numbers, int] = {}
    """By prefix: the best chain so far that ends in a number that begins so."""
    for place, link in enumerate(links):
        number = link.number
        best, origin = _beginning(number), -1
        for cost, earlier in _predecessors(number, exactly, below):
            if scores[earlier] - cost > best:
                best, origin = scores[earlier] - cost, earlier
        scores.append(best + link.weight)
        before.append(origin)
        if number not in exactly or scores[exactly[number]] < scores[place]:
            exactly[number] = place
        for length in range(1, len(number) + 1):
            prefix = number[:length]
            if prefix not in below or scores[below[prefix]] < scores[place]:
                below[prefix] = place
    return _heaviest(scores, before)


def _beginning(number: Numbers) -> float:
    """What a row that begins with this number starts from."""
    return -_ODD * (sum(number) - len(number)) - 0.3 * (len(number) - 1)


def _predecessors(
    number: Numbers, exactly: dict[Numbers, int], below: dict[Numbers, int]
) -> Iterable[tuple[float, int]]:
    """What may stand before a number, with its cost."""
    parent, last = number[:-1], number[-1]
    for gap in range(1, min(_REACH, last - 1) + 1):
        found = below.get((*parent, last - gap))
        if found is not None:
            yield _SKIPPED * (gap - 1), found
    found = exactly.get(parent)
    if found is not None:
        yield min(1.4, _SKIPPED * (last - 1)), found
    # 2.1 where 2 itself has no mark of its own, or one that was not seen.
    for gap in range(1, min(_REACH, parent[-1] - 1) + 1) if parent else ():
        found = below.get((*parent[:-1], parent[-1] - gap))
        if found is not None:
            yield 0.2 + _SKIPPED * (gap - 1 + last - 1), found


def rising_chain(links: Sequence[Link]) -> Chain:
    """The heaviest row that rises, whatever it skips: the sections of an excerpt of a statute."""
    keys = sorted({link.number for link in links})
    tree = [-1] * (len(keys) + 1)
    scores: list[float] = []
    before: list[int] = []
    for place, link in enumerate(links):
        rank = bisect_left(keys, link.number) + 1
        origin, node = -1, rank - 1
        while node:
            if tree[node] >= 0 and (origin < 0 or scores[tree[node]] > scores[origin]):
                origin = tree[node]
            node &= node - 1
        scores.append(link.weight + (scores[origin] if origin >= 0 else 0.0))
        before.append(origin)
        node = rank
        while node < len(tree):
            if tree[node] < 0 or scores[tree[node]] < scores[place]:
                tree[node] = place
            node += node & -node
    return _heaviest(scores, before)


def _heaviest(scores: list[float], before: list[int]) -> Chain:
    if not scores:
        return NONE
    place = max(range(len(scores)), key=scores.__getitem__)
    weight, places = scores[place], []
    while place >= 0:
        places.append(place)
        place = before[place]
    return Chain(weight, tuple(reversed(places)))

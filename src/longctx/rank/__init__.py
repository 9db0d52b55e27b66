"""The order in which files deserve room that no question has claimed: the static core's order.

Pure: facts in, paths out. What may live here: how popularity, size, tier and age become one order.
What must never be known here: budgets, prompts, where facts are kept. Equal facts give the same
order to the byte, on any machine, whatever order they came in.
"""

from __future__ import annotations

from itertools import pairwise
from math import sqrt
from typing import TYPE_CHECKING

from longctx.rank.graph import Graph, connected, popularity
from longctx.rank.mentions import mentions_in
from longctx.rank.packing import graph_packed, graph_unpacked, packed, unpacked
from longctx.rank.values import FileFacts, Mentions

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "VERSION",
    "FileFacts",
    "Graph",
    "Mentions",
    "connected",
    "graph_packed",
    "graph_unpacked",
    "mentions_in",
    "packed",
    "ranked",
    "scores",
    "unpacked",
]

VERSION = "1"
"""Part of every cache key of mentions: rises when equal texts get others."""

TIER = 0.6
"""What a step of `keep` multiplies."""
SMALLEST = 800
"""Sizes below count as this, so that tiny files do not come first for being tiny."""
RECENT = 0.5
"""What the file that changed last gains over the one that did not for longest."""
DIGITS = 9
"""Decimals that are compared; ties go by path."""


def ranked(files: Iterable[FileFacts], graph: Graph | None = None) -> tuple[str, ...]:
    """The paths of all files, best first. Raises ValueError on a twin path.

    `graph` is what `connected` says of these very files; it is made where none is given.
    """
    return tuple(path for path, _ in scores(files, graph))


def scores(files: Iterable[FileFacts], graph: Graph | None = None) -> tuple[tuple[str, float], ...]:
    """Path and score, best first, ties in the order of the paths."""
    known = sorted(files, key=lambda each: each.path)
    if any(a.path == b.path for a, b in pairwise(known)):
        raise ValueError("two files of one path")
    graph = graph or connected(known)
    if graph.paths != tuple(each.path for each in known):
        raise ValueError("the graph of other files")
    leaned = popularity(graph.rows, [_tier(each) for each in known])
    oldest = max((each.age for each in known if each.age is not None), default=0.0)
    rows = [
        (each.path, round(_score(each, popular, oldest), DIGITS))
        for each, popular in zip(known, leaned, strict=True)
    ]
    return tuple(sorted(rows, key=lambda row: (-row[1], row[0])))


def _tier(each: FileFacts) -> float:
    weight = 1.0
    for _ in range(max(0, each.keep)):  # a product is the same everywhere, a power may not be
        weight *= TIER
    return weight


def _score(each: FileFacts, popular: float, oldest: float) -> float:
    # A long file needs to be leaned on more, though not in proportion to its length.
    score = popular * _tier(each) / sqrt(max(each.size, SMALLEST) / SMALLEST)
    if each.age is not None and oldest > 0:
        score *= 1.0 + RECENT * (1.0 - each.age / oldest)
    return score

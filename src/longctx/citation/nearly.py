"""Finding a quote in a text that has nearly the same words.

What may live here: similarity. What must never be known here: answers, verdicts. A near match is
looked for only where words of the quote stand together, so that long texts cost little.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from rapidfuzz.distance import Indel

if TYPE_CHECKING:
    from collections.abc import Iterator

ALIKE = 0.9
"""Similarity from which two passages are the same but for slips (1 is equal)."""
SHORTEST = 24
"""Characters below which nearly the same is too easily something else."""
LONGEST = 4_000
"""Characters compared at once; a longer quote is compared in parts that follow each other."""
PARTS = 16
_SEEDS = 48
_TIMES = 24
_WINDOWS = 3
_WORD = re.compile(r"\w{4,40}")


def nearly(text: str, quote: str, near: int) -> tuple[int, int] | None:
    """The characters of `text` that nearly are `quote`, of equals those next to `near`."""
    if len(quote) < SHORTEST or len(quote) > LONGEST * PARTS:
        return None
    parts = -(-len(quote) // LONGEST)
    size = -(-len(quote) // parts)
    start = end = -1
    for number in range(parts):
        part = quote[number * size : (number + 1) * size]
        found = _placed(text, part, near if end < 0 else end)
        if found is None or (end >= 0 and not -size // 8 <= found[0] - end <= size // 8):
            return None
        start, end = found[0] if start < 0 else start, found[1]
    return start, end


def _placed(text: str, quote: str, near: int) -> tuple[int, int] | None:
    slack = max(16, len(quote) // 8)
    best: tuple[float, int, int, int] | None = None
    for offset in _offsets(text, quote, slack, near):
        low = max(0, offset - slack)
        window = text[low : max(0, offset) + len(quote) + 2 * slack]
        start, end = _trimmed(quote, window)
        alike = Indel.normalized_similarity(quote, window[start:end], score_cutoff=ALIKE)
        if alike >= ALIKE:
            rank = (alike, -abs(low + start - near), low + start, low + end)
            best = rank if best is None else max(best, rank)
    return best and (best[2], best[3])


def _offsets(text: str, quote: str, slack: int, near: int) -> Iterator[int]:
    """Where the quote may begin, the places that most of its words agree on first."""
    votes: list[tuple[int, float]] = []
    for seed, place in _seeds(quote):
        found: list[int] = []
        start = text.find(seed)
        while start >= 0 and len(found) < _TIMES:
            found.append(start)
            start = text.find(seed, start + len(seed))
        if start >= 0:  # frequent: only those around the lines that were given
            found = []
            start = text.find(seed, max(0, near - 2 * len(quote)))
            while start >= 0 and len(found) < _TIMES:
                found.append(start)
                start = text.find(seed, start + len(seed))
        votes += [(start - place, len(seed) / (1 + len(found))) for start in found]
    votes.sort()
    for _ in range(_WINDOWS):
        if not votes:
            return
        offset = _densest(votes, slack, near)
        yield offset
        first, last = bisect_left(votes, (offset - slack,)), bisect_left(votes, (offset + slack,))
        del votes[first : max(last, first + 1)]


def _densest(votes: list[tuple[int, float]], slack: int, near: int) -> int:
    best, chosen, held, first = (-1.0, 0), votes[0][0], 0.0, 0
    for offset, weight in votes:
        held += weight
        while votes[first][0] < offset - slack:
            held -= votes[first][1]
            first += 1
        rank = (round(held, 6), -abs(offset - near))
        if rank > best:
            best, chosen = rank, votes[first][0]
    return chosen


def _seeds(quote: str) -> list[tuple[str, int]]:
    """Words of the quote, the longest first; bits of it where it has few words."""
    words = {match[0]: match.start() for match in _WORD.finditer(quote)}
    seeds = sorted(words.items(), key=lambda item: (-len(item[0]), item[1]))[:_SEEDS]
    if len(seeds) < 8:
        step = max(8, len(quote) // _SEEDS)
        seeds += [(quote[i : i + 8], i) for i in range(0, len(quote) - 7, step)]
    return seeds


def _trimmed(quote: str, window: str) -> tuple[int, int]:
    """The part of the window that the quote is aligned with, without stray letters at its ends."""
    blocks = [
        (code.src_start, code.dest_start, code.src_end - code.src_start)
        for code in Indel.opcodes(quote, window)
        if code.tag == "equal"
    ]
    if not blocks:
        return 0, 0
    while len(blocks) > 1 and _gap(blocks[0], blocks[1]) > blocks[0][2]:
        del blocks[0]
    while len(blocks) > 1 and _gap(blocks[-2], blocks[-1]) > blocks[-1][2]:
        del blocks[-1]
    start, end = blocks[0][1], blocks[-1][1] + blocks[-1][2]
    before = blocks[0][0]
    while before and start and quote[before - 1] == window[start - 1]:
        before, start = before - 1, start - 1
    return start, end


def _gap(one: tuple[int, int, int], other: tuple[int, int, int]) -> int:
    """Characters of the window between two blocks that the quote does not have."""
    return (other[1] - one[1]) - (other[0] - one[0])

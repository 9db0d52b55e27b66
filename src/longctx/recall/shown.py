"""From ranked units to the passages that are shown: narrowed to their best lines, few.

What may live here: how much of a unit a person reads. What must never be known here: the question.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from longctx.corpus import Span
from longctx.recall.line_rules import SENTENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from longctx.corpus import Document

LINES = 40
CHARS = 4_000
LONG_LINE = 300
"""Characters from which a line counts as several, a sentence each: nobody has wrapped it."""
SHORT_SENTENCE = 100
LOOK = 10
"""Passages that are looked at for each that is shown."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a document that answers the question."""

    document: Document
    span: Span
    score: float
    """Only comparable with the other passages of the same question."""


def chosen(found: Iterable[Passage], limit: int, lines: int = LINES) -> tuple[Passage, ...]:
    """The best `limit` passages; neighbours are joined while they stay short enough to read.

    Half of them may be of one document while others answer too.
    """
    result: list[Passage] = []
    waiting: list[Passage] = []
    for passage in islice(found, LOOK * limit):
        for i, earlier in enumerate(result):
            if joined := _joined(earlier, passage, lines):
                result[i] = replace(earlier, span=joined)
                break
        else:
            if len(result) == limit:
                break
            own = sum(each.document is passage.document for each in result)
            (waiting if own > limit // 2 else result).append(passage)
    result += waiting[: limit - len(result)]
    return tuple(sorted(result, key=lambda passage: -passage.score))


def _joined(one: Passage, other: Passage, lines: int) -> Span | None:
    """Both in one span, where they are of one document with nothing but white space between."""
    first, second = sorted((one.span, other.span))
    if one.document is not other.document or one.document.text[first.end : second.start].strip():
        return None
    both = Span(first.start, second.end)
    return both if _fits(one.document, both, lines) else None


def _fits(document: Document, span: Span, lines: int) -> bool:
    return len(span) <= CHARS and document.text.count("\n", span.start, span.end) < lines


def pieces(
    document: Document, unit: Span, worth: Callable[[str], float], lines: int = LINES
) -> Iterator[Span]:
    """The unit's lines, the best stretch first and then the rest in order, without empty ends.

    No piece has more than `lines` lines or `CHARS` characters. `worth` says what a line counts.
    """
    text = document.text
    whole = _trimmed(text, unit.start, unit.end)
    if not len(whole):
        return
    if _fits(document, whole, lines):
        yield whole
        return
    starts = _line_starts(text, whole)
    first, last = _best_stretch(starts, [worth(text[a:b]) for a, b in _pairs(starts)], lines)
    best = _trimmed(text, starts[first], starts[last])
    if len(best) > CHARS:
        best = _around(text, best, worth)
    yield best
    for start, end in ((whole.start, best.start), (best.end, whole.end)):
        yield from _chunks(text, start, end, lines)


def _line_starts(text: str, whole: Span) -> list[int]:
    """Where the lines begin, and the sentences of long lines; and the end."""
    starts = [whole.start]
    place = whole.start
    while place < whole.end:
        stop = text.find("\n", place, whole.end) + 1 or whole.end
        if stop - place > LONG_LINE:
            for found in SENTENCE.finditer(text, place, stop):
                if found.end() - starts[-1] > SHORT_SENTENCE and found.end() < stop:
                    starts.append(found.end())
        starts.append(stop)
        place = stop
    return starts


def _pairs(starts: list[int]) -> Iterator[tuple[int, int]]:
    return itertools.pairwise(starts)


def _best_stretch(starts: list[int], worth: list[float], lines: int) -> tuple[int, int]:
    """Lines `first <= i < last` that fit and hold the most; the earliest of equals."""
    best, result, first, held = -1.0, (0, 1), 0, 0.0
    for last in range(1, len(starts)):
        held += worth[last - 1]
        while last - first > 1 and (last - first > lines or starts[last] - starts[first] > CHARS):
            held -= worth[first]
            first += 1
        if held > best + 1e-9:
            best, result = held, (first, last)
    first, last = result
    while last - first < lines and last < len(starts) - 1:
        if starts[last + 1] - starts[first] > CHARS:
            break
        last += 1
    return first, last


def _around(text: str, span: Span, worth: Callable[[str], float]) -> Span:
    """The best stretch of one endless line."""
    step = CHARS // 8
    starts = range(span.start, span.end, step)
    values = [worth(text[start : min(span.end, start + step)]) for start in starts]
    best = max(range(len(values)), key=lambda i: (values[i], -i))
    start = max(span.start, starts[best] - step)
    return _trimmed(text, start, min(span.end, start + CHARS))


def _chunks(text: str, start: int, end: int, lines: int) -> Iterator[Span]:
    """What lies there in pieces that fit."""
    while start < end:
        place, limit = start, min(end, start + CHARS)
        for _ in range(lines):
            place = text.find("\n", place, limit) + 1
            if not place:
                place = limit
                break
        span = _trimmed(text, start, place)
        if len(span):
            yield span
        start = place


def _trimmed(text: str, start: int, end: int) -> Span:
    """The same lines without empty ones at either end."""
    while start < end and text[end - 1].isspace():
        end -= 1
    while (
        start < end and (stop := text.find("\n", start, end)) >= 0 and not text[start:stop].strip()
    ):
        start = stop + 1
    return Span(start, end)

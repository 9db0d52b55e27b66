"""From ranked units to the passages that are shown: narrowed, merged, few.

What may live here: how much of a unit a person reads. What must never be known here: the question.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from longctx.corpus import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longctx.corpus import Document
    from longctx.recall.score import Scored

LINES = 40
CHARS = 4_000


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a document that answers the question."""

    document: Document
    span: Span
    score: float
    """Only comparable with the other passages of the same question."""


def chosen(rows: Sequence[Scored], limit: int) -> tuple[Passage, ...]:
    """The best `limit` passages; neighbours are joined while they stay short enough to read."""
    result: list[Passage] = []
    for row in rows:
        found = Passage(row.document, narrowed(row), row.score)
        for i, earlier in enumerate(result):
            if joined := _joined(earlier, found):
                result[i] = replace(earlier, span=joined)
                break
        else:
            if len(result) == limit:
                break
            result.append(found)
    return tuple(result)


def _joined(one: Passage, other: Passage) -> Span | None:
    """Both in one span, where they are of one document with nothing but white space between."""
    first, second = sorted((one.span, other.span))
    if one.document is not other.document or one.document.text[first.end : second.start].strip():
        return None
    both = Span(first.start, second.end)
    return both if _fits(one.document, both) else None


def _fits(document: Document, span: Span) -> bool:
    return len(span) <= CHARS and document.text.count("\n", span.start, span.end) < LINES


def narrowed(row: Scored) -> Span:
    """The unit without empty ends; the stretch with the best hits when it is too long to show."""
    document, text = row.document, row.document.text
    whole = _trimmed(text, row.unit.start, row.unit.end)
    if _fits(document, whole):
        return whole
    starts = [whole.start]
    while (place := text.find("\n", starts[-1], whole.end) + 1) and place < whole.end:
        starts.append(place)
    starts.append(whole.end)
    worth = [0.0] * len(starts)
    line = 0
    for place, value in row.hits:
        while line + 1 < len(starts) - 1 and starts[line + 1] <= place:
            line += 1
        worth[line] += value
    first, last = _best_stretch(starts, worth)
    span = _trimmed(text, starts[first], starts[last])
    return span if len(span) <= CHARS else _around(text, span, row)


def _best_stretch(starts: list[int], worth: list[float]) -> tuple[int, int]:
    """Lines `first <= i < last` that fit and hold the most; the earliest of equals."""
    best, result, first, held = -1.0, (0, 1), 0, 0.0
    for last in range(1, len(starts)):
        held += worth[last - 1]
        while last - first > 1 and (last - first > LINES or starts[last] - starts[first] > CHARS):
            held -= worth[first]
            first += 1
        if held > best + 1e-9:
            best, result = held, (first, last)
    return result


def _around(text: str, span: Span, row: Scored) -> Span:
    """A stretch of one endless line, around its first hit."""
    inside = [place for place, _ in row.hits if span.start <= place < span.end]
    start = max(span.start, min(inside, default=span.start) - CHARS // 8)
    return _trimmed(text, start, min(span.end, start + CHARS))


def _trimmed(text: str, start: int, end: int) -> Span:
    """The same lines without empty ones at either end."""
    while start < end and text[end - 1].isspace():
        end -= 1
    while (
        start < end and (stop := text.find("\n", start, end)) >= 0 and not text[start:stop].strip()
    ):
        start = stop + 1
    return Span(start, end)

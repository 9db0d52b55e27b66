"""A quote made of lines that do not all follow each other.

What may live here: how a quote is cut and joined, so that it is looked up as it stands. What must
never be known here: why these lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.corpus import Document, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from longctx.excerpts.wording import Wording

LEFT_OUT = "[...]"
"""What stands for lines that are left out; citations read it so."""
SMALL = 4
"""Lines between two parts from which some are left out."""
LONGEST = 600
"""Characters of one line that are quoted."""
BEFORE = 150
"""Characters of them before what is looked for."""


@dataclass(frozen=True, slots=True)
class Quote:
    """Parts of one document, in order."""

    document: Document
    spans: tuple[Span, ...]

    @property
    def span(self) -> Span:
        """From the first character to the last."""
        return Span(self.spans[0].start, self.spans[-1].end)

    @property
    def text(self) -> str:
        """The parts, with a mark on a line of its own for what is left out between them."""
        parts = [self.document.slice(self.spans[0]).rstrip()]
        for span in self.spans[1:]:
            part = self.document.slice(span).rstrip()
            indent = part[: len(part) - len(part.lstrip())]
            parts += [indent + LEFT_OUT, part]
        return "\n".join(parts)


def quote(document: Document, lines: Iterable[tuple[int, int]], wording: Wording) -> Quote:
    """The quote of these lines (first and last, in order); parts that meet are one.

    Of lines that nobody can read to the end, the part around the words of the question.
    """
    joined: list[tuple[int, int]] = []
    for first, last in lines:
        if joined and first <= joined[-1][1] + SMALL:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    spans = tuple(document.span_of(*each) for each in joined)
    if any(_endless(document, each) for each in joined):
        spans = (_around(document, spans, wording),)
    return Quote(document, spans)


def _endless(document: Document, lines: tuple[int, int]) -> bool:
    first, last = lines
    return any(len(document.span_of(line, line)) > LONGEST for line in range(first, last + 1))


def _around(document: Document, spans: Sequence[Span], wording: Wording) -> Span:
    """The stretch of the spans that is worth most, no longer than one line may be."""
    step = LONGEST - BEFORE
    starts = [start for span in spans for start in range(span.start, span.end, step)]
    texts = [document.text[start : start + LONGEST] for start in starts[:STRETCHES]]
    worth = [wording.worth(text) for text in texts]
    start = starts[worth.index(max(worth))]
    whole = next(span for span in spans if span.start <= start < span.end)
    return Span(start, min(whole.end, start + LONGEST))


STRETCHES = 200
"""Stretches of endless lines that are looked at."""

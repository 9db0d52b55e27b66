"""From a passage of code to the definition around it: its head, and the lines that matter.

What may live here: which lines of a definition are quoted. What must never be known here: which
passages there are, prose.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.excerpts.pieces import Quote, quote
from longctx.excerpts.wording import best_line
from longctx.outline.values import DETAILS, HOLDERS, Kind
from longctx.recall.terms import SUBWORD

if TYPE_CHECKING:
    from longctx.corpus import Document
    from longctx.excerpts.wording import Wording
    from longctx.outline import Definition, Outline
    from longctx.recall import Passage

WHOLE = 16
"""Lines up to which a definition is quoted whole."""
HEAD = 6
"""Lines of a signature."""
STRETCH = 9
"""Lines of the stretch that matters most in a longer one."""
BEGINNING = 8
"""Lines of it where none holds a word of the question."""
WHOLLY = 1.5
"""What a name counts that has no word but the question's."""
FAR = 60
"""Lines from the head to the stretch, above which the head is named and not quoted."""
READ = 400
"""Lines of one definition that are looked at."""


@dataclass(frozen=True, slots=True)
class Block:
    """What is quoted of one passage of code."""

    quote: Quote
    definition: Definition | None
    """The innermost that holds the best line; None outside of any."""
    named: float
    """How much the definition's name is the question's: what part of the question it holds, less
    for what it holds beside, and up to `WHOLLY` where that is nothing."""


def block(passage: Passage, outline: Outline, wording: Wording) -> Block:
    """What to quote of the passage."""
    document = passage.document
    first, last = document.lines_of(passage.span)
    lines = [document.slice(document.span_of(n, n)) for n in range(first, last + 1)]
    best = first + best_line(wording, lines)
    held = _innermost(outline, best) or _innermost(outline, first)
    if held is None:
        stretch = _stretch(document, first, last, wording)
        return Block(quote(document, [stretch], wording), None, 0.0)
    first, last = _body(held, first, last)
    return Block(
        quote(document, _shown(document, held, first, last, wording), wording),
        held,
        _named(held, wording),
    )


def _named(held: Definition, wording: Wording) -> float:
    parts = SUBWORD.findall(held.name) or [held.name]
    own = sum(any(wording.held(part)) for part in parts) / len(parts)
    return wording.share(held.qualified) * (WHOLLY if own == 1 else (1 + own) / 2)


def is_meant(held: Definition, wording: Wording) -> bool:
    """Whether the question names this definition."""
    return any(each.term.text == held.name.lower() for each in wording.names)


def _innermost(outline: Outline, line: int) -> Definition | None:
    around = [
        each
        for each in outline.definitions
        if each.first <= line <= each.last
        and each.kind is not Kind.HEADING
        and (each.kind not in DETAILS or each.depth == 0)
    ]
    return max(around, key=lambda each: each.depth, default=None)


def _body(held: Definition, first: int, last: int) -> tuple[int, int]:
    """The lines that the definition may be quoted with: of a class those of the passage."""
    if held.kind in HOLDERS or held.kind is Kind.MODULE:
        return max(first, held.first), min(last, held.last)
    return held.first, held.last


def _shown(
    document: Document, held: Definition, first: int, last: int, wording: Wording
) -> list[tuple[int, int]]:
    head = document.line_of(held.signature.start)
    head_end = document.line_of(max(held.signature.start, held.signature.end - 1))
    head_end = min(head_end, head + HEAD - 1)
    if last - head < WHOLE and last >= head_end:
        return [(head, last)]
    after = max(first, head_end + 1)
    if after > last:
        return [(head, head_end)]
    stretch = _stretch(document, after, min(last, after + READ), wording)
    return [stretch] if stretch[0] - head > FAR else [(head, head_end), stretch]


def _stretch(document: Document, first: int, last: int, wording: Wording) -> tuple[int, int]:
    """The lines that hold most of the question, and of the best ones the first that do."""
    texts = [document.slice(document.span_of(n, n)) for n in range(first, last + 1)]
    worth = [wording.worth(text[:2_000]) for text in texts]
    best, chosen = -1.0, 0
    for start in range(max(1, len(texts) - STRETCH + 1)):
        window = "".join(text[:2_000] for text in texts[start : start + STRETCH])
        value = wording.worth(window) + 0.1 * sum(worth[start : start + STRETCH])
        if value > best + 1e-9:
            best, chosen = value, start
    end = min(len(texts), chosen + STRETCH)
    if not any(worth[chosen:end]):
        return first, first + min(BEGINNING, len(texts)) - 1
    while end - chosen > 1 and not any(worth[end - 2 : end]):
        end -= 1
    while end - chosen > 2 and not any(worth[chosen : chosen + 2]):
        chosen += 1
    return first + chosen, first + end - 1

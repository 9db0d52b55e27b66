"""What a verdict is, and the reasons that a person reads with it.

What may live here: the rules that turn what was found into verdicts. What must never be known here:
how anything was found. A quote that is there with slips is never verified.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.citation.readings import readings, substantial
from longctx.citation.values import Verdict

if TYPE_CHECKING:
    from longctx.citation.references import Reference
    from longctx.citation.values import Citation, Lines
    from longctx.corpus import Span

NO_DOCUMENT = "no such document in the corpus"
NOT_THERE = "the quote is not in the document"
NO_QUOTE = "no quote given for these lines"
NOTHING_GIVEN = "neither lines nor a quote given"
TOO_SHORT = "the quote is too short to be looked for outside its lines"
DIFFERS = "quote differs slightly"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one place that the answer names."""

    reference: Reference
    quote: str
    """Empty where none was found in the answer."""
    extent: Span | None
    """Where the quote stands in the answer."""
    span: Span | None
    """Where it stands in the document."""
    exact: bool = True


def verdict(outcome: Outcome) -> tuple[Verdict, str]:
    """The verdict on a quoted citation, and why."""
    reference, document = outcome.reference, outcome.reference.document
    if document is None:
        return Verdict.NOT_FOUND, NO_DOCUMENT
    if outcome.span is None:
        short = not any(map(substantial, readings(outcome.quote)))
        return Verdict.NOT_FOUND, TOO_SHORT if short else NOT_THERE
    first, last = document.lines_of(outcome.span)
    claimed = reference.claimed
    placed = claimed is None or (claimed[0] <= first and last <= claimed[1] <= document.line_count)
    reasons = [] if outcome.exact else [DIFFERS]
    if claimed is not None and not placed:
        reasons.append(f"lines were off: {_lines(claimed)} said, {_lines((first, last))} true")
    return Verdict.REPAIRED if reasons else Verdict.VERIFIED, "; ".join(reasons)


def borrowed(citation: Citation) -> str:
    """Why a place without a quote has the verdict of this citation, whose lines overlap it."""
    if citation.lines is None:
        return citation.reason
    return "; ".join(filter(None, (f"its quote is at {_lines(citation.lines)}", citation.reason)))


def _lines(lines: Lines) -> str:
    return str(lines[0]) if lines[0] == lines[1] else f"{lines[0]}-{lines[1]}"

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
    from longctx.citation.claims import Claim
    from longctx.citation.references import Reference
    from longctx.citation.values import Citation, Lines
    from longctx.corpus import Span

NO_DOCUMENT = "no such document in the corpus"
NOT_THERE = "the quote is not in the document"
NO_QUOTE = "no quote given for these lines"
NO_QUOTE_THERE = "no quote given for this place"
NOTHING_GIVEN = "neither lines nor a quote given"
TOO_SHORT = "the quote is too short to be looked for outside its lines"
TOO_SHORT_THERE = "the quote is too short to be looked for outside its place"
DIFFERS = "quote differs slightly"
LONGEST = 80
"""Characters of what the answer wrote that a reason repeats."""


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


def verdict(outcome: Outcome, where: str) -> tuple[Verdict, str]:
    """The verdict on a quoted citation, and why; `where` it stands, if the document has names."""
    reference, document = outcome.reference, outcome.reference.document
    claim = reference.claim
    if document is None:
        return Verdict.NOT_FOUND, NO_DOCUMENT
    if outcome.span is None:
        if any(map(substantial, readings(outcome.quote))):
            return Verdict.NOT_FOUND, NOT_THERE
        named = claim.said and claim.lines is None
        return Verdict.NOT_FOUND, TOO_SHORT_THERE if named else TOO_SHORT
    reasons = [] if outcome.exact else [DIFFERS]
    if claim.said and not claim.holds(outcome.span):
        reasons.append(off(claim, document.lines_of(outcome.span), where))
    return Verdict.REPAIRED if reasons else Verdict.VERIFIED, "; ".join(reasons)


def off(claim: Claim, lines: Lines, where: str) -> str:
    """In what the place that was given differs from the true one."""
    if claim.lines is not None:
        return f"lines were off: {_lines(claim.lines)} said, {_lines(lines)} true"
    if not claim.areas:
        return no_place(claim)
    return f"place was off: {_short(claim)} said, {where or _numbered(lines)} true"


def no_place(claim: Claim) -> str:
    return f"no {_short(claim)} in the document"


def borrowed(citation: Citation, claim: Claim) -> str:
    """Why a place without a quote has the verdict of this citation, whose place overlaps it."""
    if citation.lines is None:
        return citation.reason
    place = _lines(citation.lines)
    if claim.lines is None:
        place = citation.where or _numbered(citation.lines)
    return "; ".join(filter(None, (f"its quote is at {place}", citation.reason)))


def _short(claim: Claim) -> str:
    said = " ".join(claim.said.split())
    return said if len(said) <= LONGEST else said[:LONGEST] + "…"


def _numbered(lines: Lines) -> str:
    return f"line {lines[0]}" if lines[0] == lines[1] else f"lines {_lines(lines)}"


def _lines(lines: Lines) -> str:
    return str(lines[0]) if lines[0] == lines[1] else f"{lines[0]}-{lines[1]}"

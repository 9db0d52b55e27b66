"""A place for a quote in an answer, and how much of the answer it may take.

What may live here: extents and their bounds. What must never be known here: documents, and which
place is tried first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.citation import marks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longctx.citation.grouping import Group
    from longctx.citation.layout import Layout
    from longctx.corpus import Span

REGION = 64_000
"""Characters that a quote may have."""
HELD = 8
"""Places that a quote within a sentence may itself hold."""
SAYING = 8
"""Characters (white space aside) from which words in marks within a sentence can be a quote."""
NAMING = 20
"""The same for a single word: a shorter one may only be a name or a so-called thing."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One place for a quote, with the extents it may have, the plain one first."""

    extents: tuple[Span, ...]
    sure: bool
    """What stands there is meant as a quote, whether or not the document has it."""
    distance: int
    """Line ends between the citation and the quote."""
    plain_limit: int
    """Extents that end behind this count only if the document has them word for word."""
    quoted_lines: bool = False
    """The lines begin with `>`."""
    further: tuple[Span, ...] = ()
    """Extents that reach over what looks like the next citation."""


def whole(span: Span, sure: bool, distance: int, quoted_lines: bool = False) -> Slot:
    return Slot((span,), sure, distance, span.end, quoted_lines)


def limits(shown: Layout, groups: Sequence[Group], number: int) -> tuple[int, int]:
    """Where a quote after this group must end, and where at most if it holds citations itself."""
    group, text = groups[number], shown.text
    evidence = shown.evidence.at(group.start)
    floor = min(len(text), evidence.end if evidence else len(text), group.end + REGION)
    if not group.leads:
        if number + HELD < len(groups):
            floor = min(floor, groups[number + HELD].start)
        return min(floor, group.end + marks.NEAR, _paragraph(text, group.end)), 0
    following = next(
        (other.start for other in groups[number + 1 : number + 65] if other.leads), floor
    )
    limit = min(floor, following)
    return limit, min(len(text), group.end + REGION)


def _paragraph(text: str, place: int) -> int:
    end = text.find("\n\n", place, place + marks.NEAR)
    return len(text) if end < 0 else end


def worthy(text: str, extent: Span, meant: bool = False) -> bool:
    """Whether words in marks can be a quote: a name or a so-called thing is none."""
    words = text[extent.start : extent.end].split()
    return meant or sum(map(len, words)) >= (SAYING if len(words) > 1 else NAMING)


def certain(text: str, extent: Span, mark: str, meant: bool) -> bool:
    """Whether words in marks must be a quote: in backticks it may be any code."""
    return meant or (mark != "`" and worthy(text, extent, meant))

"""Coarse marks that tell the model where in a document it is: a page, or a line and its clause.

What may live here: which lines get a mark, and what it says. What must never be known here: the
text around them; `escaping` keeps a document from forging one.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longctx.corpus import Anchor, Document, Span

MARK_EVERY = 25
"""Lines between marks: about 2 % of the tokens, against 17-41 % for a number on each line."""

PAGING = {"page": "p. ", "slide": "slide ", "row": "row "}
"""Kinds of anchors that take the place of line numbers."""

_UNFIT = re.compile(r'[\[\]<>"\\｜\x00-\x1f\x7f]+')
_LONGEST = 40
"""Characters of a label in a mark."""


def marked_lines(document: Document, last: int) -> Iterator[tuple[int, str]]:
    """The lines (from 1, up to `last`) that get a mark before them, and the marks, in order."""
    clauses = [anchor for anchor in document.anchors if anchor.kind == "clause"]
    places = [anchor.start for anchor in clauses]
    pages = [anchor for anchor in document.anchors if anchor.kind in PAGING]
    if not pages:
        for line in range(MARK_EVERY + 1, last + 1, MARK_EVERY):
            clause = _clause(clauses, places, document.line_starts[line - 1]) if clauses else ""
            yield line, f"[L{line}{clause}]"
        return
    before = 0
    for page in pages:
        line = document.line_of(page.start)
        # Empty pages end where the next begins; the text itself shows no more than the last.
        if before < line <= last:
            clause = _clause(clauses, places, page.start)
            yield line, f"[{PAGING[page.kind]}{_fit(page.label)}{clause}]"
            before = line


def place_mark(document: Document, span: Span) -> str:
    """How a passage is cited, behind the document's path: as its marks tell, or by lines."""
    pages = [anchor for anchor in document.anchors if anchor.kind in PAGING]
    if not pages:
        first, last = document.lines_of(span)
        return f":{first}-{last}"
    number = max(1, bisect_right([page.start for page in pages], span.start))
    page = pages[number - 1]
    clause = _around([anchor for anchor in document.anchors if anchor.kind == "clause"], span)
    return f" {PAGING[page.kind]}{_fit(page.label)}" + (f" §{_fit(clause)}" if clause else "")


def _around(clauses: list[Anchor], span: Span) -> str:
    """The innermost clause that holds all of the span."""
    number = bisect_right([clause.start for clause in clauses], span.start)
    after = [clause.depth for clause in clauses[number:] if clause.start < span.end]
    inner = min(after, default=1 << 30)
    for clause in reversed(clauses[:number]):
        if clause.depth < inner:
            return clause.label
        inner = min(inner, clause.depth)
    return ""


def _clause(clauses: list[Anchor], places: list[int], at: int) -> str:
    """The clause that a place lies in."""
    number = bisect_right(places, at)
    return f" §{_fit(clauses[number - 1].label)}" if number else ""


def _fit(label: str) -> str:
    return _UNFIT.sub("", label)[:_LONGEST]

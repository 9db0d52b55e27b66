"""Clauses of contracts, statutes and judgments, found by their numbers.

What may live here: when a text counts as numbered, and the labels of its clauses as people cite
them. What must never be known here: files, formats, answers; how marks are written (`marks`) and
which belong together (`chaining`, `enumerating`, `outlining`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from longctx.corpus import Anchor
from longctx.structure.containers import parts_of
from longctx.structure.enumerating import items_of
from longctx.structure.labels import labels_of
from longctx.structure.marks import marks_in
from longctx.structure.outlining import outline_of
from longctx.structure.paragraphs import paragraphs_among
from longctx.structure.weighing import is_german, is_judgment, is_legal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longctx.structure.containers import Part
    from longctx.structure.marks import Mark
    from longctx.structure.outlining import Outline

_RECITALS = re.compile(
    r"^[ \t]*(?:\*\*|#+ )?(?i:recitals|background|preamble|whereas|witnesseth|introduction|"
    r"präambel|vorbemerkung(?:en)?|hintergrund|erwägungsgründe|in erwägung nachstehender gründe)"
    r"\b[^\n]{0,30}$",
    re.M,
)
_WHEREAS = re.compile(r"\bWHEREAS\b(?=[,:]? )")
_MARGIN = 400
"""Marks fewer than this are no effort; a text without two is not numbered."""


def clauses_in(text: str) -> tuple[Anchor, ...]:
    """Where the clauses of a text begin; nothing unless it is surely numbered by clauses.

    The kinds are `clause`, and `paragraph` for the numbered paragraphs of judgments.
    """
    marks = marks_in(text)
    if len(marks) < 2:
        return ()
    legal, judgment, german = is_legal(text), is_judgment(text), is_german(text)
    paragraphs = paragraphs_among(marks, text, judgment)
    if paragraphs:
        return paragraphs
    parts = parts_of(text, marks)
    outlines = [outline_of(text, marks, part.start, part.end) for part in parts]
    if not any(_is_sure(outline, legal) for outline in outlines):
        return ()
    if judgment and _is_flat(outlines[0]) and len(parts) == 1:
        return tuple(
            Anchor(node.mark.start, "paragraph", node.mark.text, 0)
            for node in outlines[0].nodes
            if node.role == "clause"
        )
    found: list[Anchor] = []
    for part, outline in zip(parts, outlines, strict=True):
        if part.label:
            found.append(Anchor(part.start, "clause", part.label, 0))
        else:
            found += _recitals(text, marks, _first(outline, part))
        if _is_sure(outline, legal) or (part.label and outline.clauses >= 2):
            found += labels_of(outline, part, german)
    return tuple(found)


def _first(outline: Outline, part: Part) -> int:
    return outline.nodes[0].mark.start if outline.nodes else part.end


def _is_flat(outline: Outline) -> bool:
    return not outline.deeper and not outline.words


def _is_sure(outline: Outline, legal: bool) -> bool:
    """Whether numbers are those of clauses: by their words, their depth, or the text's words."""
    clauses = outline.clauses
    if not clauses or outline.weight < 0.75 * clauses:
        return False
    if outline.words >= 2 and outline.weight > 2.5:
        return True
    heads = clauses - outline.deeper
    if legal:
        return clauses >= 3
    return outline.deeper >= 4 and clauses >= 6 and (heads >= 2 or outline.deeper >= 8)


def _recitals(text: str, marks: Sequence[Mark], end: int) -> list[Anchor]:
    """What stands before the first clause: (A), (B) below a heading, or each WHEREAS."""
    heading = None
    for heading in _RECITALS.finditer(text, 0, min(end, 200_000)):  # noqa: B007  # the last one
        pass
    if heading is not None:
        listed = [
            mark
            for mark in marks
            if heading.end() <= mark.start < end and mark.style in ("(A)", "A.", "(1)", "(a)", "1")
        ]
        items = [item for item in items_of(listed) if item.depth == 0]
        if items:
            return [
                Anchor(item.mark.start, "clause", f"Recital {item.mark.text}", 0) for item in items
            ]
    places = [match.start() for match in _WHEREAS.finditer(text, 0, min(end, 200_000))]
    return [
        Anchor(place, "clause", f"Recital {number}", 0) for number, place in enumerate(places, 1)
    ]

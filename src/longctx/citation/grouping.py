"""Places of an answer that stand together: one bracket, or brackets side by side.

What may live here: brackets around places, and where in their line they stand. What must never be
known here: quotes, documents' texts. A quote belongs to a group, whichever of its places has it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longctx.citation.layout import Layout
    from longctx.citation.references import Reference

_BETWEEN = re.compile(
    r"[`*\])）】]{0,4}(?:[ \t]{0,3}|[ \t]{0,3}(?:[;,&|]|and\b)\s{0,8})[`*\[(（【]{0,4}"
)
_TARGET = re.compile(r"\([^()\s]{0,300}\)")
_SAID = re.compile(r"[\[(（【][^\[\](){}（）【】\n]{1,40}[ :]\Z")
_WRAPS = frozenset({("`", "`"), ("*", "*"), ("_", "_")})
_LEADING = ' \t>*_-–—+•#0123456789.)(`"“'


@dataclass(frozen=True, slots=True)
class Group:
    """Places that stand together, with the brackets and marks around them."""

    references: tuple[Reference, ...]
    start: int
    end: int
    leads: bool
    """Only a bullet or number stands before it on its line."""
    alone: bool
    """It leads, and nothing follows on its line."""


def grouped(shown: Layout, references: Sequence[Reference]) -> list[Group]:
    """The references in their groups, in order."""
    text = shown.text
    together: list[list[Reference]] = []
    for reference in references:
        last = together[-1][-1] if together else None
        if (
            last
            and reference.start - last.end <= 24
            and (_BETWEEN.fullmatch(text, last.end, reference.start))
        ):
            together[-1].append(reference)
        else:
            together.append([reference])
    return [_group(shown, members) for members in together]


def _group(shown: Layout, members: list[Reference]) -> Group:
    text = shown.text
    start, end = _wrapped(text, members[0].start, members[-1].end)
    line = text[shown.line_start(start, 200) : start]
    leads = not line.strip(_LEADING)
    rest = text[end : min(shown.line_end(end), end + 200)]
    alone = leads and not rest.strip(" \t\r*_:.,;|-—")
    return Group(tuple(_told_once(text, members)), start, end, leads, alone)


def _told_once(text: str, members: list[Reference]) -> list[Reference]:
    """Without the target of a Markdown link whose words already name the place."""
    kept: list[Reference] = []
    for member in members:
        linked = kept and text[kept[-1].end : member.start].strip("`*") == "]("
        if linked and kept[-1].document is member.document:
            if not kept[-1].claim.said:
                kept[-1] = member
        else:
            kept.append(member)
    return kept


def _wrapped(text: str, start: int, end: int) -> tuple[int, int]:
    """The extent with what hugs it: brackets, backticks, stars, a link's target."""
    said = _SAID.search(text, max(0, start - 42), start)  # [see a.py:1]
    if said and text[end : end + 1] in tuple("])）】"):
        start = said.start() + 1
    for _ in range(6):
        before, after = text[max(0, start - 1) : start], text[end : end + 1]
        opening, closing = before in "[(（【<" and before, after in "])）】>" and after
        if (opening and closing) or (before, after) in _WRAPS:
            start, end = start - 1, end + 1
        elif closing and before in "`*" and text[max(0, start - 2) : start - 1] in "[(":
            start -= 1
        elif opening and after == "`" and text[end + 1 : end + 2] in "])":
            end += 1
        else:
            break
        if after == "]" and (target := _TARGET.match(text, end)):
            end = target.end()
    return start, end

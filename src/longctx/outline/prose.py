"""Headings as an outline: of prose, and of documents whose format named them.

What may live here: from anchors to definitions. What must never be known here: formats, languages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx.corpus import Span
from longctx.outline.values import Definition, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longctx.corpus import Anchor

MOST = 10_000
NAME = 120

HEADINGS = ("title", "chapter", "heading", "clause")
"""Kinds of anchors that divide a text, outer ones first."""


def definitions_of(text: str, anchors: Sequence[Anchor]) -> tuple[list[Definition], bool]:
    """One definition a heading, from it to the next that is no deeper; whether some are missing."""
    marks = sorted(
        (each for each in anchors if each.kind in HEADINGS and each.start < len(text)),
        key=lambda each: (each.start, HEADINGS.index(each.kind), each.depth),
    )
    count = text.count("\n") + (not text.endswith("\n"))
    open_: list[tuple[tuple[int, int], int, str]] = []  # rank, place in the result, name
    result: list[Definition] = []
    lasts: list[int] = []
    line, place = 1, 0
    for mark in marks[:MOST]:
        name = " ".join(mark.label.split())[:NAME]
        if not name:
            continue
        line += text.count("\n", place, mark.start)
        place = mark.start
        rank = (HEADINGS.index(mark.kind), mark.depth)
        reach = line - 1
        while open_ and open_[-1][0] >= rank:
            at = open_.pop()[1]
            reach = lasts[at] = max(result[at].first, reach)
        qualified = " > ".join([*(outer for _, _, outer in open_), name])
        end = text.find("\n", place, place + 2 * NAME)
        end = max(place + 1, end if end >= 0 else min(len(text), place + 2 * NAME))
        result.append(
            Definition(Kind.HEADING, name, qualified, Span(place, end), "", line, line, len(open_))
        )
        lasts.append(count)
        open_.append((rank, len(result) - 1, name))
    return [_until(each, last) for each, last in zip(result, lasts, strict=True)], len(marks) > MOST


def _until(each: Definition, last: int) -> Definition:
    return Definition(
        each.kind,
        each.name,
        each.qualified,
        each.signature,
        each.doc,
        each.first,
        max(each.first, last),
        each.depth,
    )

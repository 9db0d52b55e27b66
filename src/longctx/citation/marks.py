"""How far a quote in quotation marks reaches.

What may live here: quotation marks. What must never be known here: citations, documents. Marks nest
badly (quoted code is full of them), so an extent is not decided here: all that may be meant are
listed, the plain one first, and the one that stands in the source wins.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from itertools import islice
from typing import TYPE_CHECKING

from longctx.corpus import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PAIRS = {'"': '"”', "“": '”"', "„": "“”", "«": "»", "「": "」", "`": "`"}
OPENERS = {'"': '"“', "”": '“„"', "“": "„", "»": "«", "」": "「", "`": "`"}
NEAR = 2_000
"""Characters that a quote within a sentence may have."""
KEPT = 10
"""Extents kept from either end of a region."""
BEYOND = 8_000
"""Characters behind the next citation in which a quote that holds a citation may still end."""

_MARKS = re.compile(r'["“”„«»「」]')
_LOOKS = frozenset('"“')
"""Marks that open or close, by what stands around them."""
_INWARD = frozenset("<([{$@#&*_'‘-–—…")
_LINE_END = re.compile(r"[*_.,;:)]{0,4}[ \t]*(?:\r?\n|\Z)")


class Reach(Enum):
    """Which end of a quote is the plain one."""

    REGION = auto()
    """The last mark that ends a line: one quote fills the region."""
    LINE = auto()
    """The first mark that ends a line."""
    SENTENCE = auto()
    """The first mark that does not open another word."""


def closed(text: str, opening: int, limit: int, reach: Reach) -> list[Span]:
    """What may stand in the marks that open at `opening`, the plain extent first."""
    ticks = re.compile("`+").match(text, opening)
    if ticks:
        return _ticked(text, ticks.end(), ticks[0], limit)
    marks = re.compile(f"[{PAIRS[text[opening]]}]")
    places = [mark.start() for mark in marks.finditer(text, opening + 1, limit)]
    ending = [place for place in places if _LINE_END.match(text, place + 1)]
    outer = set(_outer(text, opening + 1, limit))
    closing = [place for place in places if place in outer] or ending[-1:]
    if not closing:
        end = limit if reach is Reach.REGION else min(limit, _line_end(text, opening))
        return [Span(opening + 1, max(opening + 1, end))]
    if reach is not Reach.SENTENCE and ending:
        first = ending[-1 if reach is Reach.REGION else 0]
    else:
        first = next((p for p in closing if not text[p + 1 : p + 2].isalnum()), closing[0])
    kept = {*_ends(closing), *_ends([place for place in ending if place in outer])} - {first}
    return [Span(opening + 1, place) for place in (first, *sorted(kept, reverse=True))]


def further(text: str, opening: int, limit: int, beyond: int) -> list[Span]:
    """What may stand in the same marks if they close on a line behind `limit`."""
    if beyond <= limit or text[opening] == "`":
        return []
    marks = re.compile(f"[{PAIRS[text[opening]]}](?={_LINE_END.pattern})")
    found = marks.finditer(text, limit, min(beyond, limit + BEYOND))
    return [Span(opening + 1, mark.start()) for mark in islice(found, KEPT)]


def opened(text: str, closing: int, floor: int) -> list[Span]:
    """What may stand in the marks that close at `closing`, the shortest first."""
    floor = max(floor, closing - NEAR)
    if text[closing] == "`":
        start = closing
        while start > floor and text[start - 1] == "`":
            start -= 1
        run = text[start : closing + 1]
        found = text.rfind(run, floor, start)
        return [Span(found + len(run), start)] if found >= 0 else []
    marks = re.compile(f"[{OPENERS[text[closing]]}]")
    places = [mark.end() for mark in marks.finditer(text, floor, closing)]
    outer = set(_outer_before(text, floor, closing))
    places = [place for place in places if place - 1 in outer]
    return [Span(place, closing) for place in sorted(_ends(places), reverse=True)]


def _outer(text: str, start: int, limit: int) -> Iterator[int]:
    """Marks that close no quote which begins behind `start`: what stands before one within a quote
    must not pass for all of it."""
    depth = 0
    for mark in _MARKS.finditer(text, start, limit):
        if _opens(text, mark.start()):
            depth += 1
        elif depth:
            depth -= 1
        else:
            yield mark.start()


def _outer_before(text: str, floor: int, closing: int) -> Iterator[int]:
    """The same backwards: marks that open no quote which ends before `closing`."""
    depth = 0
    for mark in reversed([*_MARKS.finditer(text, floor, closing)]):
        if _closes(text, mark.start()):
            depth += 1
        elif depth:
            depth -= 1
        else:
            yield mark.start()


def _opens(text: str, place: int) -> bool:
    if text[place] in _LOOKS:
        before, after = text[place - 1 : place], text[place + 1 : place + 2]
        return _outside(before) and (after.isalnum() or after in _INWARD)
    return text[place] in "„«「"


def _closes(text: str, place: int) -> bool:
    if text[place] in _LOOKS:
        before, after = text[place - 1 : place], text[place + 1 : place + 2]
        return not _outside(before) and not after.isalnum()
    return text[place] in "”»」"


def _outside(sign: str) -> bool:
    return not sign or sign.isspace() or sign in '([{=,:"“'


def _ticked(text: str, start: int, run: str, limit: int) -> list[Span]:
    end = text.find(run, start, limit)
    return [Span(start, end)] if end >= 0 else []


def _ends(places: list[int]) -> Iterable[int]:
    return places if len(places) <= 2 * KEPT else [*places[:KEPT], *places[-KEPT:]]


def _line_end(text: str, place: int) -> int:
    end = text.find("\n", place)
    return len(text) if end < 0 else end

"""Lists within one clause: (a), (i), (A), (1) below each other, whatever letters are also numerals.

What may live here: which mark opens a list, which continues one. What must never be known here:
the clause they stand in, labels.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from longctx.structure.marks import WITHIN
from longctx.structure.numerals import letter, roman

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longctx.structure.marks import Mark

_AHEAD = 40
"""Marks that are read ahead to tell the letter i from the numeral."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a list, and how deep it is: 0 for the outermost list of the clause."""

    mark: Mark
    depth: int
    numeral: bool
    """Its sign is a roman number, not a letter."""


@dataclass(slots=True)
class _List:
    """A list that is open."""

    style: str
    numeral: bool
    last: int
    within: bool
    first: int
    """Its first item's place among the items."""


def items_of(marks: Sequence[Mark]) -> list[Item]:
    """The marks that make lists with two items at least, in order."""
    found: list[Item] = []
    lone: set[int] = set()
    lists: list[_List] = []
    for place, mark in enumerate(marks):
        reading = _reading(marks, place, lists)
        if reading is None:
            continue
        depth, numeral, value = reading
        # A list that begins again is another one.
        _close(lists, depth + (value > 1), lone)
        if depth == len(lists):
            lists.append(_List(mark.style, numeral, value, mark.where == WITHIN, len(found)))
        else:
            lists[depth].last = value
        found.append(Item(mark, depth, numeral))
    _close(lists, 0, lone)
    return _without(found, lone)


def _without(found: list[Item], lone: set[int]) -> list[Item]:
    """Without some items; what stood below them moves up."""
    kept: list[Item] = []
    open_depths: list[tuple[int, int]] = []
    """Depths as found and as kept of the items that the next one may stand in."""
    for place, item in enumerate(found):
        while open_depths and open_depths[-1][0] >= item.depth:
            open_depths.pop()
        if place in lone:
            continue
        depth = open_depths[-1][1] + 1 if open_depths else 0
        open_depths.append((item.depth, depth))
        kept.append(replace(item, depth=depth))
    return kept


def _close(lists: list[_List], depth: int, lone: set[int]) -> None:
    """End all lists deeper than this; those of one item were none."""
    while len(lists) > depth:
        ended = lists.pop()
        if ended.last == 1:
            lone.add(ended.first)


def _reading(marks: Sequence[Mark], place: int, lists: list[_List]) -> tuple[int, bool, int] | None:
    """Depth, whether it is a numeral, value; None for what fits no list."""
    mark = marks[place]
    values = _values(mark)
    going_on = [
        (depth, numeral, value)
        for depth in range(len(lists) - 1, -1, -1)
        for numeral, value in values
        if lists[depth].style == mark.style
        and lists[depth].numeral == numeral
        and lists[depth].last < value <= lists[depth].last + (1 if mark.where == WITHIN else 2)
        and not (mark.where == WITHIN and not lists[depth].within)
    ]
    opening = [(len(lists), numeral, value) for numeral, value in values if value == 1]
    opening = [
        each
        for each in opening
        if len(lists) < 6
        and not any(level.style == mark.style and level.numeral == each[1] for level in lists)
    ]
    choices = [each for each in going_on if each[2] == lists[each[0]].last + 1] or going_on
    choices = choices[:1] + [each for each in choices[1:] if each[1] != choices[0][1]] + opening
    if len(choices) > 1:
        return _likeliest(marks, place, choices)
    if choices:
        return choices[0]
    # The same list again, in another sentence of the clause: it begins anew.
    again = [
        (depth, numeral, value)
        for depth, level in enumerate(lists)
        for numeral, value in values
        if value == 1 and level.style == mark.style and level.numeral == numeral
    ]
    return again[0] if again and mark.where != WITHIN else None


def _values(mark: Mark) -> list[tuple[bool, int]]:
    if mark.text.isdigit():
        return [(False, int(mark.text))]
    found = []
    as_letter, as_roman = letter(mark.text), roman(mark.text)
    if as_letter is not None and len(mark.text) <= 3:
        found.append((False, as_letter))
    if as_roman is not None and as_roman < 60:
        found.append((True, as_roman))
    return found


def _likeliest(
    marks: Sequence[Mark], place: int, choices: list[tuple[int, bool, int]]
) -> tuple[int, bool, int]:
    """The reading that the next mark of this style goes on from; else the first."""
    style = marks[place].style
    for later in marks[place + 1 : place + 1 + _AHEAD]:
        if later.style != style or (later.where == WITHIN) != (marks[place].where == WITHIN):
            continue
        values = _values(later)
        for choice in choices:
            if (choice[1], choice[2] + 1) in values:
                return choice
    return choices[0]

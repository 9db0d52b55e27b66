"""What a place in a file lies in: the definitions around it.

What may live here: going from a line to the definitions that hold it. What must never be known
here: how they are shown, tokens.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from longctx.outline.values import Definition, Outline


def enclosing(outline: Outline, line: int) -> tuple[Definition, ...]:
    """The definitions that begin before `line` (from 1) and hold it, outermost first."""
    definitions = outline.definitions
    found: list[Definition] = []
    for each in reversed(definitions[: bisect_left(definitions, line, key=_first)]):
        if each.last >= line and (not found or each.depth < found[-1].depth):
            found.append(each)
        if not each.depth and each.last < line:
            break
        if found and not found[-1].depth:
            break
    return tuple(reversed(found))


def _first(each: Definition) -> int:
    return each.first

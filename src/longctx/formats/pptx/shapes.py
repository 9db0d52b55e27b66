"""The shapes of one slide in the order in which they are read.

Follows ECMA-376 part 1, 19.3. What must never be known here: slides' order, and what text looks
like.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.formats.ooxml import MC, A, P, alternatives, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lxml.etree import _Element

TITLES = ("title", "ctrTitle")
_SHAPES = frozenset(P + name for name in "sp pic graphicFrame cxnSp".split())
_SAME_ROW = 300_000
"""English Metric Units, a third of an inch: shapes that begin so near stand side by side."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape, or one picture, table, diagram."""

    element: _Element
    placeholder: str = ""
    """What it holds the place of: `title`, `body`, `ftr`; `obj` where nothing says, empty for
    shapes of their own."""
    index: str = ""


Places = dict[tuple[str, str], tuple[int, int]]
"""Where placeholders stand (down, right), by kind and index."""


def shapes(
    tree: Iterable[_Element], places: Mapping[tuple[str, str], tuple[int, int]]
) -> list[Shape]:
    """Titles first, then from top to bottom and from left to right; groups stay together. `places`:
    where the slide's layout puts placeholders."""
    found: list[tuple[tuple[int, int], list[Shape]]] = []
    last = (0, 0)
    for child in _children(tree):
        if child.tag == P + "grpSp":
            last = _place(child.find(f"{P}grpSpPr/{A}xfrm")) or last
            found.append((last, shapes(child, places)))
        elif child.tag in _SHAPES:
            shape = _shape(child)
            by_layout = places.get((shape.placeholder, shape.index)) or places.get(
                (shape.placeholder, "")
            )
            # Without a place of its own it follows what the file has before it.
            last = _place(_frame(child)) or by_layout or last
            found.append((last, [shape]))
    ordered = [shape for row in _rows(found) for shape in row]
    return sorted(ordered, key=lambda shape: shape.placeholder not in TITLES)


def places_of(tree: Iterable[_Element]) -> Places:
    """Where a layout puts its placeholders."""
    places: Places = {}
    for child in _children(tree):
        shape = _shape(child)
        place = _place(_frame(child))
        if shape.placeholder and place is not None:
            places.setdefault((shape.placeholder, shape.index), place)
            places.setdefault((shape.placeholder, ""), place)
    return places


def _children(tree: Iterable[_Element]) -> Iterable[_Element]:
    for child in tree:
        if child.tag == MC + "AlternateContent":
            yield from alternatives(child)
        else:
            yield child


def _shape(element: _Element) -> Shape:
    holder = element.find(f"*/{P}nvPr/{P}ph")
    if holder is None:
        return Shape(element)
    return Shape(element, holder.get("type", "obj"), holder.get("idx", ""))


def _frame(element: _Element) -> _Element | None:
    found = element.find(f"{P}spPr/{A}xfrm")
    return element.find(P + "xfrm") if found is None else found


def _place(frame: _Element | None) -> tuple[int, int] | None:
    offset = None if frame is None else frame.find(A + "off")
    return None if offset is None else (number(offset.get("y")), number(offset.get("x")))


def _rows(found: list[tuple[tuple[int, int], list[Shape]]]) -> Iterable[list[Shape]]:
    """Shapes row by row, each from left to right."""
    rest = sorted(found, key=lambda each: each[0][0])
    while rest:
        top = rest[0][0][0]
        row = [each for each in rest if each[0][0] < top + _SAME_ROW]
        rest = rest[len(row) :]
        for _, members in sorted(row, key=lambda each: each[0][1]):
            yield members

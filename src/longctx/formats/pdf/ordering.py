"""The order in which a page is read: columns one after the other, rows of a table as rows.

What may live here: geometry of one page. What must never be known here: pdfium, other pages, what
the words mean. A page is left in the order of the file unless it surely has columns: to order
wrongly is worse than not to.
"""

from __future__ import annotations

import re
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from longctx.formats.pdf.pages import HYPHEN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longctx.formats.pdf.pages import Line

Row = list["Line"]
"""What stands side by side on one line."""

ROWS = 8
"""Rows with text on both sides, fewer than which show no gutter."""
PROSE = 20
"""Characters of a line in a column of prose, at the least on the median."""
TABLE = 3
"""Rows that make a table."""
MOST_COLUMNS = 4
CELLS = " | "

_MARKER = re.compile(r"\(?(?:\d{1,3}|[A-Za-z]|[ivxlcdmIVXLCDM]{1,6})[.):]?\)?|[•◦▪■●–—*·o§-]")
_LEADERS = re.compile(r"(?:[.·…_]\s*){4,}")
_NUMBER = re.compile(r"[\divxlcIVXLC]{1,6}")


def side_by_side(lines: Sequence[Line]) -> int:
    """How many lines stand to the right of the one before them."""
    return sum(b.left > a.right and a.beside(b) for a, b in pairwise(lines))


def ordered(rows: list[Row], columns: int = MOST_COLUMNS) -> list[Row]:
    """The rows column by column, where there surely are columns."""
    gutter = _gutter(rows) if columns > 1 else None
    if gutter is None:
        return rows
    middle, first, last = gutter
    first, last = _reach(rows, middle, first, last)
    parts: list[tuple[Row, Row, Row]] = []
    for row in rows[first : last + 1]:
        left = [each for each in row if each.right <= middle]
        right = [each for each in row if each.left >= middle]
        across = [each for each in row if each.left < middle < each.right]
        if across:
            parts.append(([], [], row))
        else:
            parts.append((left, right, []))
    parts.sort(key=lambda part: -max(each.middle for each in (*part[0], *part[1], *part[2])))
    done: list[Row] = rows[:first]
    lefts: list[Row] = []
    rights: list[Row] = []
    for left, right, across in [*parts, ([], [], [])]:
        lefts += [left] if left else []
        rights += [right] if right else []
        if across or not (left or right):
            done += ordered(lefts, columns - 1) + ordered(rights, columns - 1)
            lefts, rights = [], []
            done += [across] if across else []
    return done + rows[last + 1 :]


def _gutter(rows: list[Row]) -> tuple[float, int, int] | None:
    """Where a gutter runs, and the first and last row that show it; None unless it is sure."""
    gaps = []
    for number, row in enumerate(rows):
        gaps += [(a.right, b.left, a, b, number) for a, b in pairwise(row) if a.right < b.left]
        if number and len(row) == 1 == len(rows[number - 1]):
            a, b = rows[number - 1][0], row[0]
            if b.left > a.right and a.beside(b):
                gaps.append((a.right, b.left, a, b, number))
    gaps = [gap for gap in gaps if min(len(gap[2].text), len(gap[3].text)) >= PROSE // 2]
    if len(gaps) < ROWS:
        return None
    starts = sorted(gap[1] for gap in gaps)
    middle = max(
        (start - 0.5 for start in starts),
        key=lambda x: sum(gap[0] < x < gap[1] for gap in gaps),
    )
    shown = [gap for gap in gaps if gap[0] < middle < gap[1]]
    if len(shown) < ROWS or not _prose([gap[2] for gap in shown], [gap[3] for gap in shown]):
        return None
    first, last = max(0, shown[0][4] - 1), shown[-1][4]
    crossing = sum(
        any(each.left < middle < each.right for each in row) for row in rows[first : last + 1]
    )
    return (middle, first, last) if crossing <= 0.3 * len(shown) else None


def _prose(lefts: list[Line], rights: list[Line]) -> bool:
    """Whether both sides are filled with running text that begins at an edge of its own."""
    for side in (lefts, rights):
        if median(len(each.text) for each in side) < PROSE:
            return False
        width = max(each.right for each in side) - min(each.left for each in side)
        if median(each.right - each.left for each in side) < 0.7 * width:
            return False
    edge = median(each.left for each in rights)
    return sum(abs(each.left - edge) < 4 for each in rights) >= 0.6 * len(rights)


def _reach(rows: list[Row], middle: float, first: int, last: int) -> tuple[int, int]:
    """The rows before and after that lie on one side of the gutter only, without a break."""

    def one_sided(row: Row, beside: Row) -> bool:
        pitch = 2.2 * max(each.top - each.bottom for each in row)
        near = min(abs(each.middle - other.middle) for each in row for other in beside)
        return near < pitch and (
            all(each.right <= middle for each in row) or all(each.left >= middle for each in row)
        )

    while first > 0 and one_sided(rows[first - 1], rows[first]):
        first -= 1
    while last + 1 < len(rows) and one_sided(rows[last + 1], rows[last]):
        last += 1
    return first, last


def compact(rows: list[Row]) -> list[Line]:
    """One line a row, with marks between the cells of what surely is a table."""
    lines: list[Line] = []
    start = 0
    while start < len(rows):
        end = start + 1
        while end < len(rows) and _aligned(rows[end - 1], rows[end]):
            end += 1
        mark = CELLS if end - start >= TABLE and _tabular(rows[start:end]) else " "
        lines += [_joined(row, mark) for row in rows[start:end]]
        start = end
    return lines


def _aligned(row: Row, other: Row) -> bool:
    """Whether both have the same cells, each beginning or ending below its like."""
    return (
        len(row) == len(other) > 1
        and row[0].middle > other[0].middle
        and all(
            abs(a.left - b.left) < 3
            or abs(a.right - b.right) < 3
            or abs(a.left + a.right - b.left - b.right) < 4
            for a, b in zip(row, other, strict=True)
        )
    )


def _tabular(rows: list[Row]) -> bool:
    """Not a list with its numbers, not a table of contents, not an index."""
    if any(_LEADERS.search(each.text) for row in rows for each in row):
        return False
    if all(len(row) == 2 for row in rows):
        heads = sum(_MARKER.fullmatch(row[0].text) is not None for row in rows)
        tails = sum(_NUMBER.fullmatch(row[1].text) is not None for row in rows)
        if 2 * heads >= len(rows) or (2 * tails >= len(rows) and _rising(rows)):
            return False
    return not any(row[-1].text.endswith(HYPHEN) for row in rows)


def _rising(rows: list[Row]) -> bool:
    """Whether the numbers at the end could be pages."""
    numbers = [int(row[1].text) for row in rows if row[1].text.isdecimal()]
    return all(a <= b for a, b in pairwise(numbers))


def _joined(row: Row, mark: str) -> Line:
    if len(row) == 1:
        return row[0]
    return row[0]._replace(
        text=mark.join(each.text for each in row),
        bottom=min(each.bottom for each in row),
        right=row[-1].right,
        top=max(each.top for each in row),
    )

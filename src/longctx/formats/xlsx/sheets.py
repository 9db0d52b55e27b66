"""The cells of one sheet as texts, row by row.

Follows ECMA-376 part 1, 18.3 and 18.4. Claims about a sheet's size are never believed: only cells
that are there count. What must never be known here: packages, and how rows are written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from longctx.formats.markup import streamed
from longctx.formats.ooxml import S, number
from longctx.formats.xlsx.values import GENERAL, Format, format_of, written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.etree import _Element

LONGEST = 32_767
"""Characters of a cell: no application writes more."""
MOST_COLUMNS = 16_384
_ROW = re.compile(rb"<(?:\w+:)?row[\s>/]")
_REFERENCE = re.compile(r"([A-Z]{1,3})\d*")
_TEXT, _RUN = S + "t", S + "r"


@dataclass
class Book:
    """What the sheets of one workbook share."""

    strings: Sequence[str] = ()
    formats: Sequence[Format] = ()
    """By the index that cells refer to."""
    from_1904: bool = False


@dataclass
class Sheet:
    """Rows that hold anything, by their numbers."""

    rows: list[tuple[int, dict[int, str]]] = field(default_factory=list)
    """Row (from 1), and its cells by column (from 0)."""
    total: int = 0
    """Rows there are, also beyond the limit."""
    cells: int = 0

    @property
    def columns(self) -> range:
        """From the first one that holds anything to the last."""
        used = [column for _, row in self.rows for column in (min(row), max(row))]
        return range(min(used), max(used) + 1) if used else range(0)


def strings(data: bytes) -> list[str]:
    """The shared strings, without the reading aids of East Asian text."""
    return [_string(each) for each in streamed(data, S + "si")]


def formats(root: _Element | None) -> list[Format]:
    """The number formats of a workbook's styles."""
    if root is None:
        return []
    codes = {
        number(each.get("numFmtId"), -1): each.get("formatCode") or ""
        for each in root.iterfind(f"{S}numFmts/{S}numFmt")
    }
    found: dict[int, Format] = {}
    indexes = [number(each.get("numFmtId")) for each in root.iterfind(f"{S}cellXfs/{S}xf")]
    for index in indexes:
        if index not in found:
            found[index] = format_of(index, codes)
    return [found[index] for index in indexes]


def sheet(data: bytes, book: Book, most_rows: int, most_cells: int) -> Sheet:
    """The first rows of a sheet. Raises Refused where it is damaged."""
    found = Sheet()
    last = 0
    for row in streamed(data, S + "row"):
        last = max(last + 1, number(row.get("r")))
        cells = _cells(row, book)
        if not cells:
            continue
        if len(found.rows) >= most_rows or found.cells + len(cells) > most_cells:
            found.total = max(len(found.rows) + 1, len(_ROW.findall(data)))
            return found
        found.rows.append((last, cells))
        found.cells += len(cells)
    found.total = len(found.rows)
    return found


def _cells(row: _Element, book: Book) -> dict[int, str]:
    cells: dict[int, str] = {}
    column = -1
    for cell in row:
        reference = _REFERENCE.match(cell.get("r") or "")
        column = _column(reference[1]) if reference else column + 1
        if column < MOST_COLUMNS and (text := _value(cell, book)):
            cells[column] = text
    return cells


def _column(letters: str) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


def _value(cell: _Element, book: Book) -> str:
    """What the cell shows; its formula where nothing was ever calculated."""
    value = formula = None
    kind = cell.get("t", "n")
    for child in cell:
        if child.tag == S + "v":
            value = child.text
        elif child.tag == S + "f":
            formula = child.text or "(shared formula)"
        elif child.tag == S + "is":
            return _flat(_string(child))
    if value is None:
        return "" if formula is None else _flat(f"={formula}")
    match kind:
        case "s":
            index = number(value, -1)
            return _flat(book.strings[index]) if 0 <= index < len(book.strings) else ""
        case "b":
            return "TRUE" if value.strip() == "1" else "FALSE"
        case "n":
            return _number(value, number(cell.get("s")), book)
        case "d":
            return _flat(value.replace("T00:00:00", ""))
        case _:
            return _flat(value)


def _number(value: str, style: int, book: Book) -> str:
    format = book.formats[style] if 0 <= style < len(book.formats) else GENERAL
    if format == GENERAL and len(value) < 12 and value.isdecimal():
        return value
    try:
        return written(float(value), format, from_1904=book.from_1904)
    except (ValueError, OverflowError):
        return _flat(value)


def _flat(text: str) -> str:
    return " ".join(text[:LONGEST].split())


def _string(element: _Element) -> str:
    parts: list[str] = []
    for child in element:
        if child.tag == _TEXT:
            parts.append(child.text or "")
        elif child.tag == _RUN:
            parts.append(child.findtext(_TEXT) or "")
    return "".join(parts)

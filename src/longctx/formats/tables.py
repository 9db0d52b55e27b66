"""HTML tables as compact rows, `a | b | c`, where they are tables at all and not a way to lay out.

What must never be known here: where rows go. Tables within tables, headings and lists in cells mean
layout: their cells are read one after the other instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WIDEST = 1000
"""Cells of a row."""
_LAYOUT = ("table", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "pre", "blockquote")
_LONG = 3
"""Paragraphs in a cell that make it a column of text."""


def rows_of(table: Any, text_of: Callable[[Any], str]) -> list[str] | None:
    """The table's caption and rows as lines, `text_of` giving a cell's text; None for layout."""
    if (table.get("role") or "") in ("presentation", "none"):
        return None
    if next(table.iterdescendants(*_LAYOUT), None) is not None:
        return None
    rows = list(_rows(table))
    cells = sum(len(row) for row in rows)
    if cells <= 1 or any(len(cell.findall("p")) >= _LONG for row in rows for cell in row):
        return None
    captions = [text for each in table.findall("caption") if (text := text_of(each))]
    return captions + [line for line in _lines(rows, text_of) if line]


def _rows(table: Any) -> Iterator[list[Any]]:
    for part in table:
        for row in [part] if part.tag == "tr" else part.iterchildren("tr"):
            yield list(row.iterchildren("td", "th"))


def _lines(rows: list[list[Any]], text_of: Callable[[Any], str]) -> Iterator[str]:
    """Cells that reach over others leave those empty, so that columns stay columns."""
    reaching: dict[int, int] = {}
    for row in rows:
        line: list[str] = []
        reached, reaching = reaching, {}
        for cell in row:
            while len(line) in reached:
                line.append("")
            wide, high = _span(cell.get("colspan"), 50), _span(cell.get("rowspan"), 5000)
            if high > 1:
                reaching.update(dict.fromkeys(range(len(line), len(line) + wide), high - 1))
            line += [text_of(cell), *[""] * (wide - 1)]
            if len(line) > WIDEST:
                break
        for column, more in reached.items():
            if more > 1:
                reaching.setdefault(column, more - 1)
        while line and not line[-1]:
            line.pop()
        yield " | ".join(line).strip()


def _span(said: str | None, most: int) -> int:
    if said and said.isascii() and said.isdigit():
        return max(1, min(most, int(said[:6])))
    return 1

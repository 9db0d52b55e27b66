"""Workbooks (.xlsx, .xlsm): each sheet as compact rows, with the values that were last calculated.

What may live here: which sheets there are, how rows are written, what is left out. Macros and links
to other workbooks are never looked at. What must never be known here: where the file came from.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from longctx.corpus import Reason
from longctx.formats import Extract, Left, Refused
from longctx.formats.lines import Lines
from longctx.formats.ooxml import Parts, R, S, first_of, switched_on
from longctx.formats.xlsx.sheets import Book, Sheet, formats, sheet, strings

if TYPE_CHECKING:
    from lxml.etree import _Element

    from longctx.formats import Material, Options, Report
    from longctx.formats.ooxml import Relation

MARK_EVERY = 25
"""Rows between anchors."""
MOST_CELLS = 2_000_000
"""Of one workbook: some 10 s of processor time."""
MOST_SHEETS = 1_000
_SHORT = 20
"""Characters of a sheet's name in the anchors of its rows."""
_GAP = 8
"""Empty cells in a row that are written one by one; more are counted."""


@dataclass(frozen=True, slots=True)
class _Listed:
    """A sheet as the workbook lists it."""

    name: str
    part: str
    kind: str
    is_hidden: bool


class _Xlsx:
    def read(self, file: Material, options: Options, report: Report) -> Extract:
        """Every sheet, a row a line; sheets and rows as anchors."""
        parts = Parts(file.data)
        main = parts.main("xl/workbook.xml")
        relations = parts.relations(main)
        root = parts.root(main)
        listed = _listed(root, relations)
        book = _book(parts, root, relations)
        lines, left, cells = Lines(), [], MOST_CELLS
        if title := parts.title():
            lines.anchor("title", title)
        for done, each in enumerate(listed[:MOST_SHEETS]):
            report(done, len(listed))
            try:
                found = _sheet(parts, each, book, options.rows, cells)
            except Refused as refused:
                left.append(Left(refused.reason, f"sheet {each.name}", refused.detail))
                continue
            cells -= found.cells
            _write(each, found, lines)
            if found.total > len(found.rows):
                detail = f"{len(found.rows):,} of {found.total:,} rows are shown"
                left.append(Left(Reason.LIMIT, f"sheet {each.name}", detail))
        if len(listed) > MOST_SHEETS:
            detail = f"{MOST_SHEETS:,} of {len(listed):,} sheets are shown"
            left.append(Left(Reason.LIMIT, "end", detail))
        return Extract(lines.text, tuple(lines.anchors), tuple(left))


XLSX = _Xlsx()


def _listed(root: _Element, relations: dict[str, Relation]) -> list[_Listed]:
    found = []
    for each in root.iterfind(f"{S}sheets/{S}sheet"):
        relation = relations.get(each.get(R + "id") or "")
        hidden = each.get("state", "visible") != "visible"
        name = " ".join((each.get("name") or "").split())[:100]
        if relation is not None:
            found.append(_Listed(name, relation.target, relation.kind, hidden))
    return found


def _book(parts: Parts, root: _Element, relations: dict[str, Relation]) -> Book:
    shared = first_of(relations, "sharedStrings")
    has_strings = shared is not None and parts.package.has(shared)
    return Book(
        strings(parts.read(shared)) if shared is not None and has_strings else (),
        formats(parts.found(first_of(relations, "styles"))),
        switched_on(_dated(root), "date1904"),
    )


def _sheet(parts: Parts, listed: _Listed, book: Book, rows: int, cells: int) -> Sheet:
    if listed.kind != "worksheet":
        return Sheet()
    return sheet(parts.read(listed.part), book, rows, cells)


def _dated(root: _Element) -> _Element | None:
    found = root.find(S + "workbookPr")
    return found if found is not None and found.get("date1904") is not None else None


def _write(listed: _Listed, found: Sheet, lines: Lines) -> None:
    columns = found.columns
    size = "a chart" if listed.kind == "chartsheet" else "empty"
    if found.rows:
        size = f"{max(found.total, found.rows[-1][0]):,} x {columns.stop}"
    hidden = "hidden, " if listed.is_hidden else ""
    lines.gap()
    lines.anchor("sheet", listed.name)
    lines.add(f"## Sheet {listed.name} ({hidden}{size})")
    marked = -MARK_EVERY
    for row, cells in found.rows:
        if (row - 1) // MARK_EVERY > marked:
            lines.anchor("row", f"{listed.name[:_SHORT].strip()} {row}")
            marked = (row - 1) // MARK_EVERY
        lines.add(_line(cells, columns.start))


def _line(cells: dict[int, str], first: int) -> str:
    """The cells of a row; of many empty ones between two only how many."""
    used = sorted(cells)
    parts = [""] * (used[0] - first) if used[0] - first <= _GAP else [f"({used[0] - first} empty)"]
    parts.append(cells[used[0]])
    for before, column in pairwise(used):
        gap = column - before - 1
        parts += [""] * gap if gap <= _GAP else [f"({gap} empty)"]
        parts.append(cells[column])
    return " | ".join(parts)

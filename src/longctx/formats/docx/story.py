"""From the blocks of a document to lines: paragraphs, tables, what hangs on them.

Follows ECMA-376 part 1, 17.2 to 17.4. What must never be known here: packages, and how the text of
a single paragraph comes about.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from longctx.formats.docx.styles import BODY
from longctx.formats.flow import Flow, Kind, with_changes
from longctx.formats.ooxml import MC, W, alternatives, number, switched_on

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml.etree import _Element

    from longctx.formats.docx.numbering import Numbering
    from longctx.formats.docx.runs import Content, Runs
    from longctx.formats.docx.styles import Style, Styles
    from longctx.formats.numbers import Number

_WRAPPERS = frozenset(W + name for name in "sdtContent customXml ins moveTo smartTag".split())


class Story:
    """Writes one document's body to a flow."""

    def __init__(
        self, runs: Runs, styles: Styles, numbering: Numbering, *, revisions: bool
    ) -> None:
        self._runs, self._styles, self._numbering = runs, styles, numbering
        self._revisions = revisions
        self._carried: list[tuple[str, str]] = []
        """The beginning of a paragraph whose end is not shown."""
        self._begun: Kind | None = None
        """What that paragraph is, if it decides what the whole line is."""

    def write(self, container: Iterable[_Element], out: Flow) -> None:
        """All blocks of a body."""
        self._blocks(container, out)
        self._close(out)

    def _blocks(self, container: Iterable[_Element], out: Flow) -> None:
        for child in container:
            tag = child.tag
            if tag == W + "p":
                self._paragraph(child, out)
            elif tag == W + "tbl":
                self._table(child, out)
            elif tag in _WRAPPERS:
                self._blocks(child, out)
            elif tag == W + "sdt":
                self._blocks(child.iterchildren(W + "sdtContent"), out)
            elif tag == MC + "AlternateContent":
                self._blocks(alternatives(child), out)

    def _paragraph(self, paragraph: _Element, out: Flow) -> None:
        properties = paragraph.find(W + "pPr")
        content = self._runs.content(paragraph)
        name = _value(properties, "pStyle")
        style = self._styles.of(name)
        removed, joined, hidden = _end(properties)
        pieces, self._carried = self._carried + content.pieces, []
        content.pieces = pieces
        if removed and not self._revisions:
            self._carried = pieces
            self._refer(content, out)
            return
        text = content.text
        if hidden and not joined and not text.strip():
            return
        kind, self._begun = self._begun, None
        if kind is None:
            counted = None if removed else self._count(properties, name, style)
            kind = Kind(counted, _outline(properties, style), style.is_title)
        if joined:
            self._carried, self._begun = [*pieces, (" ", "")], replace(kind, head=text)
            self._refer(content, out)
            return
        self._line(content, kind, out)

    def _count(self, properties: _Element | None, name: str | None, style: Style) -> Number | None:
        """The number that a paragraph gets from its own properties or its style."""
        own = None if properties is None else properties.find(W + "numPr")
        list_ = _value(own, "numId") or ""
        level = None if own is None or own.find(W + "ilvl") is None else _value(own, "ilvl")
        if not list_ and style.list:
            list_ = style.list
            if level is None and style.list_level is not None:
                level = str(style.list_level)
            if level is None:
                level = str(self._numbering.level_of(list_, style.list_style))
        if not list_ or list_ == "0":
            return None
        return self._numbering.next(list_, number(level))

    def _line(self, content: Content, kind: Kind, out: Flow) -> None:
        out.paragraph(content.text, kind)
        for box in content.boxes:
            self._blocks(box, out)
            self._close(out)
        self._refer(content, out)
        out.end_line()

    def _refer(self, content: Content, out: Flow) -> None:
        for mark, note in content.notes:
            inner = Flow(is_inner=True)
            self._blocks(note, inner)
            self._close(inner)
            out.notes.append((mark, inner))

    def _close(self, out: Flow) -> None:
        """Write what was kept for a next paragraph that never came."""
        pieces, self._carried = self._carried, []
        kind, self._begun = self._begun or Kind(), None
        out.paragraph(with_changes(pieces), kind)

    def _table(self, table: _Element, out: Flow) -> None:
        for row in _rows(table, revisions=self._revisions):
            self._row(row, out)

    def _row(self, row: _Element, out: Flow) -> None:
        cells: list[Flow] = []
        for cell in _cells(row):
            inner = Flow(is_inner=True)
            if not _continued(cell):
                self._blocks(cell, inner)
                self._close(inner)
            cells.append(inner)
        out.row(cells)
        out.end_line()


def _rows(table: Iterable[_Element], *, revisions: bool) -> Iterable[_Element]:
    for child in table:
        if child.tag == W + "tr":
            removed = child.find(f"{W}trPr/{W}del") is not None
            if revisions or not removed:
                yield child
        elif child.tag == W + "sdt":
            for content in child.iterchildren(W + "sdtContent"):
                yield from _rows(content, revisions=revisions)
        elif child.tag in _WRAPPERS:
            yield from _rows(child, revisions=revisions)


def _cells(row: Iterable[_Element]) -> Iterable[_Element]:
    for child in row:
        if child.tag == W + "tc":
            yield child
        elif child.tag == W + "sdt":
            for content in child.iterchildren(W + "sdtContent"):
                yield from _cells(content)
        elif child.tag in _WRAPPERS:
            yield from _cells(child)


def _continued(cell: _Element) -> bool:
    """Whether the cell is the lower part of one above, or the right part of one before."""
    properties = cell.find(W + "tcPr")
    if properties is None:
        return False
    return any(
        merged is not None and merged.get(W + "val", "continue") == "continue"
        for merged in (properties.find(W + "vMerge"), properties.find(W + "hMerge"))
    )


def _end(properties: _Element | None) -> tuple[bool, bool, bool]:
    """Of a paragraph's end, whether it is deleted, hidden so that the next paragraph goes on in
    the same line (a style separator), or just hidden."""
    mark = None if properties is None else properties.find(W + "rPr")
    if mark is None:
        return False, False, False
    removed = mark.find(W + "del") is not None or mark.find(W + "moveFrom") is not None
    joined = switched_on(mark.find(W + "specVanish"), W + "val")
    return removed, joined, switched_on(mark.find(W + "vanish"), W + "val")


def _outline(properties: _Element | None, style: Style) -> int | None:
    """The level of a heading, from 0; None for other paragraphs."""
    own = _value(properties, "outlineLvl")
    if own is None:
        return style.level
    level = number(own, BODY)
    return level if 0 <= level < BODY else None


def _value(element: _Element | None, name: str) -> str | None:
    found = None if element is None else element.find(W + name)
    return None if found is None else found.get(W + "val")

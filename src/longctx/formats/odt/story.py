"""From the blocks of an OpenDocument text to lines: paragraphs, lists, tables, sections.

Follows OpenDocument 1.3 part 3, 5 and 9. What must never be known here: packages, and how the text
of a single paragraph comes about.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.formats.flow import Flow, Kind, with_changes
from longctx.formats.odt.styles import LEVELS, TABLE, TEXT, Counter, counted, whole

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml.etree import _Element

    from longctx.formats.numbers import Number
    from longctx.formats.odt.inline import Inline
    from longctx.formats.odt.styles import Styles

_ID = "{http://www.w3.org/XML/1998/namespace}id"
_ITEMS = (TEXT + "list-item", TEXT + "list-header")
_ROW_GROUPS = frozenset(
    TABLE + name for name in "table-header-rows table-rows table-row-group".split()
)
_SILENT = frozenset(
    TEXT + name
    for name in (
        "tracked-changes sequence-decls variable-decls user-field-decls index-title-template"
    ).split()
)
_MOST_REPEATED = 100
"""Rows and cells that are written once and stand for many."""


@dataclass(frozen=True, slots=True)
class _List:
    """The list that a paragraph is in."""

    style: str
    level: int
    counter: Counter


class Story:
    """Writes one document's body to a flow."""

    def __init__(self, inline: Inline, styles: Styles) -> None:
        self._inline, self._styles = inline, styles
        self._outline = Counter()
        self._counters: dict[str, Counter] = {}
        """How far lists have counted: by id, and the last of each style by its name."""
        self._next: Number | None = None
        """The number of the list item that has begun and has no paragraph yet."""

    def write(self, container: Iterable[_Element], out: Flow) -> None:
        """All blocks of a body."""
        for child in container:
            self._block(child, out, None)

    def _blocks(self, container: Iterable[_Element], out: Flow, within: _List | None) -> None:
        for child in container:
            self._block(child, out, within)

    def _block(self, child: _Element, out: Flow, within: _List | None) -> None:
        tag = child.tag
        if tag in (TEXT + "p", TEXT + "h"):
            self._paragraph(child, out, in_list=within is not None)
        elif tag == TEXT + "list":
            self._list(child, out, within)
        elif tag == TABLE + "table":
            self._table(child, out)
        elif tag == TEXT + "numbered-paragraph":
            self._numbered_paragraph(child, out)
        elif isinstance(tag, str) and tag.startswith(TEXT) and tag not in _SILENT:
            # Sections, indexes and what else holds blocks.
            hidden = child.get(TEXT + "display") == "none"
            self._blocks(() if hidden else child, out, within)

    def _paragraph(self, paragraph: _Element, out: Flow, *, in_list: bool) -> None:
        content = self._inline.content(paragraph)
        outline = None
        if paragraph.tag == TEXT + "h":
            outline = min(max(whole(paragraph.get(TEXT + "outline-level"), 1) - 1, 0), LEVELS)
        number, self._next = self._next, None
        text = with_changes(content.pieces)
        if outline is not None and not in_list and text.strip():
            number = self._heading(paragraph, outline)
        style = paragraph.get(TEXT + "style-name") or ""
        out.paragraph(text, Kind(number, outline, self._styles.is_title(style)))
        for box in content.boxes:
            self._block(box, out, None) if box.tag == TABLE + "table" else self.write(box, out)
        for mark, note in content.notes:
            inner = Flow(is_inner=True)
            self.write(note, inner)
            out.notes.append((mark, inner))
        out.end_line()

    def _heading(self, heading: _Element, level: int) -> Number | None:
        if heading.get(TEXT + "is-list-header") == "true":
            return None
        start = None
        if heading.get(TEXT + "restart-numbering") == "true":
            start = whole(heading.get(TEXT + "start-value"), 1)
        return counted(self._styles.outline, "\0outline", level, self._outline, start)

    def _list(self, list_: _Element, out: Flow, above: _List | None) -> None:
        own = list_.get(TEXT + "style-name")
        if above is None:
            within = _List(own or _style_within(list_, self._styles), 0, Counter())
            within = _List(within.style, 0, self._counter(list_, within.style))
        else:
            within = _List(own or above.style, min(above.level + 1, LEVELS - 1), above.counter)
        for item in list_:
            if item.tag in _ITEMS:
                self._item(item, out, within)

    def _counter(self, list_: _Element, style: str) -> Counter:
        """The counter of a list, which may go on from another one."""
        continued = list_.get(TEXT + "continue-list")
        goes_on = list_.get(TEXT + "continue-numbering") == "true"
        found = self._counters.get("#" + continued) if continued else None
        if found is None and (goes_on or continued):
            found = self._counters.get(style)
        counter = found or Counter()
        self._counters[style] = counter
        if name := list_.get(_ID):
            self._counters["#" + name] = counter
        return counter

    def _item(self, item: _Element, out: Flow, within: _List) -> None:
        outer, self._next = self._next, None
        # An item that only holds a deeper list has no number of its own.
        first = next((child.tag for child in item if isinstance(child.tag, str)), "")
        if item.tag == TEXT + "list-item" and first in (TEXT + "p", TEXT + "h"):
            start = item.get(TEXT + "start-value")
            self._next = self._styles.count(
                within.style,
                within.level,
                within.counter,
                None if start is None else whole(start, 1),
            )
        self._blocks(item, out, within)
        self._next = outer

    def _numbered_paragraph(self, element: _Element, out: Flow) -> None:
        style = element.get(TEXT + "style-name") or ""
        level = min(max(whole(element.get(TEXT + "level"), 1) - 1, 0), LEVELS - 1)
        name = "#" + (element.get(TEXT + "list-id") or style)
        counter = self._counters.setdefault(name, Counter())
        self._next = self._styles.count(style, level, counter)
        self._blocks(element, out, _List(style, level, counter))
        self._next = None

    def _table(self, table: Iterable[_Element], out: Flow) -> None:
        for child in table:
            if child.tag in _ROW_GROUPS:
                self._table(child, out)
            elif child.tag == TABLE + "table-row":
                self._row(child, out)

    def _row(self, row: _Element, out: Flow) -> None:
        cells: list[Flow] = []
        for cell in row:
            if cell.tag not in (TABLE + "table-cell", TABLE + "covered-table-cell"):
                continue
            inner = Flow(is_inner=True)
            if cell.tag == TABLE + "table-cell":
                self.write(cell, inner)
            repeated = whole(cell.get(TABLE + "number-columns-repeated"), 1)
            cells += [inner] * (1 if inner.lines.place else min(repeated, _MOST_REPEATED))
        out.row(cells)
        out.end_line()


def _style_within(list_: _Element, styles: Styles) -> str:
    """The list style that the first paragraph of a list brings with it."""
    paragraph = next(list_.iter(TEXT + "p", TEXT + "h"), None)
    return "" if paragraph is None else styles.list_of(paragraph.get(TEXT + "style-name") or "")

"""From the blocks of a document to lines: paragraphs, tables, what hangs on them.

Follows ECMA-376 part 1, 17.2 to 17.4. What must never be known here: packages, and how the text of
a single paragraph comes about.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from longctx.formats.docx.clauses import Numbered
from longctx.formats.docx.styles import BODY
from longctx.formats.lines import Lines
from longctx.formats.ooxml import MC, W, alternatives, number, switched_on

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml.etree import _Element

    from longctx.formats.docx.numbering import Number, Numbering
    from longctx.formats.docx.runs import Content, Runs
    from longctx.formats.docx.styles import Style, Styles

_WRAPPERS = frozenset(W + name for name in "sdtContent customXml ins moveTo smartTag".split())
_LONG_ROW = 1_500
"""Characters of a row whose cells hold whole passages: a layout rather than a table."""


@dataclass
class _Out:
    """Where the story goes: the document itself, or a cell, a box, a note within it."""

    lines: Lines = field(default_factory=Lines)
    numbered: list[Numbered | None] = field(default_factory=list)
    notes: list[tuple[str, _Element]] = field(default_factory=list)
    is_inner: bool = False

    def take(self, other: _Out, at: int) -> None:
        """Take over what another one knows of its text, which begins here at `at`."""
        for anchor in other.lines.anchors:
            self.lines.anchor(anchor.kind, anchor.label, anchor.depth, at + anchor.start)
        self.numbered += [
            each and Numbered(at + each.start, each.number, each.is_heading)
            for each in other.numbered
        ]
        self.notes += other.notes


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a paragraph is apart from its text."""

    number: Number | None
    outline: int | None
    """The level of a heading, from 0."""
    is_title: bool
    head: str = ""
    """The heading, where the line goes on after it."""


class Story:
    """Writes one document's body. `titled`: the first paragraph in the style `Title` is one."""

    def __init__(
        self, runs: Runs, styles: Styles, numbering: Numbering, *, revisions: bool, titled: bool
    ) -> None:
        self._runs, self._styles, self._numbering = runs, styles, numbering
        self._revisions = revisions
        self._titled = titled
        self._carried: list[tuple[str, str]] = []
        """The beginning of a paragraph whose end is not shown."""
        self._begun: _Kind | None = None
        """What that paragraph is, if it decides what the whole line is."""
        self._out = _Out()

    @property
    def lines(self) -> Lines:
        return self._out.lines

    @property
    def numbered(self) -> list[Numbered | None]:
        return self._out.numbered

    def write(self, container: Iterable[_Element]) -> None:
        """All blocks of a body."""
        self._blocks(container, self._out)

    def _blocks(self, container: Iterable[_Element], out: _Out) -> None:
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

    def _paragraph(self, paragraph: _Element, out: _Out) -> None:
        properties = paragraph.find(W + "pPr")
        content = self._runs.content(paragraph)
        name = _value(properties, "pStyle")
        style = self._styles.of(name)
        removed, joined, hidden = _end(properties)
        pieces, self._carried = self._carried + content.pieces, []
        content.pieces = pieces
        if removed and not self._revisions:
            self._carried = pieces
            out.notes += content.notes
            return
        text = content.text
        if hidden and not joined and not text.strip():
            return
        kind, self._begun = self._begun, None
        if kind is None:
            counted = None if removed else self._count(properties, name, style)
            kind = _Kind(counted, _outline(properties, style), style.is_title)
        if joined:
            self._carried, self._begun = [*pieces, (" ", "")], replace(kind, head=text)
            out.notes += content.notes
            return
        self._line(text, content, kind, out)

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

    def _line(self, text: str, content: Content, kind: _Kind, out: _Out) -> None:
        said = _numbered("\n".join(line.rstrip() for line in text.strip().split("\n")), kind)
        if said:
            self._mark(_numbered(kind.head, kind) if kind.head else said, kind, out)
            out.lines.add(said)
        for box in content.boxes:
            self._blocks(box, out)
        out.notes += content.notes
        if not out.is_inner:
            self._flush(out)

    def _mark(self, said: str, kind: _Kind, out: _Out) -> None:
        """The anchors of a paragraph that is about to be written."""
        label = " ".join(said.split())
        if kind.outline is not None:
            if not out.is_inner:
                out.lines.gap()
            out.lines.anchor("heading", label, kind.outline)
        elif kind.is_title and self._titled and not out.is_inner:
            self._titled = False
            out.lines.anchor("title", label)
        counted = kind.number
        if counted is not None and counted.text and not counted.is_bullet:
            out.numbered.append(Numbered(out.lines.place, counted, kind.outline is not None))
        elif kind.outline is not None:
            out.numbered.append(None)

    def _flush(self, out: _Out) -> None:
        """Write the notes that the last line refers to."""
        notes, out.notes = out.notes, []
        for mark, note in notes:
            inner = _Out(is_inner=True)
            self._blocks(note, inner)
            text = " ".join(inner.lines.text.split())
            out.lines.add(f"{mark} {text}".rstrip())

    def _table(self, table: _Element, out: _Out) -> None:
        for row in _rows(table, revisions=self._revisions):
            self._row(row, out)

    def _row(self, row: _Element, out: _Out) -> None:
        cells: list[_Out] = []
        for cell in _cells(row):
            inner = _Out(is_inner=True)
            if not _continued(cell):
                self._blocks(cell, inner)
            cells.append(inner)
        texts = [cell.lines.text.rstrip("\n") for cell in cells]
        passages = any("\n" in text for text in texts)
        if len(cells) == 1 or (passages and sum(map(len, texts)) > _LONG_ROW):
            self._passages(cells, texts, out)
        elif any(texts):
            line, place = "", out.lines.place
            for cell, text in zip(cells, texts, strict=True):
                line += " | " if line or cell is not cells[0] else ""
                out.take(cell, place + len(line))
                # One character for one: what is known of the cell keeps its places.
                line += text.replace("\n", " ").replace("\t", " ")
            out.lines.add(line.rstrip(" |"))
        else:
            for cell in cells:
                out.notes += cell.notes
        if not out.is_inner:
            self._flush(out)

    def _passages(self, cells: list[_Out], texts: list[str], out: _Out) -> None:
        """One cell after the other, with their own lines."""
        for cell, text in zip(cells, texts, strict=True):
            out.take(cell, out.lines.place)
            if text:
                out.lines.add(text)


def _numbered(text: str, kind: _Kind) -> str:
    """A paragraph's text after its number."""
    number = kind.number
    if number is None or not number.text or (number.is_bullet and not text):
        return text
    indent = "  " * number.level if number.is_bullet else ""
    return f"{indent}{number.text}{number.joint}{text}".rstrip()


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

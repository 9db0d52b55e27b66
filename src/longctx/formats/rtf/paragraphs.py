"""What is being written of a file: the paragraph at hand, the row it is in, notes.

What may live here: what paragraphs, cells and rows become. What must never be known here: tokens
and groups.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from longctx.formats.flow import Flow, Kind, with_changes
from longctx.formats.numbers import Number

_PART = re.compile(r"\d+|[A-Za-z]+")
_BULLETS = "•·▪■●○o§–-*→➢✓❑◦□"
_TYPED = re.compile(r"^\s*[•·▪◦–]\t")
"""A bullet that is text: what writers without lists put there."""
_WORD = re.compile(r"[A-Za-z]{5,}")


@dataclass
class Style:
    """What a paragraph style says."""

    name: str = ""
    outline: int | None = None
    based_on: int | None = None


@dataclass
class Paragraph:
    """Properties of the paragraph at hand."""

    outline: int | None = None
    style: int | None = None
    list: int = 0
    level: int = 0
    in_table: bool = False


@dataclass
class Writer:
    """One stream of paragraphs: the document's, or a note's."""

    flow: Flow
    pieces: list[tuple[str, str]] = field(default_factory=list)
    number: list[str] = field(default_factory=list)
    paragraph: Paragraph = field(default_factory=Paragraph)
    _cell: Flow = field(default_factory=lambda: Flow(is_inner=True))
    _cells: list[Flow] = field(default_factory=list)

    def end_paragraph(self, kind: Kind) -> None:
        into = self._cell if self.paragraph.in_table else self.flow
        if into is self.flow and (self._cells or self._cell.lines.place):
            self.end_row()
        into.paragraph(self._text(), kind)
        into.end_line()

    def end_cell(self, kind: Kind) -> None:
        self._cell.paragraph(self._text(), kind)
        self._cells.append(self._cell)
        self._cell = Flow(is_inner=True)

    def end_row(self) -> None:
        """Write the row; also one that the file never ended."""
        if self._cell.lines.place:
            self._cells.append(self._cell)
            self._cell = Flow(is_inner=True)
        cells, self._cells = self._cells, []
        if cells:
            self.flow.row(cells)
            self.flow.end_line()

    def note(self, mark: str, note: Flow) -> None:
        (self._cell if self.paragraph.in_table else self.flow).notes.append((mark, note))

    def close(self, kind: Kind) -> None:
        """Write what has not been ended."""
        if self.pieces:
            self.end_paragraph(kind)
        self.end_row()
        self.flow.end_line()

    def counted(self) -> Number | None:
        """The number of the paragraph, from how it is displayed."""
        text = " ".join("".join(self.number).split())
        self.number.clear()
        if not text:
            return None
        here = self.paragraph
        if text in _BULLETS:
            return Number("-", " ", str(here.list), here.level, "bullet", "")
        return Number(
            text, " ", str(here.list), here.level, _format(text), _pattern(text, here.level)
        )

    def _text(self) -> str:
        text = with_changes(self.pieces)
        self.pieces.clear()
        return _TYPED.sub("- ", text)


def _format(text: str) -> str:
    parts = _PART.findall(text)
    return "decimal" if parts and parts[-1].isdecimal() else "lowerLetter"


def _pattern(text: str, level: int) -> str:
    """The pattern that may have made the number: only the outcome is written in the file."""
    parts = list(_PART.finditer(text))
    if not parts:
        return text
    last = parts[-1]
    words = [match for match in parts[:-1] if _WORD.fullmatch(match[0])]
    above = "%1." if len(parts) - len(words) > 1 and level else ""
    before = text[: last.start()] if words or not above else ""
    return f"{before}{above}%{level + 1}{text[last.end() :]}"

"""Paragraphs, headings and tables of word processors on their way to lines with anchors.

What may live here: what all word processors have in common. What must never be known here: XML, and
how any of them keeps its files.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from longctx.formats.lines import Lines
from longctx.formats.numbers.clauses import Numbered, clauses

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from longctx.corpus import Anchor
    from longctx.formats.numbers import Number

_LONG_ROW = 1_500
"""Characters of a row whose cells hold whole passages: a layout rather than a table."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a paragraph is apart from its text."""

    number: Number | None = None
    outline: int | None = None
    """The level of a heading, from 0."""
    is_title: bool = False
    head: str = ""
    """The heading, where the line goes on after it."""


@dataclass
class Flow:
    """Where text goes: a document, or a cell, a box, a note within it."""

    lines: Lines = field(default_factory=Lines)
    numbered: list[Numbered | None] = field(default_factory=list)
    notes: list[tuple[str, Flow]] = field(default_factory=list)
    """Marks of notes that are still to be written, and what they say."""
    is_inner: bool = False
    wants_title: bool = False
    """The next paragraph that is a title becomes an anchor."""

    @property
    def anchors(self) -> tuple[Anchor, ...]:
        """All anchors, also those that only all numbers together make."""
        found = (*self.lines.anchors, *clauses(self.numbered))
        return tuple(sorted(found, key=lambda anchor: anchor.start))

    def paragraph(self, text: str, kind: Kind) -> None:
        """Write a paragraph after its number; nothing where nothing would show."""
        text = "\n".join(line.rstrip() for line in text.strip().split("\n"))
        if said := _numbered(text, kind):
            self._mark(_numbered(kind.head, kind) if kind.head else said, kind)
            self.lines.add(said)

    def row(self, cells: Sequence[Flow]) -> None:
        """Write a row of a table. Cells that hold whole passages follow on each other instead."""
        texts = [cell.lines.text.rstrip("\n") for cell in cells]
        is_layout = any("\n" in text for text in texts) and sum(map(len, texts)) > _LONG_ROW
        if len(cells) == 1 or is_layout:
            for cell, text in zip(cells, texts, strict=True):
                self._take(cell, self.lines.place)
                if text:
                    self.lines.add(text)
            return
        line, place = "", self.lines.place
        for number, (cell, text) in enumerate(zip(cells, texts, strict=True)):
            line += " | " if number else ""
            self._take(cell, place + len(line))
            # One character for one: what is known of the cell keeps its places.
            line += text.replace("\n", " ").replace("\t", " ")
        if any(texts):
            self.lines.add(line.rstrip(" |"))

    def end_line(self) -> None:
        """Write the notes that were referred to, unless they belong after a line further out."""
        if self.is_inner:
            return
        notes, self.notes = self.notes, []
        for mark, note in notes:
            self.lines.add(f"{mark} {' '.join(note.lines.text.split())}".rstrip())

    def _take(self, other: Flow, at: int) -> None:
        """Take over what another one knows of its text, which begins here at `at`."""
        for anchor in other.lines.anchors:
            self.lines.anchor(anchor.kind, anchor.label, anchor.depth, at + anchor.start)
        self.numbered += [
            each and Numbered(at + each.start, each.number, each.is_heading)
            for each in other.numbered
        ]
        self.notes += other.notes

    def _mark(self, said: str, kind: Kind) -> None:
        """The anchors of a paragraph that is about to be written."""
        label = " ".join(said.split())
        if kind.outline is not None:
            if not self.is_inner:
                self.lines.gap()
            self.lines.anchor("heading", label, kind.outline)
        elif kind.is_title and self.wants_title:
            self.wants_title = False
            self.lines.anchor("title", label)
        number = kind.number
        if number is not None and number.text and not number.is_bullet:
            self.numbered.append(Numbered(self.lines.place, number, kind.outline is not None))
        elif kind.outline is not None:
            self.numbered.append(None)


def with_changes(pieces: Iterable[tuple[str, str]]) -> str:
    """One text of pieces that come with how they were changed (`inserted by Jane`, or nothing)."""
    parts: list[str] = []
    for change, group in groupby(pieces, key=lambda piece: piece[1]):
        text = "".join(piece for piece, _ in group)
        parts.append(f"[{change}: {text.strip()}]" if change and text.strip() else text)
    return "".join(parts)


def _numbered(text: str, kind: Kind) -> str:
    """A paragraph's text after its number."""
    number = kind.number
    if number is None or not number.text or (number.is_bullet and not text):
        return text
    indent = "  " * number.level if number.is_bullet else ""
    return f"{indent}{number.text}{number.joint}{text}".rstrip()

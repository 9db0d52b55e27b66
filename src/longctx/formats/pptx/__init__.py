"""Slides (.pptx) in the order in which they are shown, with their notes.

What may live here: which parts a slide has, and what is left out of it. What must never be known
here: where the file came from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx.corpus import Reason
from longctx.formats import Extract, Left, Refused
from longctx.formats.lines import Lines
from longctx.formats.ooxml import A, P, Parts, R, first_of, number
from longctx.formats.pptx.shapes import TITLES, Places, Shape, places_of, shapes
from longctx.formats.pptx.text import paragraphs, rows

if TYPE_CHECKING:
    from lxml.etree import _Element

    from longctx.formats import Material, Options, Report
    from longctx.formats.ooxml import Relation

MOST_SLIDES = 5_000
_TREE = f"{P}cSld/{P}spTree"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds"
_BULLETED = ("body", "obj")
_NUMBERS = ("sldNum", "dt")
_RUNNING = ("ftr", "hdr")
_LONGEST = 200
"""Characters of a footer in what is told about it."""


class _Pptx:
    def read(self, file: Material, options: Options, report: Report) -> Extract:
        """A paragraph or table row a line; slides as anchors, and their titles as headings."""
        parts = Parts(file.data)
        main = parts.main("ppt/presentation.xml")
        relations = parts.relations(main)
        root = parts.root(main)
        deck = _Deck(parts)
        if title := parts.title():
            deck.lines.anchor("title", title)
        listed = [
            relations[name].target
            for each in root.iterfind(f"{P}sldIdLst/{P}sldId")
            if (name := each.get(R + "id") or "") in relations
        ]
        first = number(root.get("firstSlideNum"), 1)
        for done, part in enumerate(listed[:MOST_SLIDES]):
            report(done, len(listed))
            deck.slide(part, str(first + done))
        if len(listed) > MOST_SLIDES:
            detail = f"{MOST_SLIDES:,} of {len(listed):,} slides are shown"
            deck.left.append(Left(Reason.LIMIT, "end", detail))
        return Extract(deck.lines.text, tuple(deck.lines.anchors), tuple(deck.left))


PPTX = _Pptx()


class _Deck:
    """Writes slides, one after the other."""

    def __init__(self, parts: Parts) -> None:
        self.lines = Lines()
        self.left: list[Left] = []
        self._parts = parts
        self._layouts: dict[str, Places] = {}
        self._footers: set[str] = set()
        self._shown: set[str] = set()

    def slide(self, part: str, label: str) -> None:
        """Write one slide; what cannot be read of it is left out."""
        self.lines.gap()
        self.lines.anchor("slide", label)
        try:
            root = self._parts.root(part)
        except Refused as refused:
            self.left.append(Left(refused.reason, f"slide {label}", refused.detail))
            return
        relations = self._parts.relations(part)
        if root.get("show", "1") in ("0", "false"):
            self.lines.add("(hidden slide)")
        places = self._places(first_of(relations, "slideLayout"))
        for shape in shapes(_tree(root), places):
            self._shape(shape, relations)
        self._notes(first_of(relations, "notesSlide"))

    def _places(self, layout: str | None) -> Places:
        """Where the layout, or else its master, puts placeholders."""
        if layout is None:
            return {}
        if layout not in self._layouts:
            master = first_of(self._parts.relations(layout), "slideMaster")
            above = self._parts.found(master)
            own = self._parts.found(layout)
            places = {} if above is None else places_of(_tree(above))
            self._layouts[layout] = places | ({} if own is None else places_of(_tree(own)))
        return self._layouts[layout]

    def _shape(self, shape: Shape, relations: dict[str, Relation]) -> None:
        element = shape.element
        if shape.placeholder in _NUMBERS:
            return
        found = paragraphs(element.find(P + "txBody"), bulleted=shape.placeholder in _BULLETED)
        if shape.placeholder in _RUNNING:
            self._footer(" ".join(found)[:_LONGEST])
            return
        if shape.placeholder in TITLES and found:
            title = " ".join(" ".join(found).split())
            self.lines.anchor("heading", title)
            self.lines.add(title)
            return
        for table in element.iterfind(f"{A}graphic/{A}graphicData/{A}tbl"):
            found += rows(table)
        for diagram in element.iterfind(f"{A}graphic/{A}graphicData/{_DIAGRAM}"):
            found += self._diagram(relations.get(diagram.get(R + "dm") or ""))
        described = element.find(f"*/{P}cNvPr")
        said = "" if described is None else " ".join((described.get("descr") or "").split())
        if said and not found:
            found.append(f"[image: {said}]")
        for line in found:
            self.lines.add(line)

    def _diagram(self, relation: Relation | None) -> list[str]:
        """The texts of a diagram (SmartArt), whose data is a part of its own."""
        if relation is None or relation.target in self._shown:
            return []
        self._shown.add(relation.target)
        root = self._parts.found(relation.target)
        bodies = () if root is None else root.iter("{*}t")
        return [line for body in bodies for line in paragraphs(body, bulleted=True)]

    def _footer(self, text: str) -> None:
        if text and text not in self._footers and len(self._footers) < 20:
            self._footers.add(text)
            self.left.append(Left(Reason.RUNNING, "footer", text))

    def _notes(self, part: str | None) -> None:
        root = None if part is None or part in self._shown else self._parts.found(part)
        if root is None or part is None:
            return
        self._shown.add(part)
        found = [
            line
            for shape in shapes(_tree(root), {})
            if shape.placeholder == "body"
            for line in paragraphs(shape.element.find(P + "txBody"))
        ]
        if found:
            self.lines.add("Notes: " + "\n".join(found))


def _tree(root: _Element) -> list[_Element]:
    tree = root.find(_TREE)
    return [] if tree is None else list(tree)

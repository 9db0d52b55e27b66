"""The text of one paragraph: runs, fields, tracked changes, formulas.

Follows ECMA-376 part 1, 17.3 and 17.16. What must never be known here: where the paragraph stands,
and its number.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from longctx.formats.docx import symbols
from longctx.formats.docx.equations import equation
from longctx.formats.flow import with_changes
from longctx.formats.ooxml import MC, M, W, alternatives, switched_on

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml.etree import _Element

    from longctx.formats.docx.notes import Notes

_DOC_PROPERTIES = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
_SHAPE = "{urn:schemas-microsoft-com:vml}shape"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds"
_BOX = W + "txbxContent"
_AUTHOR = 60
"""Characters of a name, which may stand in the text many times."""

_FIXED = {
    W + "tab": "\t",
    W + "ptab": "\t",
    W + "cr": "\n",
    W + "noBreakHyphen": "-",
    M + "t": "",
}
_TRANSPARENT = frozenset(
    W + name for name in "hyperlink smartTag fldSimple customXml dir bdo sdtContent".split()
)
_CHANGES = {
    W + "ins": "inserted",
    W + "moveTo": "inserted",
    W + "del": "deleted",
    W + "moveFrom": "deleted",
}
_INSTRUCTION, _RESULT = False, True


@dataclass
class Content:
    """What a paragraph holds."""

    pieces: list[tuple[str, str]] = field(default_factory=list)
    """Texts, each with how it was changed (`inserted by Jane`), empty where it was not."""
    boxes: list[_Element] = field(default_factory=list)
    """Text boxes that hang on it."""
    notes: list[tuple[str, _Element]] = field(default_factory=list)
    """Footnotes and endnotes with their marks, those shown for the first time."""

    @property
    def text(self) -> str:
        """Its text, changes in brackets."""
        return with_changes(self.pieces)


class Runs:
    """Reads the paragraphs of one story; fields may reach over several of them."""

    def __init__(self, root: _Element, notes: Notes, *, revisions: bool) -> None:
        self._notes = notes
        self._revisions = revisions
        self._fields: list[bool] = []
        """Of each field that is open, whether its result is being read."""
        kinds = [each.get(W + "fldCharType") for each in root.iter(W + "fldChar")]
        self._sound = kinds.count("begin") == kinds.count("end")
        self._seen: set[str] = set()

    def content(self, paragraph: _Element) -> Content:
        """Everything in the paragraph that a reader sees."""
        if not self._sound:
            self._fields.clear()
        content = Content()
        self._inline(paragraph, "", content)
        return content

    def _inline(self, parent: Iterable[_Element], change: str, content: Content) -> None:
        for child in parent:
            tag = child.tag
            if tag == W + "r":
                self._run(child, change, content)
            elif tag in _TRANSPARENT:
                self._inline(child, change, content)
            elif tag in _CHANGES:
                if self._revisions or _CHANGES[tag] == "inserted":
                    self._inline(child, self._changed(child, change), content)
            elif tag == W + "sdt":
                self._inline(child.iterchildren(W + "sdtContent"), change, content)
            elif tag == MC + "AlternateContent":
                self._inline(alternatives(child), change, content)
            elif tag in (M + "oMath", M + "oMathPara"):
                self._say(equation(child), change, content)

    def _changed(self, element: _Element, change: str) -> str:
        """How what is in this element was changed; a deletion outweighs the insertion before."""
        verb = _CHANGES[element.tag]
        if not self._revisions or (verb == "inserted" and change):
            return change
        author = " ".join((element.get(W + "author") or "someone").split())[:_AUTHOR]
        return f"{verb} by {author}"

    def _say(self, text: str, change: str, content: Content) -> None:
        if text and all(self._fields):
            content.pieces.append((text, change))

    def _run(self, run: _Element, change: str, content: Content) -> None:
        properties = run.find(W + "rPr")
        hidden = properties is not None and switched_on(properties.find(W + "vanish"), W + "val")
        for child in run:
            tag = child.tag
            if tag == W + "fldChar":
                self._field(child, change, content)
            elif hidden:
                continue
            elif tag in (W + "t", W + "delText"):
                self._say(child.text or "", change, content)
            elif tag in _FIXED:
                self._say(_FIXED[tag], change, content)
            elif tag == W + "br":
                if child.get(W + "type", "textWrapping") == "textWrapping":
                    self._say("\n", change, content)
            elif tag == W + "sym":
                sign = symbols.sign(child.get(W + "font") or "", child.get(W + "char") or "")
                self._say(sign, change, content)
            elif tag in (W + "footnoteReference", W + "endnoteReference"):
                self._note(child, change, content)
            elif tag == W + "commentReference" and self._revisions:
                self._say(self._notes.comment(child.get(W + "id") or ""), "", content)
            elif tag == W + "ruby":
                self._ruby(child, change, content)
            elif tag == MC + "AlternateContent":
                for chosen in alternatives(child):
                    self._picture(chosen, change, content)
            elif tag in (W + "drawing", W + "pict", W + "object"):
                self._picture(child, change, content)

    def _field(self, element: _Element, change: str, content: Content) -> None:
        match element.get(W + "fldCharType"):
            case "begin":
                box = element.find(f"{W}ffData/{W}checkBox")
                if box is not None:
                    self._say("[x]" if _checked(box) else "[ ]", change, content)
                self._fields.append(_INSTRUCTION)
            case "separate" if self._fields:
                self._fields[-1] = _RESULT
            case "end" if self._fields:
                self._fields.pop()

    def _note(self, reference: _Element, change: str, content: Content) -> None:
        if not all(self._fields):
            return
        kind = "footnote" if reference.tag == W + "footnoteReference" else "endnote"
        mark, note = self._notes.referred(kind, reference.get(W + "id") or "")
        if mark:
            self._say(mark, change, content)
        if note is not None:
            content.notes.append((mark, note))

    def _ruby(self, ruby: _Element, change: str, content: Content) -> None:
        self._inline(ruby.iterchildren(W + "rubyBase"), change, content)
        for base in ruby.iterchildren(W + "rubyBase"):
            self._inline(base, change, content)
        reading = "".join(each.text or "" for each in ruby.iterfind(f"{W}rt/{W}r/{W}t"))
        self._say(f"({reading})" if reading else "", change, content)

    def _picture(self, drawing: _Element, change: str, content: Content) -> None:
        """What a drawing says in words: text boxes, diagrams, a description for those who do not
        see it."""
        if not all(self._fields):
            return
        texts: list[str] = []
        open_ = [drawing]
        while open_:
            element = open_.pop()
            if element.tag == _BOX:
                content.boxes.append(element)
            elif element.tag == MC + "AlternateContent":
                open_ += reversed(alternatives(element))
            else:
                if element.tag == _DOC_PROPERTIES:
                    texts.append(element.get("descr") or "")
                elif element.tag == _SHAPE:
                    texts.append(element.get("alt") or "")
                elif element.tag == _DIAGRAM:
                    self._say(self._notes.diagram(element), change, content)
                open_ += reversed(element)
        said = " ".join(" ".join(texts).split())
        if said and not content.boxes:
            self._say(f"[image: {said}]", change, content)


def _checked(box: _Element) -> bool:
    checked = box.find(W + "checked")
    return switched_on(box.find(W + "default") if checked is None else checked, W + "val")

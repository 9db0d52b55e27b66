"""The text of one paragraph: spans, fields, notes, tracked changes.

Follows OpenDocument 1.3 part 3, 6. What must never be known here: where the paragraph stands, and
its number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from longctx.formats.numbers.counting import roman
from longctx.formats.odt.styles import DRAW, OFFICE, TABLE, TEXT, whole

if TYPE_CHECKING:
    from lxml.etree import _Element

CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
_SVG = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"
_SPACE = re.compile(r"[ \t\r\n]+")
_MOST_SPACES = 100
_AUTHOR = 60
"""Characters of a name, which may stand in the text many times."""
_SILENT = frozenset(
    TEXT + name for name in "number tracked-changes hidden-text hidden-paragraph ruby-text".split()
) | {OFFICE + "annotation-end", OFFICE + "forms", TEXT + "note-citation"}


@dataclass
class Content:
    """What a paragraph holds."""

    pieces: list[tuple[str, str]] = field(default_factory=list)
    """Texts, each with how it was changed, empty where it was not."""
    boxes: list[_Element] = field(default_factory=list)
    notes: list[tuple[str, _Element]] = field(default_factory=list)


class Inline:
    """Reads the paragraphs of one document; changes may reach over several of them."""

    def __init__(self, body: _Element, *, revisions: bool) -> None:
        self._revisions = revisions
        self._changes = _changes(body) if revisions else {}
        self._open: dict[str, str] = {}
        """Insertions that have begun, by id."""
        self._counts = {"footnote": 0, "endnote": 0}

    def content(self, paragraph: _Element) -> Content:
        """Everything in the paragraph that a reader sees."""
        content = Content()
        self._inside(paragraph, content)
        return content

    def _inside(self, element: _Element, content: Content) -> None:
        self._say(_SPACE.sub(" ", element.text or ""), content)
        for child in element:
            if isinstance(child.tag, str) and child.tag not in _SILENT:
                self._child(child, content)
            self._say(_SPACE.sub(" ", child.tail or ""), content)

    def _say(self, text: str, content: Content) -> None:
        if text:
            content.pieces.append((text, next(reversed(self._open.values()), "")))

    def _child(self, child: _Element, content: Content) -> None:
        match child.tag.rpartition("}")[2] if child.tag.startswith(TEXT) else child.tag:
            case "s":
                self._say(" " * min(whole(child.get(TEXT + "c"), 1), _MOST_SPACES), content)
            case "tab":
                self._say("\t", content)
            case "line-break":
                self._say("\n", content)
            case "note":
                self._note(child, content)
            case "change" | "change-start" | "change-end" as kind:
                self._change(kind, child.get(TEXT + "change-id") or "", content)
            case _ if child.tag == OFFICE + "annotation":
                if self._revisions:
                    content.pieces.append((_comment(child), ""))
            case _ if child.tag == DRAW + "frame":
                self._frame(child, content)
            case _ if child.tag == DRAW + "text-box":
                content.boxes.append(child)
            case _ if child.tag.startswith((TEXT, DRAW)):
                self._inside(child, content)

    def _note(self, note: _Element, content: Content) -> None:
        kind = "endnote" if note.get(TEXT + "note-class") == "endnote" else "footnote"
        self._counts[kind] += 1
        count = self._counts[kind]
        mark = f"[^{count if kind == 'footnote' else roman(count)}]"
        self._say(mark, content)
        body = note.find(TEXT + "note-body")
        if body is not None:
            content.notes.append((mark, body))

    def _change(self, kind: str, name: str, content: Content) -> None:
        change = self._changes.get(name)
        if kind == "change-end":
            self._open.pop(name, None)
        elif change is not None and kind == "change-start" and change[0].startswith("inserted"):
            self._open[name] = change[0]
        elif change is not None and kind == "change" and change[1]:
            said, removed = change
            content.pieces.append((removed, said))
            # Once is enough: the mark may be copied, the text must not be.
            self._changes[name] = (said, "")

    def _frame(self, frame: _Element, content: Content) -> None:
        boxes = frame.findall(DRAW + "text-box")
        content.boxes += boxes
        content.boxes += frame.findall(TABLE + "table")
        said = frame.findtext(_SVG + "desc") or frame.findtext(_SVG + "title") or ""
        if said.strip() and not boxes:
            self._say(f"[image: {' '.join(said.split())}]", content)


def _changes(body: _Element) -> dict[str, tuple[str, str]]:
    """What was changed, by id: how (`deleted by Jane`), and the text that is gone."""
    found: dict[str, tuple[str, str]] = {}
    for region in body.iterfind(f"{TEXT}tracked-changes/{TEXT}changed-region"):
        for change in region:
            verb = {TEXT + "insertion": "inserted", TEXT + "deletion": "deleted"}.get(change.tag)
            if verb is None:
                continue
            texts = (
                _SPACE.sub(" ", "".join(paragraph.itertext()))
                for paragraph in change.iter(TEXT + "p", TEXT + "h")
            )
            name = region.get(TEXT + "id") or region.get("{http://www.w3.org/XML/1998/namespace}id")
            found[name or ""] = (f"{verb} by {_author(change)}", " ".join(texts))
    return found


def _comment(annotation: _Element) -> str:
    texts = ("".join(each.itertext()) for each in annotation.iter(TEXT + "p"))
    return f"[comment by {_author(annotation)}: {' '.join(' '.join(texts).split())}]"


def _author(element: _Element) -> str:
    creator = next(element.iter(CREATOR), None)
    said = "" if creator is None else " ".join((creator.text or "").split())
    return said[:_AUTHOR] or "someone"

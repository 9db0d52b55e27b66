"""What hangs on a document's text from other parts: footnotes, endnotes, comments, diagrams.

What must never be known here: how paragraphs are read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx.formats.numbers.counting import roman
from longctx.formats.ooxml import A, R, W, first_of

if TYPE_CHECKING:
    from lxml.etree import _Element

    from longctx.formats.ooxml import Parts, Relation

_AUTHOR = 60
"""Characters of a name."""


class Notes:
    """The notes of one document. Each is handed out once, however often it is referred to."""

    def __init__(self, parts: Parts, relations: dict[str, Relation]) -> None:
        self._parts = parts
        self._relations = relations
        self._notes = {
            kind: _by_id(parts.found(first_of(relations, f"{kind}s")), kind)
            for kind in ("footnote", "endnote")
        }
        self._marks: dict[tuple[str, str], str] = {}
        self._comments = _by_id(parts.found(first_of(relations, "comments")), "comment")
        self._shown: set[str] = set()

    def referred(self, kind: str, name: str) -> tuple[str, _Element | None]:
        """The mark of a note, `[^3]`, and the note itself at its first mention."""
        note = self._notes[kind].get(name)
        if note is None:
            return "", None
        known = self._marks.get((kind, name))
        if known is not None:
            return known, None
        count = 1 + sum(each == kind for each, _ in self._marks)
        mark = f"[^{count if kind == 'footnote' else roman(count)}]"
        self._marks[kind, name] = mark
        return mark, note

    def comment(self, name: str) -> str:
        """A comment in brackets, at its first mention."""
        comment = self._comments.pop(name, None)
        if comment is None:
            return ""
        author = " ".join((comment.get(W + "author") or "someone").split())[:_AUTHOR]
        paragraphs = (
            "".join(text.text or "" for text in paragraph.iter(W + "t"))
            for paragraph in comment.iter(W + "p")
        )
        return f"[comment by {author}: {' '.join(' '.join(paragraphs).split())}]"

    def diagram(self, element: _Element) -> str:
        """The texts of a diagram (SmartArt), whose data is a part of its own."""
        relation = self._relations.get(element.get(R + "dm") or "")
        if relation is None or relation.target in self._shown:
            return ""
        self._shown.add(relation.target)
        root = self._parts.found(relation.target)
        if root is None:
            return ""
        texts = (
            "".join(text.text or "" for text in paragraph.iter(A + "t"))
            for paragraph in root.iter(A + "p")
        )
        said = "; ".join(text for text in texts if text.strip())
        return f"[diagram: {said}]" if said else ""


def _by_id(root: _Element | None, kind: str) -> dict[str, _Element]:
    """Notes by id, without the lines that part notes from the text."""
    return {
        each.get(W + "id") or "": each
        for each in (() if root is None else root.iterchildren(W + kind))
        if each.get(W + "type") in (None, "normal")
    }

"""What a document's text says of its own structure: headings, chapters, clauses, paragraphs.

Pure: text in, anchors out. What must never be known here: files and their formats, prompts,
answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx.structure.bates import bates_in
from longctx.structure.clauses import clauses_in
from longctx.structure.headings import headings_in, is_prose

if TYPE_CHECKING:
    from longctx.corpus import Anchor, Document

_HEADED = frozenset(("heading", "chapter", "title"))
_CLAUSED = frozenset(("clause", "paragraph", "sheet", "cell"))


def anchors_of(document: Document) -> tuple[Anchor, ...]:
    """Every anchor of the document, in the order of their places: those that came with it, and
    those that its text shows.

    Takes about a second of work for 10 MB of text, and nothing is kept: ask once.
    """
    text, kinds = document.text, {anchor.kind for anchor in document.anchors}
    found = list(document.anchors)
    if not kinds & _HEADED:
        found += headings_in(document.path, text)
    if not kinds & _CLAUSED and is_prose(document.path):
        found += clauses_in(text)
    if "bates" not in kinds and (kinds or is_prose(document.path)):
        found += bates_in(text)
    return tuple(sorted(found, key=lambda anchor: anchor.start))

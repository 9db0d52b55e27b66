"""What a document's text says of its own structure: headings, chapters, clauses, paragraphs.

Pure: text in, anchors out. What must never be known here: files and their formats, prompts,
answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from longctx.corpus import Anchor, Document


def anchors_of(document: Document) -> tuple[Anchor, ...]:
    """Every anchor of the document, in the order of their places: those that came with it, and
    those that its text shows."""
    return document.anchors

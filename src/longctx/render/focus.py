"""The passages that are repeated word for word just before the question, best last.

They stand after everything that is shared, so they cost no prefix. Where a document is not in the
prompt at all, this is the only place where the model sees any of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx.render.escaping import attribute, defused
from longctx.render.marks import place_mark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longctx.corpus import Document, Span


def passage(document: Document, span: Span) -> str:
    """One passage under its place; ends with a line end."""
    text = defused(document.slice(span)).strip("\r\n")
    return f"[{attribute(document.path)}{place_mark(document, span)}]\n{text}\n"


def focus(passages: Sequence[str], numbers: Sequence[int]) -> str:
    """The block of these passages, the best last, and the documents they are from, best first."""
    listed = ", ".join(f"d{number}" for number in dict.fromkeys(numbers))
    most = f' documents="{listed}"' if listed else ""
    return f"<focus{most}>\n{''.join(passages)}</focus>\n"

"""The outline level of a document: its definitions as text, one a line, each with its number.

What may live here: what a line says, and how much is shown. What must never be known here: tags,
marks and escaping (`render`), tokens. Always shorter than the text it stands for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from longctx.outline.values import DETAILS, Definition, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from longctx.corpus import Document
    from longctx.outline.values import Outline

LONGEST = 100_000
"""Characters of one outline."""

_SPACE = re.compile(r"\s+")


def outline_text(outline: Outline, document: Document) -> str:
    """`12 class Berth(Thing):  # A berth.`, indented by depth; lines end with `\\n`.

    Shorter than the document's text, and empty where nothing shorter says anything: comments go
    first, then constants and fields, then what is deeper, then what comes last.
    """
    limit = min(LONGEST, len(document.text) - 1)
    depths = sorted({each.depth for each in outline.definitions}, reverse=True)
    ways: list[Callable[[Definition], str | None]] = [
        lambda each: _line(each, document, each.doc),
        lambda each: _line(each, document, ""),
        lambda each: None if each.kind in DETAILS else _line(each, document, ""),
    ]
    for depth in depths:
        ways.append(
            lambda each, depth=depth: (  # type: ignore[misc]
                None if each.depth >= depth or each.kind in DETAILS else _line(each, document, "")
            )
        )
    for way in ways:
        lines = _upto(filter(None, map(way, outline.definitions)), limit)
        if lines is not None:
            return lines
    return ""


def _upto(lines: Iterable[str], limit: int) -> str | None:
    """The lines joined; None where they are longer than the limit."""
    parts: list[str] = []
    size = 0
    for line in lines:
        parts.append(line)
        size += len(line)
        if size > limit:
            return None
    return "".join(parts)


def _line(each: Definition, document: Document, doc: str) -> str:
    signature = _SPACE.sub(" ", document.slice(each.signature)).strip()
    if each.kind is Kind.HEADING:
        signature = "#" * (each.depth + 1) + " " + each.name
    elif each.name not in signature:  # `typedef struct { ... } name`
        signature += f" … {each.name}"
    said = f"  # {doc}" if doc else ""
    number = document.line_of(each.signature.start)
    return f"{number} {'  ' * each.depth}{signature}{said}\n"

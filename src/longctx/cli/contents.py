"""What places the documents have, as a table of contents.

What may live here: which anchors are worth a line, and the lines. What must never be known here:
how anchors are found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx.cli.phrasing import columns, counted, one_line, shortened_end
from longctx.structure.places import Places
from longctx.structure.wordings import told

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from longctx.corpus import Document
    from longctx.structure.reaching import Anchored

COUNTED = ("page", "slide", "row", "cell", "timestamp", "bates", "paragraph")
"""Kinds of which a document has many alike: their first and last say enough."""
DEPTH = 1
"""How deep the listed anchors lie where not all are asked for."""
DOCUMENTS, ANCHORS, ALONE = 100, 8, 100
"""Documents listed, places listed of each, and of the only one."""
INDENT = 2


def contents(documents: Sequence[Document], *, everything: bool) -> Iterator[str]:
    """Lines: each document with the extent of its pages, then its chapters, headings, clauses."""
    shown = documents if everything else documents[:DOCUMENTS]
    most = ALONE if len(documents) == 1 else ANCHORS
    for document in shown:
        places = Places(document)
        yield shortened_end("", f"{document.path}  {_extent(document, places)}", columns())
        listed = [each for each in places if each.anchor.kind not in COUNTED]
        if not everything:
            listed = [each for each in listed if each.anchor.depth <= DEPTH]
        cut = listed if everything else listed[:most]
        yield from (_line(document, each) for each in cut)
        if len(listed) > len(cut):
            yield f"{' ' * INDENT}… {len(listed) - len(cut):,} more"
    if len(documents) > len(shown):
        yield f"… {counted(len(documents) - len(shown), 'document')} more"


def contents_as_json(documents: Sequence[Document]) -> dict[str, object]:
    """Every document with all its anchors; documented in docs/json.md."""
    return {
        "documents": [
            {
                "path": document.path,
                "lines": document.line_count,
                "anchors": [
                    {
                        "kind": each.anchor.kind,
                        "label": each.anchor.label,
                        "depth": each.anchor.depth,
                        "lines": document.lines_of(each.span),
                    }
                    for each in Places(document)
                ],
            }
            for document in documents
        ]
    }


def _extent(document: Document, places: Places) -> str:
    parts = [counted(document.line_count, "line")]
    for kind in COUNTED:
        found = [each.anchor for each in places if each.anchor.kind == kind]
        if found:
            parts.append(one_line(told(found[0], found[-1])))
    return ", ".join(parts)


def _line(document: Document, each: Anchored) -> str:
    """An anchor with the words that begin it, unless they are its label."""
    head = " " * (INDENT * (1 + min(each.anchor.depth, 8))) + one_line(told(each.anchor))
    line = document.slice(document.span_of(*[document.line_of(each.anchor.start)] * 2))
    words = line.strip("#= \t\r\n") if document.text else ""
    named = each.anchor.kind != "clause" or not words
    return shortened_end(head, "" if named else f"  {words}", columns())

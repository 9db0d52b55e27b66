"""Outlines of documents, kept by content.

What may live here: what an outline depends on, and how it is kept. What must never be known here:
how outlines are found, what they are for.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from longctx import outline
from longctx.outline.packing import Unpackable
from longctx.tokens.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longctx.corpus import Document
    from longctx.outline import Outline
    from longctx.tokens.memo import Memo


def outlines_of(documents: Sequence[Document], memo: Memo) -> list[Outline]:
    """The outlines of these documents, in their order; those that are not kept are found."""
    if not documents:
        return []
    shelf = Shelf(memo, f"outline\0{outline.VERSION}")
    keys = [key_of(document) for document in documents]
    known = shelf.get(keys)
    found: list[Outline] = []
    fresh: dict[bytes, bytes] = {}
    for document, key in zip(documents, keys, strict=True):
        kept = _unpacked(known.get(key))
        if kept is None:
            kept = outline.outlined(document.path, document.text, document.anchors)
            fresh[key] = outline.packed(kept)
        found.append(kept)
    if fresh:
        shelf.put(fresh)
    return found


def _unpacked(data: bytes | None) -> Outline | None:
    try:
        return None if data is None else outline.unpacked(data)
    except Unpackable:
        return None  # damaged: as good as absent


def key_of(document: Document) -> bytes:
    """Names what an outline depends on: the content, and the language that the path tells."""
    name = document.path.rpartition("/")[2]
    return hashlib.sha256(name.encode("utf-8", "surrogatepass") + b"\0" + document.digest).digest()

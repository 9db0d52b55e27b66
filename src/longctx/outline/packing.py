"""Outlines as bytes, for caches: JSON, never a pickle.

What may live here: the wire form. What must never be known here: where bytes are kept, texts.
"""

from __future__ import annotations

import json

from longctx.corpus import Span
from longctx.outline.values import Definition, Kind, Outline, Source


class Unpackable(ValueError):
    """The bytes are no outline."""


def packed(outline: Outline) -> bytes:
    rows = [
        (
            str(each.kind),
            each.name,
            each.qualified,
            each.signature.start,
            each.signature.end,
            each.doc,
            each.first,
            each.last,
            each.depth,
        )
        for each in outline.definitions
    ]
    return json.dumps(
        [str(outline.source), outline.partial, rows], separators=(",", ":"), ensure_ascii=True
    ).encode()


def unpacked(data: bytes) -> Outline:
    """The outline whose bytes these are. Raises Unpackable."""
    try:
        source, partial, rows = json.loads(data)
        return Outline(
            Source(source),
            tuple(
                Definition(
                    Kind(kind),
                    str(name),
                    str(qualified),
                    Span(start, end),
                    str(doc),
                    int(first),
                    int(last),
                    int(depth),
                )
                for kind, name, qualified, start, end, doc, first, last, depth in rows
            ),
            bool(partial),
        )
    except (ValueError, TypeError) as error:
        raise Unpackable(str(error)) from error

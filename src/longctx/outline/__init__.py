"""The definitions of a file with their signatures: what a file says when not all of it is shown.

Pure: text in, values out. What may live here: the public functions and how a path chooses a way to
read. What must never be known here: where documents come from, tokens, prompts. Values are kept by
their content by whoever asks (`packed`, `unpacked`); nothing is kept here.
"""

from __future__ import annotations

from longctx.outline.finding import outlined
from longctx.outline.packing import packed, unpacked
from longctx.outline.showing import outline_text
from longctx.outline.values import Definition, Kind, Outline, Source

__all__ = [
    "VERSION",
    "Definition",
    "Kind",
    "Outline",
    "Source",
    "outline_text",
    "outlined",
    "packed",
    "unpacked",
]

VERSION = "1"
"""Part of every cache key: rises when equal texts get other outlines, a grammar's new version
included."""

"""What is written onto a page and is not part of its text: form fields, boxes, comments.

What may live here: which annotations are text to read. What must never be known here: the page's
own text, where on it they stand.
"""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING

import pypdfium2.raw as pdfium

from longctx.formats.pdf.pages import Line

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST = 500
"""Annotations of one page that are looked at."""
LONGEST = 20_000
"""UTF-16 units of one of them."""

_BOXES = (pdfium.FPDF_ANNOT_FREETEXT,)
_COMMENTS = (
    pdfium.FPDF_ANNOT_TEXT,
    pdfium.FPDF_ANNOT_HIGHLIGHT,
    pdfium.FPDF_ANNOT_UNDERLINE,
    pdfium.FPDF_ANNOT_STRIKEOUT,
    pdfium.FPDF_ANNOT_SQUIGGLY,
)


def written_on(page: object, *, comments: bool) -> list[Line]:
    """Lines for the end of the page, without places."""
    count = min(pdfium.FPDFPage_GetAnnotCount(page), MOST)
    return [
        Line(text, 0, 0, 0, 0, 0)
        for number in range(count)
        for text in _said(page, number, comments)
    ]


def _said(page: object, number: int, comments: bool) -> Iterator[str]:
    annotation = pdfium.FPDFPage_GetAnnot(page, number)
    if not annotation:
        return
    try:
        kind = pdfium.FPDFAnnot_GetSubtype(annotation)
        if pdfium.FPDFAnnot_GetFlags(annotation) & pdfium.FPDF_ANNOT_FLAG_HIDDEN:
            return
        if kind == pdfium.FPDF_ANNOT_WIDGET:
            value = _value(annotation, b"V")
            if value and value != "Off":
                name = _value(annotation, b"TU") or _value(annotation, b"T")
                yield f"{name}: {value}" if name else value
        elif kind in _BOXES:
            yield _value(annotation, b"Contents")
        elif kind in _COMMENTS and comments and (said := _value(annotation, b"Contents")):
            author = _value(annotation, b"T")
            yield f"[comment by {author}: {said}]" if author else f"[comment: {said}]"
    finally:
        pdfium.FPDFPage_CloseAnnot(annotation)


def _value(annotation: object, key: bytes) -> str:
    size = pdfium.FPDFAnnot_GetStringValue(annotation, key, None, 0)
    if size <= 2:
        return ""
    buffer = ctypes.create_string_buffer(size)
    wide = ctypes.cast(buffer, ctypes.POINTER(pdfium.FPDF_WCHAR))
    pdfium.FPDFAnnot_GetStringValue(annotation, key, wide, size)
    text = buffer.raw[: size - 2].decode("utf-16-le", "replace")[:LONGEST]
    return " ".join(text.split())

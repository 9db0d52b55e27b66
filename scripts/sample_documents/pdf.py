"""A PDF edition, set by reportlab: justified text, running headers, page numbers, an outline."""

from __future__ import annotations

import io
from html import escape
from typing import TYPE_CHECKING

from reportlab.lib.enums import TA_JUSTIFY
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import BaseDocTemplate, Frame, PageBreak, PageTemplate, Paragraph, Table

from scripts.sample_documents import blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reportlab.pdfgen.canvas import Canvas
    from reportlab.platypus import Flowable

    from scripts.sample_documents.blocks import Block, Edition

MARGIN = 72
_BODY = ParagraphStyle("body", fontName="Times-Roman", fontSize=10.5, leading=13.5, spaceAfter=6)
_JUSTIFIED = ParagraphStyle("justified", _BODY, alignment=TA_JUSTIFY)
_HEADINGS = [
    ParagraphStyle(f"h{level}", _BODY, fontName="Times-Bold", fontSize=size, leading=size * 1.25)
    for level, size in ((1, 17), (2, 13), (3, 11.5))
]
_CLAUSES = [
    ParagraphStyle("clause1", _HEADINGS[1], spaceBefore=8),
    *(
        ParagraphStyle(
            f"clause{level}", _JUSTIFIED, leftIndent=36 * (level - 1), bulletIndent=36 * (level - 2)
        )
        for level in (2, 3, 4)
    ),
]


class _Template(BaseDocTemplate):  # type: ignore[misc]  # reportlab ships no types
    """Writes headers and footers, and puts headings into the outline."""

    def __init__(self, out: io.BytesIO, edition: Edition) -> None:
        super().__init__(out, pagesize=A4, title=edition.title, author="longctx", invariant=1)
        frame = Frame(MARGIN, MARGIN, A4[0] - 2 * MARGIN, A4[1] - 2 * MARGIN)
        self.addPageTemplates(PageTemplate(frames=[frame], onPage=self._decorate))
        self._edition = edition
        self._entries = 0

    def _decorate(self, canvas: Canvas, _: object) -> None:
        page = canvas.getPageNumber()
        canvas.setFont("Times-Italic", 9)
        if page > 1:
            canvas.drawString(MARGIN, A4[1] - 44, self._edition.title)
        canvas.drawCentredString(A4[0] / 2, 40, str(page))

    def afterFlowable(self, flowable: Flowable) -> None:  # reportlab's name
        style = getattr(getattr(flowable, "style", None), "name", "")
        level = {"h1": 0, "clause1": 0, "h2": 1}.get(style)
        if level is not None:
            self._entries += 1
            key = f"entry{self._entries}"
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(flowable.getPlainText(), key, level)


def pdf(edition: Edition) -> bytes:
    out = io.BytesIO()
    _Template(out, edition).build(list(_set(edition)))
    return out.getvalue()


def _set(edition: Edition) -> Iterator[Flowable]:
    for number, block in enumerate(edition.blocks):
        chapter = isinstance(block, blocks.Heading) and block.text.startswith("Chapter")
        if number and chapter:
            yield PageBreak()
        yield _flowable(block)


def _flowable(block: Block) -> Flowable:
    match block:
        case blocks.Heading():
            return Paragraph(escape(block.text), _HEADINGS[block.level - 1])
        case blocks.Clause(level=1):
            return Paragraph(f"{block.number} {escape(block.text)}", _CLAUSES[0])
        case blocks.Clause():
            return Paragraph(escape(block.text), _CLAUSES[block.level - 1], block.number)
        case blocks.Paragraph():
            return Paragraph(escape(block.text), _JUSTIFIED)
        case _:
            return Table([list(row) for row in block.rows], hAlign="LEFT")

"""PDF: pages of text in reading order, with their labels, headings and what is not in them.

What may live here: what the format promises, and which module keeps which part of it. What must
never be known here: pdfium, geometry. Light to import: the libraries load with the first file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longctx.formats import Extract, Material, Options, Report


class Pages:
    """`Format` and `Divisible` for PDF files."""

    def read(self, file: Material, options: Options, report: Report) -> Extract:
        """The whole file. Raises Refused where no page has text, or none can be told."""
        from longctx.formats.pdf.gathering import gathered
        from longctx.formats.pdf.joining import joined

        pages = gathered(file.data, options, 0, None, report)
        return joined(file.data, options, pages)

    def units(self, file: Material, options: Options) -> int:
        """Pages, no more than are read. Raises Refused where the file cannot be opened."""
        from longctx.formats.pdf.gathering import count

        return count(file.data, options)

    def piece(
        self, file: Material, options: Options, first: int, last: int, report: Report
    ) -> bytes:
        from longctx.formats.pdf.gathering import gathered
        from longctx.formats.pdf.pages import packed

        return packed(gathered(file.data, options, first, last, report))

    def join(self, file: Material, options: Options, pieces: Sequence[bytes]) -> Extract:
        from longctx.formats.pdf.joining import joined
        from longctx.formats.pdf.pages import unpacked

        return joined(file.data, options, [page for piece in pieces for page in unpacked(piece)])


PDF = Pages()

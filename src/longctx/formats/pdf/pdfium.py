"""pdfium opening files: a document, one page of it at a time.

What may live here: handles of documents, passwords, what pdfium refuses. What must never be known
here: text (`sheets`), how a page that pdfium fails on is read after all.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

import pypdfium2  # noqa: F401  # initialises the library that raw calls
import pypdfium2.raw as pdfium

from longctx.corpus import Reason
from longctx.formats import Refused
from longctx.formats.pdf.sheets import Sheet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_CATALOG = re.compile(rb"\b(\d{1,7}) (\d{1,5}) obj\b[^>]{0,300}/Type\s*/Catalog\b")


class Unopenable(Exception):
    """pdfium takes the file for no PDF file."""


class Opened:
    """One document; a context manager, not for two threads."""

    def __init__(self, data: bytes, passwords: Sequence[str] = ()) -> None:
        """Raises Unopenable, and Refused where no password fits."""
        # pdfium reads from the bytes until the end.
        self.handle, self._data = _opened(data, passwords)
        self.count: int = max(0, pdfium.FPDF_GetPageCount(self.handle))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self.handle:
            pdfium.FPDF_CloseDocument(self.handle)
            self.handle = None

    @contextmanager
    def page(self, number: int) -> Iterator[Sheet | None]:
        """Page `number` from 0; None if pdfium cannot read it."""
        page = pdfium.FPDF_LoadPage(self.handle, number)
        text = pdfium.FPDFText_LoadPage(page) if page else None
        try:
            yield Sheet(page, text) if text else None
        finally:
            if text:
                pdfium.FPDFText_ClosePage(text)
            if page:
                pdfium.FPDF_ClosePage(page)


def _opened(data: bytes, passwords: Sequence[str]) -> tuple[object, bytes]:
    """A handle, and the bytes that it reads from: those given, or with a trailer added."""
    for password in ("", *passwords):
        word = password.encode("utf-8", "replace").split(b"\0")[0]
        handle = pdfium.FPDF_LoadMemDocument64(data, len(data), word or None)
        if handle:
            return handle, data
        error = pdfium.FPDF_GetLastError()
        if error == pdfium.FPDF_ERR_SECURITY:
            raise Refused(Reason.LOCKED, "in a way that is not supported")
        if error != pdfium.FPDF_ERR_PASSWORD:
            break
    else:
        detail = "no password given fits" if passwords else "give its password with --password"
        raise Refused(Reason.LOCKED, detail)
    # A file whose end is missing can be read if it says in front where its pages are.
    catalog = _CATALOG.search(data)
    if catalog is None or data.rstrip().endswith(b"%%EOF"):
        raise Unopenable
    ended = data + b"\ntrailer << /Root %s %s R >>\nstartxref\n0\n%%%%EOF\n" % catalog.groups()
    handle = pdfium.FPDF_LoadMemDocument64(ended, len(ended), None)
    if not handle:
        raise Unopenable
    return handle, ended

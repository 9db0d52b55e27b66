"""pypdf, for files and pages that pdfium does not read.

What may live here: pypdf. What must never be known here: pdfium. It is slow and its text has no
places, so it comes second everywhere.
"""

from __future__ import annotations

import io
import logging
import time
import warnings
from typing import TYPE_CHECKING

from longctx.corpus import Reason
from longctx.formats import Refused
from longctx.formats.pdf.pages import Line, Page

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST = 2_000_000
"""Characters of one page."""


class Salvage:
    """One file, as pypdf reads it."""

    def __init__(self, data: bytes, passwords: Sequence[str] = ()) -> None:
        """Raises Refused."""
        from pypdf import PdfReader

        logging.getLogger("pypdf").setLevel(logging.CRITICAL)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self._reader = PdfReader(io.BytesIO(data))
                locked = self._reader.is_encrypted and not any(
                    self._reader.decrypt(word) for word in ("", *passwords)
                )
                self._count = 0 if locked else len(self._reader.pages)
        except (MemoryError, RecursionError):
            raise
        except Exception as error:  # it raises whatever a damaged file leads it to
            raise Refused(Reason.DAMAGED, "no PDF reader can open it") from error
        if locked:
            raise Refused(Reason.LOCKED, "give its password with --password")

    def all(self, most: int, patience: float) -> list[Page]:
        """Every page, up to so many and so many seconds."""
        until = time.process_time() + patience
        pages = []
        for number in range(min(self._count, most)):
            if time.process_time() > until:
                late = Page(left=(Reason.LIMIT, "reading the pages before takes too long"))
                pages += [late] * (min(self._count, most) - number)
                break
            pages.append(self.page(number))
        return pages

    def page(self, number: int) -> Page:
        """One page from 0, with lines that have no places."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                page = self._reader.pages[number]
                text = page.extract_text()[:LONGEST]
                pictured = not text.strip() and "/XObject" in (page.get("/Resources") or {})
        except MemoryError:
            raise
        except Exception:  # it raises whatever a damaged page leads it to
            return Page(left=(Reason.DAMAGED, "no PDF reader can read it"))
        if pictured:
            return Page(left=(Reason.SCANNED, "a damaged page without text"))
        lines = [Line(line, 0, 0, 0, 0, 0) for line in map(str.strip, text.splitlines()) if line]
        return Page(lines=lines)

"""From a file to its pages: pdfium first, pypdf for what it fails on, pictures where asked.

What may live here: which reader a page is given to, and when to stop. What must never be known
here: what pages have in common (`joining`).
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from longctx.corpus import Reason
from longctx.formats import Refused
from longctx.formats.pdf.annotations import written_on
from longctx.formats.pdf.ordering import ROWS, TABLE, compact, ordered, side_by_side
from longctx.formats.pdf.pages import Page
from longctx.formats.pdf.pdfium import Opened, Unopenable

if TYPE_CHECKING:
    from longctx.formats import Options, Report
    from longctx.formats.pdf.fallback import Salvage
    from longctx.formats.pdf.pdfium import Sheet
    from longctx.formats.pdf.pictures import Recogniser

MOST_PAGES = 20_000
PATIENCE = 14.0
"""Seconds of the processor's time for the pages of one request; the rest is left out."""
PATIENCE_FOR_PICTURES = 900.0
"""Seconds by the clock, where pictures are recognised."""
MOST_FAILING = 50
"""Pages in a row that pdfium cannot read: a file may claim to have any number of them."""
EVERY = 8
"""Pages between reports."""
UNTOLD = "its letters cannot be told: its fonts do not name them"
SCANNED = "use --ocr to read it"

_PRIVATE = re.compile("[\ue000-\uf8ff\ufffd\x01-\x08\x0b-\x1f]")
_LETTERS = re.compile(r"[^\W\d_]")


def count(data: bytes, options: Options) -> int:
    """Pages that are read. Raises Refused."""
    try:
        with Opened(data, options.passwords) as opened:
            return min(opened.count, MOST_PAGES)
    except Unopenable:
        return 0  # read in one go, by pypdf


def gathered(
    data: bytes, options: Options, first: int, last: int | None, report: Report
) -> list[Page]:
    """Pages `first <= i < last` from 0; all of them for None. Raises Refused."""
    try:
        opened = Opened(data, options.passwords)
    except Unopenable:
        from longctx.formats.pdf.fallback import Salvage

        return Salvage(data, options.passwords).all(MOST_PAGES, PATIENCE)
    with opened:
        end = min(opened.count, MOST_PAGES) if last is None else last
        return _Gatherer(opened, data, options).pages(first, end, report)


class _Gatherer:
    """Reads the pages of one request."""

    def __init__(self, opened: Opened, data: bytes, options: Options) -> None:
        self._opened = opened
        self._data = data
        self._options = options
        self._salvage: Salvage | None = None
        self._failed = 0
        self._recogniser: Recogniser | None = None
        if options.ocr:
            from longctx.formats.pdf.pictures import Recogniser

            self._recogniser = Recogniser()
        self._clock = time.monotonic if options.ocr else time.process_time
        self._until = self._clock() + (PATIENCE_FOR_PICTURES if options.ocr else PATIENCE)

    def pages(self, first: int, last: int, report: Report) -> list[Page]:
        found = []
        for number in range(first, last):
            if self._clock() > self._until:
                late = Page(left=(Reason.LIMIT, "reading the pages before takes too long"))
                found += [late] * (last - number)
                break
            if self._failed > MOST_FAILING:
                lost = Page(left=(Reason.DAMAGED, "as are all the pages before"))
                found += [lost] * (last - number)
                break
            found.append(self._page(number))
            if number % EVERY == EVERY - 1:
                report(number + 1 - first, last - first)
        return found

    def _page(self, number: int) -> Page:
        with self._opened.page(number) as sheet:
            if sheet is None:
                return self._salvaged(number)
            self._failed = 0
            page = Page(sheet.height)
            if sheet.text.strip():
                self._read(sheet, page)
            elif sheet.pictured():
                self._recognise(sheet, page, SCANNED)
            page.lines += written_on(sheet.handle, comments=self._options.revisions)
            return page

    def _read(self, sheet: Sheet, page: Page) -> None:
        if _illegible(sheet.text) or sheet.untold():
            self._recognise(sheet, page, UNTOLD)
            return
        page.lines = lines = sheet.lines()
        if sheet.cut:
            page.left = (Reason.LIMIT, "the page has too much text")
        gaps = sheet.gaps()
        if gaps.lined_up(TABLE) or side_by_side(lines) >= ROWS - 2:
            rows = [sheet.parts(line) if gaps.cut(line) else [line] for line in lines]
            page.lines = compact(ordered(rows))

    def _recognise(self, sheet: Sheet, page: Page, otherwise: str) -> None:
        if self._recogniser is None:
            page.left = (Reason.SCANNED, otherwise)
            return
        page.lines, why = self._recogniser.lines(sheet)
        page.recognised = bool(page.lines)
        if why:
            page.left = (Reason.SCANNED, why)

    def _salvaged(self, number: int) -> Page:
        from longctx.formats.pdf.fallback import Salvage

        self._failed += 1
        try:
            if self._salvage is None:
                self._salvage = Salvage(self._data, self._options.passwords)
            return self._salvage.page(number)
        except Refused:
            return Page(left=(Reason.DAMAGED, "no PDF reader can read it"))


def _illegible(text: str) -> bool:
    """Whether most of the characters are glyphs without a meaning."""
    private = len(_PRIVATE.findall(text))
    return private >= 20 and private > 2 * len(_LETTERS.findall(text))

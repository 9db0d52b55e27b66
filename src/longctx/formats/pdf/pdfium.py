"""pdfium, by as few calls as will do: a file opened, a page's text with the places of its lines.

What may live here: ctypes, handles, units of UTF-16. What must never be known here: what a line
means, other pages, how a page that pdfium fails on is read after all.

A call through ctypes costs about a microsecond, as much as pdfium needs for a character, so the
calls that are made for every line are declared again here in the cheapest form.
"""

from __future__ import annotations

import ctypes
import re
from collections import Counter
from contextlib import contextmanager
from ctypes import c_double, c_float, c_int, c_ulong, c_ushort, c_void_p
from functools import cache
from math import hypot
from typing import TYPE_CHECKING, Self

import pypdfium2  # noqa: F401  # initialises the library that raw calls
import pypdfium2.raw as pdfium

from longctx.corpus import Reason
from longctx.formats import Refused
from longctx.formats.pdf.pages import HYPHEN, Line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

LONGEST = 2_000_000
"""UTF-16 units of one page's text."""
SHORT = 80
"""Characters of a line that could be a heading in bold type."""
MOST_RECTS = 20_000
"""Pieces of text on one page that are searched for gaps."""
MOST_SPACES = 2_000
"""Spaces in one line that are measured."""
MOST_OBJECTS = 2_000
"""Objects of a page without text that are looked at."""

_PRINTED = re.compile(f"[^\r\n{HYPHEN}]+{HYPHEN}?")
_CATALOG = re.compile(rb"\b(\d{1,7}) (\d{1,5}) obj\b[^>]{0,300}/Type\s*/Catalog\b")
_WIDE = 8.0
"""Points between two pieces of text on one line, less than which is a space between words."""


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


class Sheet:
    """An open page and its text."""

    def __init__(self, page: object, text: object) -> None:
        self.handle = page
        self._text = text
        self._at = _address(text)
        self._calls = _calls()
        self._box = (c_float * 4)()
        self._box_at = ctypes.addressof(self._box)
        self._height = self._size = -1.0
        self._name = ctypes.create_string_buffer(100)
        self._matrix = (c_float * 6)()
        self._matrix_at = ctypes.addressof(self._matrix)
        self.width = float(pdfium.FPDF_GetPageWidthF(page))
        self.height = float(pdfium.FPDF_GetPageHeightF(page))
        self._turned = pdfium.FPDFPage_GetRotation(page)
        count = pdfium.FPDFText_CountChars(text)
        self.cut = count > LONGEST
        """Whether the page has more text than is read."""
        count = min(max(count, 0), LONGEST)
        buffer = (c_ushort * (count + 1))()
        written = pdfium.FPDFText_GetText(text, 0, count, buffer) if count else 0
        data = bytes(buffer)[: 2 * max(0, written - 1)]
        self.text = data.decode("utf-16-le", "replace")
        units = len(data) // 2
        self._level = units == count
        """Whether places in the text are places among pdfium's characters."""
        self._narrow = len(self.text) == units
        """Whether they are places in the Python string too."""

    def lines(self) -> list[Line]:
        """The printed lines in pdfium's order."""
        found = []
        for match in _PRINTED.finditer(self.text):
            text = match[0]
            stripped = text.strip(" \t\xa0")
            if not stripped:
                continue
            start = match.start() + text.index(stripped[0])
            at = start if self._narrow else _units(self.text[:start])
            width = len(stripped) if self._narrow else _units(stripped)
            found.append(self._line(stripped, at, width))
        return found

    def gaps(self) -> Gaps:
        """Where two pieces of text stand side by side with a gap that is no space."""
        found = Gaps()
        if self._turned % 2:
            return found
        rect, text, box = self._calls.rect, self._at, (c_double * 4)()
        at = ctypes.addressof(box)
        places = (at, at + 8, at + 16, at + 24)
        count = min(pdfium.FPDFText_CountRects(self._text, 0, -1), MOST_RECTS)
        edge, low, high = 1e9, 0.0, 0.0
        for number in range(count):
            rect(text, number, *places)
            left, top, right, bottom = box
            if left - edge > _WIDE:
                overlap = min(top, high) - max(bottom, low)
                height = min(top - bottom, high - low)
                if overlap > 0.3 * height and left - edge > 0.8 * height:
                    found.add(left, right, bottom, top)
            edge, low, high = right, bottom, top
        return found

    def parts(self, line: Line) -> list[Line]:
        """The line, cut where there is a gap that is no space."""
        text, at, bounds, index = line.text, line.at, self._bounds, self._index
        if text.count(" ") > MOST_SPACES:
            return [line]
        cut = [0]
        edges: list[float] = []
        wide = max(_WIDE, 1.1 * (line.top - line.bottom))
        place = text.find(" ")
        while place > 0:
            after = place + 1
            while text[after] == " ":
                after += 1
            if self._narrow:
                left, right = index(at + after), index(at + place - 1)
            else:
                left = index(at + _units(text[:after]))
                right = index(at + _units(text[:place]) - 1)
            ends, begins = bounds(right)[2], bounds(left)[0]
            if begins - ends > wide:
                cut += (place, after)
                edges += (ends, begins)
            place = text.find(" ", after)
        if not edges:
            return [line]
        cut.append(len(text))
        edges = [line.left, *edges, line.right]
        return [
            line._replace(text=text[cut[i] : cut[i + 1]], left=edges[i], right=edges[i + 1], at=-1)
            for i in range(0, len(cut), 2)
        ]

    def pictured(self) -> bool:
        """Whether anything is drawn on the page."""
        images, paths = _objects(self.handle)
        return images > 0 or paths >= 50

    def untold(self) -> bool:
        """Whether the font does not say which letters most of the first characters are."""
        text = self._text
        count = min(60, pdfium.FPDFText_CountChars(text))
        if count < 20 or not any(
            pdfium.FPDFText_HasUnicodeMapError(text, i) == 1 for i in (0, count // 2, count - 1)
        ):
            return False
        errors = sum(pdfium.FPDFText_HasUnicodeMapError(text, i) == 1 for i in range(count))
        return bool(errors > 0.6 * count)

    def _line(self, text: str, at: int, width: int) -> Line:
        calls, handle, matrix = self._calls, self._at, self._matrix
        last = at + width - (2 if text[-1] == HYPHEN and width > 1 else 1)
        first = at
        if not self._level:
            first, last = self._index(first), self._index(last)
        a, b = self._bounds(first), self._bounds(last)
        height = a[3] - a[1]
        if height != self._height:
            # A font's characters are all of one height: it says when to ask for the size again.
            self._height = height
            self._size = calls.size(handle, first)
            if calls.matrix(handle, first, self._matrix_at):
                self._size *= hypot(matrix[2], matrix[3])
        return Line(
            text,
            a[0] if a[0] < b[0] else b[0],
            a[1] if a[1] < b[1] else b[1],
            a[2] if a[2] > b[2] else b[2],
            a[3] if a[3] > b[3] else b[3],
            self._size,
            self._weight(text, first),
            at,
        )

    def _weight(self, text: str, index: int) -> int:
        weight = int(self._calls.weight(self._at, index))
        if weight > 0 or len(text) > SHORT:
            return weight
        # The fonts that every reader has come without a description, but their names say it.
        size = pdfium.FPDFText_GetFontInfo(self._text, index, self._name, len(self._name), None)
        return 700 if 0 < size <= len(self._name) and b"Bold" in self._name.value else weight

    def _index(self, unit: int) -> int:
        if self._level:
            return unit
        return int(self._calls.index(self._at, unit))

    def _bounds(self, index: int) -> tuple[float, float, float, float]:
        """Left, bottom, right and top of a character as the page is shown."""
        if not self._calls.box(self._at, index, self._box_at):
            return (0.0, 0.0, 0.0, 0.0)
        left, top, right, bottom = self._box
        if not self._turned:
            return (left, bottom, right, top)
        match self._turned:
            case 1:
                return (bottom, self.height - right, top, self.height - left)
            case 2:
                return (
                    self.width - right,
                    self.height - top,
                    self.width - left,
                    self.height - bottom,
                )
            case 3:
                return (self.width - top, left, self.width - bottom, right)
            case _:
                return (left, bottom, right, top)


class Gaps:
    """Gaps between pieces of text on one page."""

    def __init__(self) -> None:
        self._heights: set[int] = set()
        self._lefts: Counter[int] = Counter()
        self._rights: Counter[int] = Counter()

    def add(self, left: float, right: float, bottom: float, top: float) -> None:
        """A gap ends where a piece of text with these bounds begins."""
        self._heights.update(range(int(bottom // 4), int(top // 4) + 1))
        self._lefts[round(left / 4)] += 1
        self._rights[round(right / 4)] += 1

    def lined_up(self, least: int) -> bool:
        """Whether so many of them could be gaps between the same two columns."""
        return any(
            counter[edge] + counter[edge + 1] >= least
            for counter in (self._lefts, self._rights)
            for edge in list(counter)
        )

    def cut(self, line: Line) -> bool:
        """Whether there may be one in this line."""
        return int(line.middle // 4) in self._heights


class _Calls:
    """The calls that are made for every line."""

    def __init__(self) -> None:
        self.box = _declared(pdfium.FPDFText_GetLooseCharBox, c_int, c_void_p, c_int, c_void_p)
        self.rect = _declared(
            pdfium.FPDFText_GetRect, c_int, c_void_p, c_int, c_void_p, c_void_p, c_void_p, c_void_p
        )
        self.size = _declared(pdfium.FPDFText_GetFontSize, c_double, c_void_p, c_int)
        self.weight = _declared(pdfium.FPDFText_GetFontWeight, c_int, c_void_p, c_int)
        self.matrix = _declared(pdfium.FPDFText_GetMatrix, c_int, c_void_p, c_int, c_void_p)
        self.index = _declared(pdfium.FPDFText_GetCharIndexFromTextIndex, c_int, c_void_p, c_int)


@cache
def _calls() -> _Calls:
    return _Calls()


def _declared(function: object, result: type, *arguments: type) -> Callable[..., float]:
    """The same function, with plain addresses for its pointers."""
    address = ctypes.cast(function, c_void_p).value or 0  # type: ignore[arg-type]  # it is one
    return ctypes.CFUNCTYPE(result, *arguments)(address)


def _address(handle: object) -> int:
    return ctypes.cast(handle, c_void_p).value or 0  # type: ignore[arg-type]  # it is a pointer


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "replace")) // 2


def _objects(page: object) -> tuple[int, int]:
    """Images and paths among the first objects of a page, groups looked into."""
    images = paths = seen = 0
    count = pdfium.FPDFPage_CountObjects(page)
    waiting = [(pdfium.FPDFPage_GetObject(page, i), 0) for i in range(min(count, MOST_OBJECTS))]
    while waiting and seen < MOST_OBJECTS:
        each, depth = waiting.pop()
        seen += 1
        match pdfium.FPDFPageObj_GetType(each):
            case pdfium.FPDF_PAGEOBJ_IMAGE:
                images += 1
            case pdfium.FPDF_PAGEOBJ_PATH | pdfium.FPDF_PAGEOBJ_SHADING:
                paths += 1
            case pdfium.FPDF_PAGEOBJ_FORM if depth < 5:
                inside = min(pdfium.FPDFFormObj_CountObjects(each), MOST_OBJECTS)
                waiting += (
                    (pdfium.FPDFFormObj_GetObject(each, c_ulong(i)), depth + 1)
                    for i in range(inside)
                )
    return images, paths

"""pdfium, by as few calls as will do: a file opened, a page's text with the places of its lines.

What may live here: ctypes, handles, units of UTF-16. What must never be known here: what a line
means, other pages, how a page that pdfium fails on is read after all.

A call through ctypes costs about a microsecond, as much as pdfium needs for a character, so the
calls that are made for every line are declared again here in the cheapest form.
"""

from __future__ import annotations

import ctypes
import re
from contextlib import contextmanager
from ctypes import c_double, c_float, c_int, c_ulong, c_ushort, c_void_p
from functools import cache
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
MOST_OBJECTS = 2_000
"""Objects of a page without text that are looked at."""

_PRINTED = re.compile(f"[^\r\n{HYPHEN}]+{HYPHEN}?")
_WIDE = 8.0
"""Points between two pieces of text on one line, less than which is a space between words."""


class Unopenable(Exception):
    """pdfium takes the file for no PDF file."""


class Opened:
    """One document; a context manager, not for two threads."""

    def __init__(self, data: bytes, passwords: Sequence[str] = ()) -> None:
        """Raises Unopenable, and Refused where no password fits."""
        self._data = data  # pdfium reads from it until the end
        self.handle = None
        for password in ("", *passwords):
            word = password.encode("utf-8", "replace").split(b"\0")[0]
            self.handle = pdfium.FPDF_LoadMemDocument64(data, len(data), word or None)
            if self.handle:
                break
            error = pdfium.FPDF_GetLastError()
            if error == pdfium.FPDF_ERR_SECURITY:
                raise Refused(Reason.LOCKED, "in a way that is not supported")
            if error != pdfium.FPDF_ERR_PASSWORD:
                raise Unopenable
        else:
            detail = "no password given fits" if passwords else "give its password with --password"
            raise Refused(Reason.LOCKED, detail)
        self.password = password
        """The one that fitted; empty where none was needed."""
        self.count = max(0, pdfium.FPDF_GetPageCount(self.handle))

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


class Sheet:
    """An open page and its text."""

    def __init__(self, page: object, text: object) -> None:
        self.handle = page
        self._text = text
        self._at = _address(text)
        self._calls = _calls()
        self._box = (c_float * 4)()
        self._box_at = ctypes.addressof(self._box)
        self._matrix = (c_float * 6)()
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

    def gapped(self) -> int:
        """How often two pieces of text stand side by side with a gap that is no space."""
        calls, box, text = self._calls, (c_double * 4)(), self._at
        at = ctypes.addressof(box)
        count = pdfium.FPDFText_CountRects(self._text, 0, -1)
        found, right, bottom, top = 0, 0.0, 0.0, 0.0
        for number in range(min(count, 20_000)):
            if not calls.rect(text, number, at, at + 8, at + 16, at + 24):
                continue
            left = box[0]
            height = min(box[1], top) - max(box[3], bottom)
            if left - right > _WIDE and height > 0.3 * min(top - bottom, box[1] - box[3]):
                found += 1
            right, bottom, top = box[2], box[3], box[1]
        return found if not self._turned % 2 else 0

    def parts(self, line: Line) -> list[Line]:
        """The line, cut where there is a gap that is no space."""
        cut = [0]
        edges = []
        size = max(1.0, line.top - line.bottom)
        for match in re.finditer(" +", line.text):
            before = self._bounds(self._index(line.at + _length(line.text[: match.start() - 1])))
            after = self._bounds(self._index(line.at + _length(line.text[: match.end()])))
            if after[0] - before[2] > max(_WIDE, 1.1 * size):
                cut += (match.start(), match.end())
                edges += (before[2], after[0])
        if not edges:
            return [line]
        cut.append(len(line.text))
        edges = [line.left, *edges, line.right]
        return [
            line._replace(
                text=line.text[cut[i] : cut[i + 1]],
                left=edges[i],
                right=edges[i + 1],
                at=line.at + _length(line.text[: cut[i]]),
            )
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
        errors = sum(pdfium.FPDFText_HasUnicodeMapError(text, i) == 1 for i in range(count))
        return errors > 0.6 * count and count >= 20

    def _line(self, text: str, at: int, width: int) -> Line:
        calls = self._calls
        first = self._index(at)
        last = self._index(at + width - (2 if text.endswith(HYPHEN) and width > 1 else 1))
        a, b = self._bounds(first), self._bounds(last)
        size = calls.size(self._at, first)
        if calls.matrix(self._at, first, self._matrix):
            matrix = self._matrix
            size *= (matrix[2] * matrix[2] + matrix[3] * matrix[3]) ** 0.5
        return Line(
            text,
            min(a[0], b[0]),
            min(a[1], b[1]),
            max(a[2], b[2]),
            max(a[3], b[3]),
            size,
            calls.weight(self._at, first),
            at,
        )

    def _index(self, unit: int) -> int:
        if self._level:
            return unit
        return int(self._calls.index(self._at, unit))

    def _bounds(self, index: int) -> tuple[float, float, float, float]:
        """Left, bottom, right and top of a character as the page is shown."""
        if not self._calls.box(self._at, index, self._box_at):
            return (0.0, 0.0, 0.0, 0.0)
        left, top, right, bottom = self._box
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
        return (left, bottom, right, top)


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
        self.index = _declared(
            pdfium.FPDFText_GetCharIndexFromTextIndex, c_int, c_void_p, c_int
        )


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


def _length(text: str) -> int:
    return len(text) if text.isascii() else _units(text)


def _objects(page: object) -> tuple[int, int]:
    """Images and paths among the first objects of a page, groups looked into."""
    images = paths = seen = 0
    count = pdfium.FPDFPage_CountObjects(page)
    waiting = [
        (pdfium.FPDFPage_GetObject(page, i), 0) for i in range(min(count, MOST_OBJECTS))
    ]
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

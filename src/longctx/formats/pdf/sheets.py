"""pdfium's text of one page, by as few calls as will do: lines with their places, gaps in them.

What may live here: ctypes, handles of pages, units of UTF-16. What must never be known here: what
a line means, other pages.

A call through ctypes costs about a microsecond, as much as pdfium needs for a character, so the
calls that are made for every line are declared again here in the cheapest form: without types of
arguments, which are not converted then, and with results that are read as bytes.
"""

from __future__ import annotations

import ctypes
import re
import struct
from collections import Counter
from ctypes import c_double, c_float, c_int, c_ulong, c_ushort, c_void_p
from functools import cache
from math import hypot
from typing import TYPE_CHECKING

import pypdfium2.raw as pdfium

from longctx.formats.pdf.pages import HYPHEN, Line

if TYPE_CHECKING:
    from collections.abc import Callable

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
_DOUBLES = struct.Struct("4d")
_FLOATS = struct.Struct("4f")
_WIDE = 8.0
"""Points between two pieces of text on one line, less than which is a space between words."""


class Sheet:
    """An open page and its text."""

    def __init__(self, page: object, text: object) -> None:
        self.handle = page
        self._text = text
        self._at = c_void_p(_address(text))
        self._calls = _calls()
        box = (c_float * 4)()
        self._box_at = c_void_p(ctypes.addressof(box))
        self._box = memoryview(box).cast("B")
        self._height = self._size = -1.0
        self._name = ctypes.create_string_buffer(100)
        self._matrix = (c_float * 6)()
        self._matrix_at = c_void_p(ctypes.addressof(self._matrix))
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
            start = match.start()
            stripped = text.strip(" \t\xa0")
            if stripped != text:
                if not stripped:
                    continue
                start += text.index(stripped[0])
            at = start if self._narrow else _units(self.text[:start])
            width = len(stripped) if self._narrow else _units(stripped)
            found.append(self._line(stripped, at, width))
        return found

    def gaps(self, lines: int) -> Gaps:
        """Where two pieces of text stand side by side, on so many lines, with a gap that is no
        space."""
        found = Gaps()
        rect, text, box = self._calls.rect, self._at, (c_double * 4)()
        at, read = ctypes.addressof(box), _DOUBLES.unpack_from
        one, two, three, four = map(c_void_p, (at, at + 8, at + 16, at + 24))
        data = memoryview(box).cast("B")
        count = min(pdfium.FPDFText_CountRects(self._text, 0, -1), MOST_RECTS)
        if self._turned % 2 or count < lines + 2:
            return found
        edge, low, high = 1e9, 0.0, 0.0
        for number in range(count):
            rect(text, number, one, two, three, four)
            left, top, right, bottom = read(data)
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
        """Whether the letters are guesses: the font does not name them, and few are Latin."""
        text = self._text
        count = min(60, pdfium.FPDFText_CountChars(text))
        if count < 20 or not any(
            pdfium.FPDFText_HasUnicodeMapError(text, i) == 1 for i in (0, count // 2, count - 1)
        ):
            return False
        errors = sum(pdfium.FPDFText_HasUnicodeMapError(text, i) == 1 for i in range(count))
        # pdfium guesses from the names of glyphs: where Latin comes out, it guessed well.
        latin = sum(char < "\u0250" and char.isalnum() for char in self.text[:count])
        return bool(errors > 0.6 * count and latin < 0.3 * count)

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
        left, top, right, bottom = _FLOATS.unpack_from(self._box)
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
        self.count = 0
        self._heights: set[int] = set()
        self._lefts: Counter[int] = Counter()
        self._rights: Counter[int] = Counter()

    def add(self, left: float, right: float, bottom: float, top: float) -> None:
        """A gap ends where a piece of text with these bounds begins."""
        self.count += 1
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
        self.box = _declared(pdfium.FPDFText_GetLooseCharBox, c_int)
        self.rect = _declared(pdfium.FPDFText_GetRect, c_int)
        self.size = _declared(pdfium.FPDFText_GetFontSize, c_double)
        self.weight = _declared(pdfium.FPDFText_GetFontWeight, c_int)
        self.matrix = _declared(pdfium.FPDFText_GetMatrix, c_int)
        self.index = _declared(pdfium.FPDFText_GetCharIndexFromTextIndex, c_int)


@cache
def _calls() -> _Calls:
    return _Calls()


def _declared(function: object, result: type) -> Callable[..., float]:
    """The same function; its pointers must be c_void_p, its numbers C ints."""
    address = ctypes.cast(function, c_void_p).value or 0  # type: ignore[arg-type]  # it is one
    # Nothing else runs in this process that would need the interpreter meanwhile.
    return ctypes.PYFUNCTYPE(result)(address)


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

"""Lines and pages as values, and the bytes in which workers hand them on.

What may live here: what is known of a printed line and of a page. What must never be known here:
where it comes from, what becomes of it.
"""

from __future__ import annotations

import json
import struct
from array import array
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from longctx.corpus import Reason

HYPHEN = "\ufffe"
"""Ends a line whose last word goes on in the next: pdfium's sign for a hyphen it takes for one."""

_HEAD = struct.Struct("<Q")


class Line(NamedTuple):
    """One printed line, or the part of one that lies in one column. Points, from the bottom left
    corner of the page as it is shown."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    size: float
    """Of the first character's font, as it is shown."""
    weight: int = 400
    """400 is regular, 700 bold; 0 or less where the font does not say."""
    at: int = -1
    """Its first character's place in the page's text, in UTF-16 units; -1 where there is none."""

    @property
    def middle(self) -> float:
        return (self.bottom + self.top) / 2

    def beside(self, other: Line) -> bool:
        """Whether they share most of their height."""
        overlap = min(self.top, other.top) - max(self.bottom, other.bottom)
        return overlap > 0.5 * min(self.top - self.bottom, other.top - other.bottom)


@dataclass(slots=True)
class Page:
    """What one page says."""

    height: float = 0.0
    lines: list[Line] = field(default_factory=list)
    left: tuple[Reason, str] | None = None
    """Why its text, or a part of it, is not in `lines`."""
    recognised: bool = False
    """Its lines were read off a picture of it."""


def packed(pages: list[Page]) -> bytes:
    """The pages as bytes: texts in JSON, places as they are, so that none is rounded."""
    head = json.dumps(
        [
            (
                [line.text for line in page.lines],
                None if page.left is None else (str(page.left[0]), page.left[1]),
                page.recognised,
            )
            for page in pages
        ],
        separators=(",", ":"),
    ).encode()
    places = array("d")
    for page in pages:
        places.append(page.height)
        for line in page.lines:
            places.extend(line[1:7])
    return _HEAD.pack(len(head)) + head + places.tobytes()


def unpacked(data: bytes) -> list[Page]:
    """The pages; only of bytes that `packed` wrote."""
    (length,) = _HEAD.unpack_from(data)
    places = array("d")
    places.frombytes(data[_HEAD.size + length :])
    values = iter(places)
    pages = []
    for texts, why, recognised in json.loads(data[_HEAD.size : _HEAD.size + length]):
        height = next(values)
        lines = []
        for text in texts:
            left, bottom, right, top, size, weight = islice(values, 6)
            lines.append(Line(text, left, bottom, right, top, size, int(weight)))
        left = None if why is None else (Reason(why[0]), why[1])
        pages.append(Page(height, lines, left, recognised))
    return pages

"""Lines and pages as values, and the bytes in which workers hand them on.

What may live here: what is known of a printed line and of a page. What must never be known here:
where it comes from, what becomes of it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import NamedTuple

from longctx.corpus import Reason

HYPHEN = "\ufffe"
"""Ends a line whose last word goes on in the next: pdfium's sign for a hyphen it takes for one."""


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

    def write(self) -> list[object]:
        lines = self.lines
        return [
            round(self.height),
            [line.text for line in lines],
            [value for line in lines for value in _rounded(line)],
            None if self.left is None else [str(self.left[0]), self.left[1]],
            self.recognised,
        ]


def _rounded(line: Line) -> tuple[float, float, float, float, float, int]:
    return (
        round(line.left, 1),
        round(line.bottom, 1),
        round(line.right, 1),
        round(line.top, 1),
        round(line.size, 1),
        line.weight,
    )


def levelled(page: Page) -> Page:
    """The page as it is after a way through bytes: what is read in pieces comes out the same."""
    page.height = round(page.height)
    page.lines = [Line(line.text, *_rounded(line)) for line in page.lines]
    return page


def packed(pages: list[Page]) -> bytes:
    return json.dumps([page.write() for page in pages], separators=(",", ":")).encode()


def unpacked(data: bytes) -> list[Page]:
    """The pages; only of bytes that `packed` wrote."""
    pages = []
    for height, texts, values, left, recognised in json.loads(data):
        rows = zip(*[iter(values)] * 6, strict=True)
        lines = [Line(text, *row) for text, row in zip(texts, rows, strict=True)]
        why = None if left is None else (Reason(left[0]), left[1])
        pages.append(Page(height, lines, why, recognised))
    return pages

"""Schedules, exhibits, annexes: the parts of a text in which numbers begin anew.

What may live here: where such a part begins. What must never be known here: what is in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.structure.marks import CONTAINERS, LINE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longctx.structure.marks import Mark

_TITLE = re.compile(r"(?:[-–—:.*_]+\s*)?(?=[A-ZÄÖÜ\"“„(\[]|\Z)")
_LONGEST = 110
"""Characters of a heading's line."""


@dataclass(frozen=True, slots=True)
class Part:
    """The main text or one schedule: characters `start <= i < end`."""

    start: int
    end: int
    label: str
    """`Schedule 2`; empty for the main text."""
    word: str


def parts_of(text: str, marks: Sequence[Mark]) -> list[Part]:
    """The main text, then its schedules in order."""
    headings = [mark for mark in marks if mark.style in CONTAINERS and _heads(text, mark)]
    runs: list[tuple[Mark, int]] = []
    """The first heading of each run of equal ones (running headers), and where the run ends."""
    for place, mark in enumerate(headings):
        after = headings[place + 1].start if place + 1 < len(headings) else len(text)
        if runs and _label(runs[-1][0]) == _label(mark):
            runs[-1] = (runs[-1][0], after)
        else:
            runs.append((mark, after))
    # A contents list names them all before; the longest text is the schedule's own.
    longest: dict[str, tuple[int, Mark]] = {}
    for mark, after in runs:
        size = after - mark.start
        if _label(mark) not in longest or longest[_label(mark)][0] < size:
            longest[_label(mark)] = (size, mark)
    begins = sorted((mark for _, mark in longest.values()), key=lambda mark: mark.start)
    ends = [*(mark.start for mark in begins), len(text)]
    parts = [Part(0, ends[0], "", "")]
    for mark, end in zip(begins, ends[1:], strict=True):
        parts.append(Part(mark.start, end, _label(mark), mark.style))
    return parts


def _label(mark: Mark) -> str:
    return f"{mark.style} {mark.text}"


def _heads(text: str, mark: Mark) -> bool:
    """Whether this is a heading and not a sentence that begins with the schedule's name."""
    if mark.contents or (mark.where != LINE and not text[mark.start : mark.start + 3].isupper()):
        return False
    # Filings are exhibits themselves: `Exhibit 10.5` on top is the number in the filing.
    if "." in mark.text and mark.style == "Exhibit":
        return False
    end = text.find("\n", mark.end, mark.end + 2000)
    line = text[mark.end : end if end >= 0 else mark.end + 2000]
    title = _TITLE.match(line.lstrip())
    if title is None:
        return False
    shouted = text[mark.start : mark.start + 3].isupper()
    gap = line[:2].isspace() and len(line[:2]) == 2
    short = len(line) <= _LONGEST and not line.rstrip().endswith((",", ";"))
    return short or (shouted and (gap or line.lstrip()[:12].isupper()))

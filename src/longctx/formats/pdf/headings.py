"""Headings: where the outline's entries stand in the text, or what its type shows to be one.

What may live here: titles, sizes of type. What must never be known here: pdfium, places on a page.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.corpus import Anchor

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from longctx.formats.pdf.facts import Entry
    from longctx.formats.pdf.pages import Line

LARGER = 1.15
"""Times the body's size, from which on type is a heading's."""
BOLDER = 1.4
"""Times the body's weight."""
LONGEST = 140
"""Characters of a line of a heading."""
SHARE = 0.12
"""Of all lines: if more look like headings, none surely is one."""

_CHAPTER = re.compile(
    r"(?:chapter|part|book|kapitel|teil|buch|chapitre|partie|capítulo|parte|capitolo)\b",
    re.IGNORECASE,
)
_TOP = re.compile(r"(?:\d{1,2}|[IVXL]{1,6})\.?:?\s+[^\W\d_]")
_NUMBER = re.compile(r"(?:[\dA-Z]{1,3}(?:\.\d{1,3})*|[IVXL]{1,6})[.:)]?\s+")


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of a page, and where it begins in the text."""

    start: int
    text: str
    line: Line


def outlined(
    entries: Sequence[Entry], pages: Sequence[Sequence[Shown]], starts: Sequence[int]
) -> Iterator[Anchor]:
    """An anchor for each entry: at the line that says it, else at its page's start."""
    least: dict[int, int] = {}
    folded: dict[int, list[str]] = {}
    for entry in entries:
        if entry.page >= len(pages):
            continue
        page = pages[entry.page]
        if entry.page not in folded:
            folded[entry.page] = [_folded(shown.text) for shown in page]
        number = _line_of(entry.title, folded[entry.page], least.get(entry.page, 0))
        if number is None:
            start = starts[entry.page]
        else:
            start = page[number].start
            least[entry.page] = number + 1
        yield Anchor(start, _kind(entry.title, entry.depth), entry.title, entry.depth)


def _kind(title: str, depth: int) -> str:
    chapter = _CHAPTER.match(title) or (depth == 0 and _TOP.match(title))
    return "chapter" if chapter else "heading"


def _line_of(title: str, lines: list[str], least: int) -> int | None:
    """The line, from `least` on if possible, where the title begins."""
    wanted = _folded(title)
    bare = _folded(_NUMBER.sub("", title, count=1))
    for first in (least, 0):
        for number in range(first, len(lines)):
            said = lines[number]
            if len(said) < 3 or not (said[:3] in wanted or wanted[:3] in said):
                continue
            following = "".join(lines[number : number + 4])
            for form in (wanted, bare):
                at = following.find(form) if form else -1
                # What comes before it may be its number only, and what is longer a sentence.
                if 0 <= at <= 10 and at < len(said) and _alone(said, form, at):
                    return number
    return None


def _alone(said: str, form: str, at: int) -> bool:
    return len(said) - at <= len(form) + 8


def _folded(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()


def printed(pages: Sequence[Sequence[Shown]]) -> Iterator[Anchor]:
    """Anchors for the lines that their type sets apart: clearly larger than the body's."""
    sizes: Counter[float] = Counter()
    weights: Counter[int] = Counter()
    lines = 0
    for page in pages:
        for shown in page:
            sizes[round(2 * shown.line.size) / 2] += len(shown.text)
            weights[shown.line.weight] += len(shown.text)
            lines += 1
    if not lines:
        return
    body = sizes.most_common(1)[0][0]
    weight = weights.most_common(1)[0][0]
    if body <= 0:
        return
    found = list(_found(pages, body, weight))
    if sum(each[3] for each in found) > max(2, SHARE * lines):
        return
    ranks = {size: rank for rank, size in enumerate(sorted({each[2] for each in found})[::-1])}
    for start, label, size, _ in found:
        yield Anchor(start, _kind(label, 1), label, min(ranks[size], 5))


def _found(
    pages: Sequence[Sequence[Shown]], body: float, weight: int
) -> Iterator[tuple[int, str, float, int]]:
    """Start, label, size and lines of each heading."""
    for page in pages:
        held: list[Shown] = []
        size = 0.0
        for shown in [*page, None]:
            own = _size(shown, body, weight) if shown else 0.0
            if held and own != size:
                label = " ".join(each.text for each in held)
                if len(held) <= 3 and len(label) <= 200:
                    yield held[0].start, label, size, len(held)
                held = []
            if shown and own:
                held.append(shown)
                size = own
    return


def _size(shown: Shown, body: float, weight: int) -> float:
    """The size of a heading's line, in halves of a point; 0 for any other."""
    line, text = shown.line, shown.text
    if len(text) > LONGEST or sum(map(str.isalpha, text)) < 3 or " | " in text:
        return 0.0
    size = round(2 * line.size) / 2
    if size >= LARGER * body:
        return size
    bold = line.weight >= 550 and line.weight >= BOLDER * max(weight, 1)
    if (
        bold
        and size >= body
        and len(text) <= 80
        and text[-1] not in ".,;:"
        and not text[0].islower()
    ):
        return body
    return 0.0

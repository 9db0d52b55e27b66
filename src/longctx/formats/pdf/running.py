"""What is printed on page after page and says nothing new: headers, footers, page and line numbers.

What may live here: what makes a line surely one of these. What must never be known here: pdfium,
anchors' places. What stays in doubt stays in the text.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from longctx.corpus import Reason
from longctx.formats import Left

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from longctx.formats.pdf.pages import Line, Page

RUN = 4
"""Pages, fewer than which make no run."""
DENSITY = 0.45
"""Share of a run's pages that have the line: left and right pages may differ."""
SKIP = 4
"""Pages from one to the next within a run, at the most."""
EDGE = 0.14
"""Share of the page's height at its top and at its bottom."""
GAP = 0.5
"""Heights of a line, so far apart from the text that it is not a line of it."""
NEAREST = 3
"""Lines at each edge."""
LONGEST = 160
"""Characters of such a line."""
NUMBERED = 15
"""Lines of a page with their numbers printed beside them."""

_DIGITS = re.compile(r"\d+")
_ROMAN = re.compile(r"[-–—(\[ ]*[ivxlc]{1,7}[-–—)\] ]*")
_BATES = re.compile(r"[A-Z][A-Z0-9]*[A-Z_ .:-]*[_ .:-]?\d{4,12}")
_PAGE_NUMBER = re.compile(
    r"[\W_]*(?:(?:page|seite|pg|p|s|of|von|sur|de|di|página|pagina|sheet|blatt)[\W_]*)*",
    re.IGNORECASE,
)
_ENDS = re.compile(r"^(\d{1,5})\b|\b(\d{1,5})$")
_NUMBER = re.compile(r"(\d{1,2})(?:\s+|$)")


@dataclass
class Running:
    """What was recognised."""

    lines: list[set[int]]
    """By page, the lines to leave out."""
    numbered: set[int] = field(default_factory=set)
    """Pages whose lines have numbers beside them, to be cut off."""
    bates: dict[int, str] = field(default_factory=dict)
    """The Bates number of a page, which stays in the text."""
    left: list[Left] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Seen:
    page: int
    line: int
    text: str
    numbers: tuple[int, ...]


def running(pages: Sequence[Page]) -> Running:
    """What repeats over the pages of one file."""
    found = Running([set() for _ in pages])
    forms: dict[tuple[str, int, str], list[_Seen]] = defaultdict(list)
    ends: dict[tuple[str, int, int], list[_Seen]] = defaultdict(list)
    for number, page in enumerate(pages):
        for edge, index, line in _edges(page):
            text = line.text
            numbers = tuple(int(each[:18]) for each in _DIGITS.findall(text))
            seen = _Seen(number, index, text, numbers)
            place = round(line.middle / 3)
            form = "~" if _ROMAN.fullmatch(text) else _DIGITS.sub("#", text)
            forms[edge, place, form].append(seen)
            for match in _ENDS.finditer(text):
                ends[edge, place, int(match[1] or match[2]) - number].append(seen)
    words: dict[str, int] = defaultdict(int)
    numbered_pages: set[int] = set()
    for (_, _, form), several in forms.items():
        for run in _runs(several):
            if form != "~" and not _steady(run):
                continue
            if all(_BATES.fullmatch(seen.text) for seen in run):
                found.bates |= {seen.page: seen.text for seen in run}
                continue
            worded = form != "~" and _PAGE_NUMBER.fullmatch(form) is None
            # What is said once need not be said again, but should be once.
            for seen in run[1:] if worded and "#" not in form else run:
                found.lines[seen.page].add(seen.line)
            if worded:
                words[run[0].text] += len(run)
            else:
                numbered_pages |= {seen.page for seen in run}
    for several in ends.values():
        for run in _runs(several):
            for seen in run:
                if seen.page not in found.bates or found.bates[seen.page] != seen.text:
                    found.lines[seen.page].add(seen.line)
                    numbered_pages.add(seen.page)
    found.left += _said(words, len(numbered_pages))
    _line_numbers(pages, found)
    return found


def _edges(page: Page) -> Iterator[tuple[str, int, Line]]:
    """The lines at the page's edges that a gap sets apart from its text: edge, number, line.

    None where nothing else is on the page: then they may be its text.
    """
    top, bottom = (1 - EDGE) * page.height, EDGE * page.height
    placed = [
        (line.middle, index) for index, line in enumerate(page.lines) if line.top > line.bottom
    ]
    placed.sort()
    low = _apart(page, [index for _, index in placed[: NEAREST + 1]], upwards=True)
    high = _apart(page, [index for _, index in placed[: -NEAREST - 2 : -1]], upwards=False)
    if len(placed) == len({*low, *high}):
        return
    for index in high:
        if page.lines[index].bottom > top and len(page.lines[index].text) <= LONGEST:
            yield "top", index, page.lines[index]
    for index in low:
        if page.lines[index].top < bottom and len(page.lines[index].text) <= LONGEST:
            yield "bottom", index, page.lines[index]


def _apart(page: Page, nearest: list[int], *, upwards: bool) -> list[int]:
    """Of the lines nearest to an edge, those before the first gap between lines."""
    lines = [page.lines[index] for index in nearest]
    for number, (outer, inner) in enumerate(pairwise(lines), 1):
        gap = inner.bottom - outer.top if upwards else outer.bottom - inner.top
        if gap > GAP * (outer.top - outer.bottom):
            return nearest[:number]
    return nearest if len(nearest) <= NEAREST else []


def _runs(several: list[_Seen]) -> Iterator[list[_Seen]]:
    """Stretches of pages most of which have the line."""
    if len(several) < RUN:
        return
    run = [several[0]]
    for before, seen in pairwise(several):
        if seen.page == before.page:
            continue
        if seen.page - before.page > SKIP:
            yield from _whole(run)
            run = []
        run.append(seen)
    yield from _whole(run)


def _whole(run: list[_Seen]) -> Iterable[list[_Seen]]:
    if len(run) >= RUN and len(run) >= DENSITY * (run[-1].page - run[0].page + 1):
        yield run


def _steady(run: list[_Seen]) -> bool:
    """Whether each number in the line stays as it is or counts the pages, and is no amount."""
    for values in zip(*(seen.numbers for seen in run), strict=True):
        pairs = list(pairwise(zip(values, (seen.page for seen in run), strict=True)))
        regular = sum(b - a in (0, q - p) for (a, p), (b, q) in pairs)
        if regular < 0.75 * len(pairs):
            return False
    return True


def _said(words: dict[str, int], numbered: int) -> list[Left]:
    if not words and not numbered:
        return []
    most = sorted(words.items(), key=lambda each: -each[1])
    parts = [f'"{_ENDS.sub("", text).strip()[:60]}" on {count:,} pages' for text, count in most[:3]]
    if len(most) > 3:
        parts.append(f"{len(most) - 3:,} other headers and footers")
    if numbered:
        parts.append(f"page numbers on {numbered:,} pages")
    return [Left(Reason.RUNNING, "headers and footers", ", ".join(parts))]


def _line_numbers(pages: Sequence[Page], found: Running) -> None:
    numbered = {number for number, page in enumerate(pages) if _counted(page)}
    texts = sum(bool(page.lines) for page in pages)
    if len(numbered) >= max(RUN, 0.5 * texts):
        found.numbered = numbered
        detail = f"on {len(numbered):,} pages"
        found.left.append(Left(Reason.RUNNING, "line numbers", detail))


def counted_lines(page: Page) -> list[int]:
    """The lines that begin with the numbers 1, 2, 3, ... one after the other."""
    best: list[int] = []
    current: list[int] = []
    for index, line in enumerate(page.lines):
        match = _NUMBER.match(line.text)
        value = int(match[1]) if match else 0
        if value == len(current) + 1:
            current.append(index)
        elif value == 1:
            current = [index]
        elif value or not current:
            current = []
        best = max(best, current, key=len)
    return best


def _counted(page: Page) -> bool:
    """Whether lines of the page have their numbers beside them in the margin."""
    if len(page.lines) < NUMBERED or not any(line.text[:1] == "1" for line in page.lines):
        return False
    counted = counted_lines(page)
    if len(counted) < NUMBERED:
        return False
    lines = [page.lines[index] for index in counted]
    pitches = [a.bottom - b.bottom for a, b in pairwise(lines)]
    even = max(pitches) < 1.3 * min(pitches) if min(pitches) > 0 else False
    margin = max(line.left for line in lines)
    others = [line.left for index, line in enumerate(page.lines) if index not in set(counted)]
    apart = margin - min(line.left for line in lines) < 12
    return even and apart and all(left > margin for left in others if left)


def without_number(text: str) -> str:
    """A line's text without the number beside it."""
    return _NUMBER.sub("", text, count=1)

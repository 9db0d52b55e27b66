"""Where the quote of a citation may stand in the answer: after it or before it, in which marks.

What may live here: how models lay quotes out around citations. What must never be known here:
documents. Nothing is decided here: slots list what may be meant, and the sources decide.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from longctx.citation import marks
from longctx.citation.marks import Reach
from longctx.citation.slots import HELD, Slot, certain, limits, whole, worthy
from longctx.corpus import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from longctx.citation.grouping import Group
    from longctx.citation.layout import Layout

_AFTER = re.compile(
    r"[ \t*_]{0,8}(?:[:|]|[\w ]{1,30}:|[-\u2010-\u2015=]{1,2}>?|→)?[ \t*_]{0,8}"
    r"(?P<lines>(?:\r?\n[ \t]{0,40}){0,2})(?:(?:[-+]|[0-9]{1,3}[.)])[ \t]{1,4})?[*_]{0,3}"
)
_SHARED = re.compile(r"[\"”»」`]?[*_]{0,3}[.,;:]?[ \t(\u2010-\u2015-]{0,6}")


def slots(shown: Layout, groups: Sequence[Group], number: int, taken: int) -> list[Slot]:
    """The slots of a group, best first; `taken` is where the quote before it ended."""
    group = groups[number]
    found = [*_after(shown, groups, number)]
    if not group.leads or group.alone:
        found += _before(shown, groups, number, taken)
    found = [slot for slot in found if any(map(len, slot.extents))]
    return sorted(found, key=lambda slot: (not slot.sure, slot.distance))


def _after(shown: Layout, groups: Sequence[Group], number: int) -> Iterator[Slot]:
    text, group = shown.text, groups[number]
    fence, block = shown.fences.at(group.start), shown.quotes.at(group.start)
    if fence and group.end <= fence.body.start:
        yield whole(fence.body, True, 0)
    match = _AFTER.match(text, group.end)
    if match is None or match.end() >= len(text):
        return
    place, lines = match.end(), match["lines"].count("\n")
    evidence = shown.evidence.at(group.start)
    meant = evidence is not None or group.leads
    reach = Reach.REGION if evidence else Reach.LINE if group.leads else Reach.SENTENCE
    limit, beyond = limits(shown, groups, number)
    if lines and (below := shown.fences.at(place)) and below is not fence:
        if place <= below.body.start:
            yield whole(below.body, meant or ":" in match[0], lines - 1)
    elif lines and (below := shown.quotes.at(place)) and below is not block:
        yield whole(below.body, meant or ":" in match[0], lines - 1, quoted_lines=True)
    elif text[place] in marks.PAIRS and (not lines or evidence or group.alone):
        extents = marks.closed(text, place, limit, reach)
        if extents and worthy(text, extents[0], meant):
            sure = certain(text, extents[0], text[place], meant)
            if not meant and number + 1 < len(groups):
                sure = sure and not _SHARED.fullmatch(
                    text, extents[0].end, max(extents[0].end, groups[number + 1].start)
                )
            further = marks.further(text, place, limit, beyond)
            yield Slot(tuple(extents), sure, lines, limit, False, tuple(further))
    elif block or evidence:
        end = max(place, min(limit, block.end if block else limit))
        line = min(end, shown.line_end(place))
        sure = evidence is not None and (group.leads or not lines)
        extents = [span for span in (Span(place, end), Span(place, line)) if worthy(text, span)]
        yield Slot(tuple(extents), sure, lines, end, block is not None)


def _before(shown: Layout, groups: Sequence[Group], number: int, taken: int) -> Iterator[Slot]:
    group = groups[number]
    text, evidence = shown.text, shown.evidence.at(group.start)
    block = shown.quotes.at(group.start)
    if block and text[block.start : group.start].strip("> \t\r\n-—–*("):
        end = group.start - len(_tail(text[max(0, group.start - 80) : group.start]))
        yield whole(Span(max(taken, block.start), max(taken, block.start, end)), True, 0, True)
        return
    floor = max(taken, group.start - 80)
    tail = text[floor : group.start]
    between = _tail(tail)
    lines, stop = between.count("\n"), group.start - len(between)
    if stop == floor or lines > 2 or (lines and not group.leads):
        return
    above = shown.fences.at(stop - 1) or shown.quotes.at(stop - 1)
    if lines and above and not above.start <= group.start < above.end:
        quoted = shown.quotes.at(stop - 1) is above
        yield whole(above.body, group.alone, lines - 1, quoted_lines=quoted)
        return
    if text[stop - 1] in ".,;:" and stop - 2 >= floor and text[stop - 2] in marks.OPENERS:
        stop -= 1
    if text[stop - 1] in marks.OPENERS:
        floor = groups[number - HELD].end if number >= HELD else 0
        paragraph = max(floor, text.rfind("\n\n", max(0, stop - marks.NEAR), stop))
        # What the citation before has taken is its own, unless this quote holds that citation.
        last = groups[number - 1].start if number else 0
        extents = [
            extent
            for extent in marks.opened(text, stop - 1, paragraph)
            if extent.start >= taken or extent.start < last
        ]
        worth = [extent for extent in extents if worthy(text, extent, evidence is not None)]
        if worth:
            own = worth[0] == extents[0] and worth[0].start >= taken
            sure = own and certain(text, worth[0], text[stop - 1], evidence is not None)
            yield Slot(tuple(worth), sure, lines, len(text) if own else 0)
    elif evidence and not lines:
        start = max(taken, shown.line_start(group.start), evidence.start)
        yield whole(Span(min(start, stop), stop), True, 0)


def _tail(text: str) -> str:
    """What may stand between a quote and the citation behind it."""
    return text[len(text.rstrip(" \t\r\n(-–—→*_:>")) :]

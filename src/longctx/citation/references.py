"""Finding the places that an answer names: a path, then lines.

What may live here: how models write a place. What must never be known here: quotes, the documents'
texts. Lines are what is searched for; the path is what stands before them, matched against the
corpus' own paths, so that a path may hold spaces, brackets or anything else.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.citation.bordering import JOINT, begins_fresh, opened, path_like, place_like, starts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longctx.citation.layout import Layout
    from longctx.citation.naming import Names
    from longctx.citation.values import Lines
    from longctx.corpus import Document

_NUMBER = r"[Ll]?([0-9]{1,9})(?:[Cc][0-9]{1,6}|:[0-9]{1,6})?"
_RANGE = rf"{_NUMBER}(?:[ \t]?(?:[-\u2010-\u2015\u2212]|\.\.\.?|to\b)[ \t]?{_NUMBER})?(?!\w)"
_HEAD = r"(?::[ \t]?|#|,?[ \t]{1,2}(?=[Ll](?:ines?\b|[0-9])))"
_LINES = re.compile(rf"{_HEAD}(?:[Ll]ines?[ \t]{{1,2}})?{_RANGE}")
_MORE = re.compile(rf"[ \t]?[,;&][ \t]?{_RANGE}(?=[ \t]?[,;&\])）】])")
_BRACKETED = re.compile(r"\[[`*]{0,3}((?:[^\[\]\n`]|\[[^\[\]\n]{0,80}\]){1,300})[`*]{0,3}\]")


@dataclass(frozen=True, slots=True)
class Reference:
    """One place that the answer names."""

    start: int
    end: int
    name: str
    """The path as the corpus has it; as written where it is not known."""
    document: Document | None
    claimed: Lines | None
    bracketed: bool
    """Set off from the sentence by brackets or backticks."""


def references(shown: Layout, names: Names) -> list[Reference]:
    """Every place that is named, in order, none within another."""
    lined = list(_lined(shown, names))
    ends = [reference.end for reference in lined]
    found = list(lined)
    for reference in _unlined(shown, names):
        after = bisect_left(ends, reference.start + 1)
        if after == len(lined) or lined[after].start >= reference.end:
            found.append(reference)
    return sorted(found, key=lambda reference: reference.start)


def _lined(shown: Layout, names: Names) -> Iterator[Reference]:
    text, floor = shown.text, 0
    last: Reference | None = None
    for match in _LINES.finditer(text):
        if match.start() < floor:
            continue
        begin = max(floor, shown.line_start(match.start(), names.reach))
        joint = last and last.bracketed and JOINT.match(text, last.end, match.start())
        openers = [joint.end()] if joint else opened(text, begin, match.start())
        found = _known(shown, names, begin, match, openers) or _unknown(shown, match, openers)
        if found is None:
            continue
        yield found
        floor, last = found.end, found
        while found.bracketed and (more := _MORE.match(text, floor)):
            start = more.start(1) - (text[more.start(1) - 1] in "Ll")
            floor = more.end()
            last = Reference(start, floor, found.name, found.document, _claimed(more), True)
            yield last


def _claimed(match: re.Match[str]) -> Lines:
    first = int(match[1])
    last = int(match[2]) if match[2] else first
    return min(first, last), max(first, last)


def _stops(text: str, place: int) -> tuple[int, ...]:
    """Where the path before lines may end: there, or before closing marks."""
    stop = place
    while place - stop < 3 and stop and text[stop - 1] in '`*"”':
        stop -= 1
    return (place, stop) if stop < place else (place,)


def _known(
    shown: Layout, names: Names, begin: int, match: re.Match[str], openers: list[int]
) -> Reference | None:
    """The longest path of the corpus that ends where the lines begin."""
    text = shown.text
    stops = [stop for stop in _stops(text, match.start()) if names.may_end(text, stop)]
    if not stops:
        return None
    fence = shown.fences.at(match.start())
    in_code = fence is not None and match.start() >= fence.body.start
    for start in starts(text, begin, stops[-1]):
        bracketed = bool(openers) and start >= openers[0]
        # In a fence, bare places are code: a traceback, a log, an example.
        if (in_code and not bracketed) or not begins_fresh(text, begin, start):
            continue
        for stop in stops:
            name = text[start:stop]
            found = names.exact(name) or (names.by_end(name) if bracketed else None)
            if found:
                return Reference(start, match.end(), found.path, found, _claimed(match), bracketed)
    return None


def _unknown(shown: Layout, match: re.Match[str], openers: list[int]) -> Reference | None:
    """What is written like a place of the corpus but is none, so that it can be reported."""
    text, stop = shown.text, _stops(shown.text, match.start())[-1]
    if not openers or shown.fences.at(match.start()):
        return None
    start = openers[-1]
    name = text[start:stop].strip().strip('`*"“”')
    if any(map(str.isspace, name)):
        name = name if "/" in name.split()[0] else name.split()[-1]
    plain = match[0][0] == ":" and not match[0][1].isspace()
    if not path_like(name) and not (plain and place_like(text, start, name)):
        return None
    return Reference(text.rfind(name, start, stop), match.end(), name, None, _claimed(match), True)


def _unlined(shown: Layout, names: Names) -> Iterator[Reference]:
    """`[path]` without lines: counts where the path is known, or leads a line of the evidence."""
    text = shown.text
    for match in _BRACKETED.finditer(text):
        name = match[1].strip()
        if shown.fences.at(match.start()):
            continue
        found = names.exact(name)
        if found is None:
            if not path_like(name):
                continue
            found = names.by_end(name)
            lead = text[shown.line_start(match.start()) : match.start()]
            if found is None and (not shown.evidence.at(match.start()) or lead.strip(" \t-*+>")):
                continue
        path = found.path if found else name
        yield Reference(match.start(1), match.end(1), path, found, None, True)

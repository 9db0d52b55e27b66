"""Finding the places that an answer names: a path, then lines, or a page, a clause, a chapter.

What may live here: how models write a place after a path. What must never be known here: quotes,
the documents' texts. Places are what is searched for; the path is what stands before them, matched
against the corpus' own paths, so that a path may hold spaces, brackets or anything else.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.citation.bordering import JOINT, begins_fresh, opened, path_like, place_like, starts
from longctx.citation.claims import NOWHERE, Claim
from longctx.citation.titled import titled
from longctx.corpus import Span
from longctx.structure.wordings import extent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longctx.citation.claims import Atlas
    from longctx.citation.layout import Layout
    from longctx.citation.naming import Names
    from longctx.citation.values import Lines
    from longctx.corpus import Document

_COLUMN = r"(?:[Cc][0-9]{1,6}|:[0-9]{1,6})?"
_RANGE = (
    rf"[Ll]?(?P<first>[0-9]{{1,9}}){_COLUMN}"
    r"(?:[ \t]?(?:[-\u2010-\u2015\u2212]|\.\.\.?|to\b)[ \t]?"
    rf"[Ll]?(?P<last>[0-9]{{1,9}}){_COLUMN})?(?!\w)"
)
_HEAD = r"(?::[ \t]?|#|,?[ \t]{1,2}(?=[Ll](?:ines?\b|[0-9])))"
_HOURS = r"(?!:[ \t]?[0-9]{1,3}:[0-9]{2}:[0-9]{2}(?![\w:]))"
_PLACE = re.compile(
    rf"(?P<lines>{_HOURS}{_HEAD}(?P<said>(?:[Ll]ines?[ \t]{{1,2}})?{_RANGE}))"
    r"|(?:[:,#][ \t]{0,3}|[ \t]{1,3}(?:[-\u2013\u2014][ \t]{1,3})?)(?=[\w§¶])|(?=§)"
)
_MORE = re.compile(rf"[ \t]?[,;&][ \t]?(?P<said>{_RANGE})(?=[ \t]?[,;&\])）】])")
_ALSO = re.compile(r"[ \t]?(?:[;,&|]|\b(?:and|und)\b)[ \t]?")
_REST = re.compile(r"[^\[\]()（）【】`\n;&|:\"“”„«»/]{0,80}(?=[\])）】`*])")
_CLAUSE_NEXT = re.compile(r",?[ \t]{0,2}(?=§)")
_FILE = re.compile(r"\w\.[A-Za-z]")
_BRACKETED = re.compile(r"\[[`*]{0,3}((?:[^\[\]\n`]|\[[^\[\]\n]{0,80}\]){1,300})[`*]{0,3}\]")
LONGEST = 400
"""Characters of a place."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One place that the answer names."""

    start: int
    end: int
    name: str
    """The path as the corpus has it; as written where it is not known."""
    document: Document | None
    claim: Claim
    bracketed: bool
    """Set off from the sentence by brackets or backticks."""

    @property
    def place(self) -> Span:
        return Span(self.start, self.end)


def references(shown: Layout, names: Names, atlas: Atlas) -> list[Reference]:
    """Every place that is named, in order, none within another."""
    placed = list(_Finder(shown, names, atlas).placed())
    ends = [reference.end for reference in placed]
    found = list(placed)
    for reference in _unplaced(shown, names, atlas):
        after = bisect_left(ends, reference.start + 1)
        if after == len(placed) or placed[after].start >= reference.end:
            found.append(reference)
    return sorted(found, key=lambda reference: reference.start)


class _Finder:
    """Looks for what is written like a place, and for the path before it."""

    def __init__(self, shown: Layout, names: Names, atlas: Atlas) -> None:
        self._shown = shown
        self._names = names
        self._atlas = atlas

    def placed(self) -> Iterator[Reference]:
        """Paths with a place behind them."""
        text, floor = self._shown.text, 0
        last: Reference | None = None
        for match in _PLACE.finditer(text):
            if match.start() < floor:
                continue
            lined = match["lines"] is not None
            if not lined and not self._may_be_named(match):
                continue
            begin = max(floor, self._shown.line_start(match.start(), self._names.reach))
            joint = last and last.bracketed and JOINT.match(text, last.end, match.start())
            openers = [joint.end()] if joint else opened(text, begin, match.start())
            found = self._known(begin, match, openers)
            if found is None and lined:
                found = self._unknown(match, openers)
            if found is None:
                continue
            yield found
            floor, last = found.end, found
            while found.bracketed and (more := self._more(found, floor)):
                floor, last = more.end, more
                yield more

    def _may_be_named(self, match: re.Match[str]) -> bool:
        """Whether a path could end there and a place begin: the cheap tests first."""
        text = self._shown.text
        ends = any(self._names.may_end(text, stop) for stop in _stops(text, match.start()))
        return ends and extent(text, match.end(), self._limit(match.end())) > match.end()

    def _limit(self, place: int) -> int:
        return min(self._shown.line_end(place), place + LONGEST)

    def _known(self, begin: int, match: re.Match[str], openers: list[int]) -> Reference | None:
        """The longest path of the corpus that ends where the place begins."""
        text, names = self._shown.text, self._names
        stops = [stop for stop in _stops(text, match.start()) if names.may_end(text, stop)]
        if not stops:
            return None
        fence = self._shown.fences.at(match.start())
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
                    return self._reference(start, match, found, bracketed)
        return None

    def _reference(
        self, start: int, match: re.Match[str], document: Document, bracketed: bool
    ) -> Reference | None:
        """The path from `start` on with its place; None where the sentence only looks like it."""
        text, end = self._shown.text, match.end()
        if match["lines"] is not None:
            claim = self._atlas.lined(document, match["said"], _lines(match))
            end = self._trailing(end) if bracketed else end
        else:
            end = self._named_end(end, bracketed)
            claim = self._atlas.named(document, text[match.end() : end].strip())
            if not bracketed and not claim.areas:
                return None
        return Reference(start, end, document.path, document, claim, bracketed)

    def _trailing(self, end: int) -> int:
        """Behind the clause that may follow lines: `26 §12.3`."""
        gap = _CLAUSE_NEXT.match(self._shown.text, end)
        return extent(self._shown.text, gap.end(), self._limit(end)) if gap else end

    def _named_end(self, place: int, bracketed: bool) -> int:
        """Where a place that begins there ends; in brackets also behind stray words."""
        text = self._shown.text
        end = extent(text, place, self._limit(place))
        rest = _REST.match(text, end) if bracketed else None
        return rest.end() if rest and not _FILE.search(rest[0]) else end

    def _more(self, found: Reference, floor: int) -> Reference | None:
        """One more place of the same document in the same brackets."""
        text, document = self._shown.text, found.document
        if more := _MORE.match(text, floor):
            start = more.start("said")
            claim = self._atlas.lined(document, more["said"], _lines(more))
            return Reference(start, more.end(), found.name, document, claim, True)
        also = _ALSO.match(text, floor)
        if also is None or extent(text, also.end(), self._limit(floor)) <= also.end():
            return None
        end = self._named_end(also.end(), bracketed=True)
        claim = self._atlas.named(document, text[also.end() : end].strip())
        return Reference(also.end(), end, found.name, document, claim, True)

    def _unknown(self, match: re.Match[str], openers: list[int]) -> Reference | None:
        """What is written like lines of a document but is none, so that it can be reported."""
        text, stop = self._shown.text, _stops(self._shown.text, match.start())[-1]
        if not openers or self._shown.fences.at(match.start()):
            return None
        start = openers[-1]
        name = text[start:stop].strip().strip('`*"“”')
        if any(map(str.isspace, name)):
            name = name if "/" in name.split()[0] else name.split()[-1]
        plain = match[0][0] == ":" and not match[0][1].isspace()
        if not path_like(name) and not (plain and place_like(text, start, name)):
            return None
        claim = self._atlas.lined(None, match["said"], _lines(match))
        return Reference(text.rfind(name, start, stop), match.end(), name, None, claim, True)


def _lines(match: re.Match[str]) -> Lines:
    first = int(match["first"])
    last = int(match["last"] or first)
    return min(first, last), max(first, last)


def _stops(text: str, place: int) -> tuple[int, ...]:
    """Where the path before a place may end: there, or before closing marks."""
    stop = place
    while place - stop < 3 and stop and text[stop - 1] in '`*"”':
        stop -= 1
    return (place, stop) if stop < place else (place,)


def _unplaced(shown: Layout, names: Names, atlas: Atlas) -> Iterator[Reference]:
    """`[path]` alone, which counts where the path is known or leads a line of the evidence, and
    `[path title]`."""
    text = shown.text
    for match in _BRACKETED.finditer(text):
        name = match[1].strip()
        if shown.fences.at(match.start()):
            continue
        found = names.exact(name)
        if found is None:
            if whole := titled(name, names, atlas):
                path, document, claim = whole
                yield Reference(match.start(1), match.end(1), path, document, claim, True)
                continue
            if not path_like(name):
                continue
            found = names.by_end(name)
            lead = text[shown.line_start(match.start()) : match.start()]
            if found is None and (not shown.evidence.at(match.start()) or lead.strip(" \t-*+>")):
                continue
        path = found.path if found else name
        yield Reference(match.start(1), match.end(1), path, found, NOWHERE, True)

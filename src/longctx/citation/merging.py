"""From single mentions to distinct citations: a place and its quote count once.

What may live here: what counts as the same citation, and what a quote says for places without one.
What must never be known here: how answers are read or quotes found.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING

from longctx.citation.values import Citation, Verdict
from longctx.citation.verdicts import NO_DOCUMENT, NO_QUOTE, NOTHING_GIVEN, borrowed, verdict
from longctx.corpus import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longctx.citation.values import Lines
    from longctx.citation.verdicts import Outcome

_RANKED = (Verdict.VERIFIED, Verdict.REPAIRED, Verdict.NOT_FOUND)
_Key = tuple[str, "Lines | None", str]
_Cover = tuple["Lines", Citation]


def merged(outcomes: Iterable[Outcome]) -> tuple[Citation, ...]:
    """The distinct citations, in the order of their first mention."""
    kept = list(outcomes)
    quoted: dict[_Key, Citation] = {}
    places: dict[_Key, list[Span]] = defaultdict(list)
    for outcome in kept:
        if outcome.quote:
            citation = _quoted(outcome)
            key = (citation.path, citation.claimed, " ".join(citation.quote.split()))
            quoted.setdefault(key, citation)
            places[key].append(citation.place)
    covers = _Covers(quoted)
    citations: dict[_Key, Citation] = dict(quoted)
    for outcome in kept:
        if outcome.quote:
            continue
        reference = outcome.reference
        own: _Key = (reference.name, reference.claimed, "")
        key = covers.same(reference.name, reference.claimed) or own
        if key not in citations:
            citations[key] = _unquoted(outcome, covers)
        places[key].append(Span(reference.start, reference.end))
    return tuple(sorted((_at(c, places[key]) for key, c in citations.items()), key=_order))


def _order(citation: Citation) -> Span:
    return citation.place


def _at(citation: Citation, places: list[Span]) -> Citation:
    first, *again = sorted(places)
    return replace(citation, place=first, again=tuple(again))


def _quoted(outcome: Outcome) -> Citation:
    reference, span = outcome.reference, outcome.span
    found, reason = verdict(outcome)
    lines = reference.document.lines_of(span) if reference.document and span else None
    place = Span(reference.start, reference.end)
    return Citation(
        reference.name, outcome.quote, reference.claimed, found, span, lines, reason, place
    )


def _unquoted(outcome: Outcome, covers: _Covers) -> Citation:
    """A place without a quote: what a quote that overlaps it says."""
    reference = outcome.reference
    document, claimed = reference.document, reference.claimed
    place = Span(reference.start, reference.end)

    def missing(reason: str) -> Citation:
        return Citation(reference.name, "", claimed, Verdict.NOT_FOUND, None, None, reason, place)

    if document is None:
        return missing(NO_DOCUMENT)
    count = document.line_count
    if claimed and not 1 <= claimed[0] <= claimed[1] <= count:
        return missing(f"the document has {count} line{'' if count == 1 else 's'}")
    other = covers.best(reference.name, claimed)
    if other is None:
        return missing(NO_QUOTE if claimed else NOTHING_GIVEN)
    return Citation(
        reference.name,
        "",
        claimed,
        other.verdict,
        other.span,
        other.lines,
        borrowed(other),
        place,
    )


def _further(one: _Cover, other: _Cover) -> _Cover:
    return other if other[0][1] > one[0][1] else one


class _Covers:
    """Which quoted citations speak for which lines of a document."""

    def __init__(self, quoted: dict[_Key, Citation]) -> None:
        self._same: dict[tuple[str, Lines | None], _Key] = {}
        ranges: dict[tuple[str, Verdict], list[_Cover]] = defaultdict(list)
        self._any: dict[tuple[str, Verdict], Citation] = {}
        for key, citation in sorted(quoted.items(), key=lambda i: _RANKED.index(i[1].verdict)):
            self._same.setdefault((citation.path, citation.claimed), key)
            group = (citation.path, citation.verdict)
            self._any.setdefault(group, citation)
            for lines in filter(None, (citation.claimed, citation.lines)):
                ranges[group].append((lines, citation))
        self._ranges = {group: sorted(found, key=lambda i: i[0]) for group, found in ranges.items()}
        self._furthest = {
            group: list(accumulate(found, _further)) for group, found in self._ranges.items()
        }

    def same(self, path: str, claimed: Lines | None) -> _Key | None:
        """The quoted citation of exactly this place, the best if there are several."""
        return self._same.get((path, claimed))

    def best(self, path: str, claimed: Lines | None) -> Citation | None:
        """The best quoted citation whose lines, given or true, overlap these."""
        for rank in _RANKED:
            if claimed is None:
                if (path, rank) in self._any:
                    return self._any[path, rank]
                continue
            found = self._ranges.get((path, rank), [])
            before = bisect_right(found, claimed[1], key=lambda item: item[0][0])
            if before:
                # Of those that begin in time, the one that reaches furthest overlaps if any does.
                lines, citation = self._furthest[path, rank][before - 1]
                if lines[1] >= claimed[0]:
                    return citation
        return None

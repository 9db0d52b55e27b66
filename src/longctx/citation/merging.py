"""From single mentions to distinct citations: a place and its quote count once.

What may live here: what counts as the same citation, and what a quote says for places without one.
What must never be known here: how answers are read or quotes found.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING

from longctx.citation.values import Citation, Verdict
from longctx.citation.verdicts import (
    NO_DOCUMENT,
    NO_QUOTE,
    NO_QUOTE_THERE,
    NOTHING_GIVEN,
    borrowed,
    no_place,
    off,
    verdict,
)
from longctx.corpus import Span

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from longctx.citation.claims import Atlas, Claim
    from longctx.citation.references import Reference
    from longctx.citation.verdicts import Outcome

_RANKED = (Verdict.VERIFIED, Verdict.REPAIRED, Verdict.NOT_FOUND)
_Key = tuple[str, "Hashable", str]
_Quoted = dict[_Key, tuple[Citation, "Claim"]]
_Cover = tuple[Span, Citation]


def merged(outcomes: Iterable[Outcome], atlas: Atlas) -> tuple[Citation, ...]:
    """The distinct citations, in the order of their first mention."""
    kept = list(outcomes)
    quoted: _Quoted = {}
    places: dict[_Key, list[Span]] = defaultdict(list)
    for outcome in kept:
        if outcome.quote:
            reference = outcome.reference
            key = (reference.name, reference.claim.key, " ".join(outcome.quote.split()))
            if key not in quoted:
                quoted[key] = _quoted(outcome, atlas), reference.claim
            places[key].append(reference.place)
    covers = _Covers(quoted)
    citations = {key: citation for key, (citation, _) in quoted.items()}
    for outcome in kept:
        if outcome.quote:
            continue
        reference = outcome.reference
        own: _Key = (reference.name, reference.claim.key, "")
        key = covers.same(reference.name, reference.claim) or own
        if key not in citations:
            citations[key] = _unquoted(reference, covers)
        places[key].append(reference.place)
    return tuple(sorted((_at(c, places[key]) for key, c in citations.items()), key=_order))


def _order(citation: Citation) -> Span:
    return citation.place


def _at(citation: Citation, places: list[Span]) -> Citation:
    first, *again = sorted(places)
    return replace(citation, place=first, again=tuple(again))


def _quoted(outcome: Outcome, atlas: Atlas) -> Citation:
    reference, span = outcome.reference, outcome.span
    document = reference.document
    lines = document.lines_of(span) if document and span else None
    where = atlas.where(document, span) if document and span else ""
    found, reason = verdict(outcome, where)
    return Citation(
        path=reference.name,
        quote=outcome.quote,
        said=reference.claim.said,
        claimed=reference.claim.lines,
        verdict=found,
        span=span,
        lines=lines,
        where=where,
        reason=reason,
        place=reference.place,
    )


def _unquoted(reference: Reference, covers: _Covers) -> Citation:
    """A place without a quote: what a quote that overlaps it says."""
    claim = reference.claim
    missing = Citation(
        path=reference.name,
        quote="",
        said=claim.said,
        claimed=claim.lines,
        verdict=Verdict.NOT_FOUND,
        span=None,
        lines=None,
        where="",
        reason=_lacking(reference),
        place=reference.place,
    )
    if missing.reason:
        return missing
    other = covers.best(reference.name, claim)
    if other is None:
        unquoted = NO_QUOTE if claim.lines else NO_QUOTE_THERE if claim.said else NOTHING_GIVEN
        return replace(missing, reason=unquoted)
    found, reason = other.verdict, borrowed(other, claim)
    if other.lines and claim.areas and all(area.off for area in claim.areas):
        found, reason = Verdict.REPAIRED, off(claim, other.lines, other.where)
    return replace(
        missing,
        verdict=found,
        span=other.span,
        lines=other.lines,
        where=other.where,
        reason=reason,
    )


def _lacking(reference: Reference) -> str:
    """Why the place cannot be looked at; empty where it can."""
    document, claim = reference.document, reference.claim
    if document is None:
        return NO_DOCUMENT
    count = document.line_count
    if claim.lines and not 1 <= claim.lines[0] <= claim.lines[1] <= count:
        return f"the document has {count} line{'' if count == 1 else 's'}"
    return no_place(claim) if claim.said and not claim.areas else ""


def _further(one: _Cover, other: _Cover) -> _Cover:
    return other if other[0].end > one[0].end else one


class _Covers:
    """Which quoted citations speak for which characters of a document."""

    def __init__(self, quoted: _Quoted) -> None:
        self._same: dict[tuple[str, Hashable], _Key] = {}
        ranges: dict[tuple[str, Verdict], list[_Cover]] = defaultdict(list)
        self._any: dict[tuple[str, Verdict], Citation] = {}
        ranked = sorted(quoted.items(), key=lambda item: _RANKED.index(item[1][0].verdict))
        for key, (citation, claim) in ranked:
            self._same.setdefault((citation.path, claim.key), key)
            group = (citation.path, citation.verdict)
            self._any.setdefault(group, citation)
            spans = [area.span for area in claim.areas]
            for span in (*spans, citation.span):
                if span is not None:
                    ranges[group].append((span, citation))
        self._ranges = {group: sorted(found, key=lambda i: i[0]) for group, found in ranges.items()}
        self._furthest = {
            group: list(accumulate(found, _further)) for group, found in self._ranges.items()
        }

    def same(self, path: str, claim: Claim) -> _Key | None:
        """The quoted citation of exactly this place, the best if there are several."""
        return self._same.get((path, claim.key))

    def best(self, path: str, claim: Claim) -> Citation | None:
        """The best quoted citation whose place, given or true, overlaps this."""
        for rank in _RANKED:
            if not claim.said:
                if (path, rank) in self._any:
                    return self._any[path, rank]
                continue
            for area in claim.areas:
                if found := self._overlapping((path, rank), area.span):
                    return found
        return None

    def _overlapping(self, group: tuple[str, Verdict], span: Span) -> Citation | None:
        before = bisect_left(self._ranges.get(group, []), span.end, key=lambda i: i[0].start)
        if before:
            # Of those that begin in time, the one that reaches furthest overlaps if any does.
            covered, citation = self._furthest[group][before - 1]
            if covered.end > span.start:
                return citation
        return None

"""Looking up what an answer quotes: which quote belongs to a citation, and whether it is there.

What may live here: the order of trying. What must never be known here: how an answer or a text is
read in detail, or what a verdict is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx.citation.folding import Way, fold
from longctx.citation.nearly import nearly
from longctx.citation.readings import ELLIPSIS, bare, pieces, readings, substantial
from longctx.citation.sameness import defused
from longctx.citation.sources import GAP, Patience, Source
from longctx.citation.verdicts import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from longctx.citation.claims import Claim
    from longctx.citation.layout import Layout
    from longctx.citation.references import Reference
    from longctx.citation.slots import Slot
    from longctx.corpus import Document, Span

PATIENCE = 1_500_000_000
"""Characters read per answer in looking quotes up outside their lines: a second or two."""
NEAR_COST = 20
"""A near match costs about this many plain looks through as much text."""
READING_COST = 50
"""Reading a quote costs about this many characters of looking, for each of its own."""


class Judge:
    """Looks quotes up, each document read once."""

    def __init__(self) -> None:
        self._patience = Patience(PATIENCE)
        self._sources: dict[str, Source] = {}

    def _source(self, document: Document) -> Source:
        if document.path not in self._sources:
            self._sources[document.path] = Source(document, self._patience)
        return self._sources[document.path]

    def outcomes(
        self, shown: Layout, references: Sequence[Reference], slots: Sequence[Slot]
    ) -> Iterator[Outcome]:
        """One outcome for each reference; the quote goes to the one whose document has it."""
        inside = self._first(shown, references, slots, Source.inside)
        if inside is None or _partial(inside, slots):
            # Some words of a quote in the place that was given are less than all of it elsewhere.
            anywhere = self._first(shown, references, slots, Source.anywhere)
        else:
            anywhere = None
        chosen = (
            _longer(inside, anywhere)
            or self._loosely(shown, references, slots)
            or _missing(shown, references, slots)
        )
        for reference in references:
            if chosen and reference is chosen.reference:
                yield chosen
            else:
                yield Outcome(reference, "", None, None)

    def _first(
        self,
        shown: Layout,
        references: Sequence[Reference],
        slots: Sequence[Slot],
        look: Callable[[Source, str, Claim], Span | None],
    ) -> Outcome | None:
        """The longest quote of the best slot that is there word for word."""
        for slot in slots:
            best: Outcome | None = None
            for extent in sorted((*slot.extents, *slot.further), key=len):
                quote = _quote(shown, slot, extent)
                full = substantial(quote)
                if extent != slot.extents[0] and not (
                    full and self._patience.spend(READING_COST * len(quote))
                ):
                    continue
                for source, claim, reference in self._looked_in(references):
                    if span := look(source, quote, claim):
                        best = Outcome(reference, quote, extent, span)
                        break
                else:
                    # Longer extents hold this one; only an escaped mark reads otherwise in them.
                    if full and not quote.endswith("\\"):
                        break
            if best:
                return best
        return None

    def _looked_in(
        self, references: Sequence[Reference]
    ) -> Iterator[tuple[Source, Claim, Reference]]:
        for reference in references:
            if reference.document is not None:
                yield self._source(reference.document), reference.claim, reference

    def _loosely(
        self, shown: Layout, references: Sequence[Reference], slots: Sequence[Slot]
    ) -> Outcome | None:
        """A quote with ellipses, or one that is there with slips."""
        for slot in slots:
            extents = [extent for extent in slot.extents if extent.end <= slot.plain_limit][:2]
            for extent in extents:
                quote = _quote(shown, slot, extent)
                cost = READING_COST * len(quote)
                if not substantial(quote) or not self._patience.spend(cost):
                    continue
                for source, claim, reference in self._looked_in(references):
                    for part in readings(quote):
                        if span := source.in_pieces(part, claim):
                            return Outcome(reference, quote, extent, span)
                    if span := self._nearly(source, quote, claim):
                        return Outcome(reference, quote, extent, span, exact=False)
        return None

    def _nearly(self, source: Source, quote: str, claim: Claim) -> Span | None:
        """Where the quote, or each of its pieces in order, stands with slips."""
        way = Way.LOOSE if defused(quote) else Way.PLAIN
        folded = source.folded(way)
        near = folded.place(claim.start)
        start = end = -1
        for part in pieces(bare(quote)) if ELLIPSIS.search(quote) else [bare(quote)]:
            if not self._patience.spend(NEAR_COST * len(folded.text)):
                return None
            needle = fold(part, way).text.strip(" ")
            found = nearly(folded.text, needle, near if end < 0 else end)
            if found is None or (end >= 0 and not end <= found[0] <= end + GAP):
                return None
            start, end = found[0] if start < 0 else start, found[1]
        return folded.span(start, end) if end > start >= 0 else None


def _partial(outcome: Outcome, slots: Sequence[Slot]) -> bool:
    """Whether the quote found is only a part of the one that most likely was meant."""
    extent = outcome.extent
    return extent is not None and any(
        extent.within(slot.extents[0]) and extent != slot.extents[0] for slot in slots
    )


def _longer(inside: Outcome | None, anywhere: Outcome | None) -> Outcome | None:
    """The one that is in the place given, unless the other's quote holds all of its and more."""
    if inside is None or anywhere is None or inside.extent is None or anywhere.extent is None:
        return inside or anywhere
    more = inside.extent.within(anywhere.extent) and inside.extent != anywhere.extent
    return anywhere if more else inside


def _quote(shown: Layout, slot: Slot, extent: Span) -> str:
    text = shown.text[extent.start : extent.end]
    return shown.unprefixed(text).strip() if slot.quoted_lines else text.strip()


def _missing(
    shown: Layout, references: Sequence[Reference], slots: Sequence[Slot]
) -> Outcome | None:
    """The quote that was meant but is nowhere."""
    slot = next((slot for slot in slots if slot.sure), None)
    quote = _quote(shown, slot, slot.extents[0]) if slot else ""
    if slot is None or not quote:
        return None
    reference = next((r for r in references if r.document), references[0])
    return Outcome(reference, quote, slot.extents[0], None)

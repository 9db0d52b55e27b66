"""Citations: what an answer says stands in a source, looked up there.

Pure: an answer's text and a corpus go in, verdicts come out. Only the answer is read for citations;
documents are looked into, never listened to, so no text inside them can make, move or approve one.
What must never be known here: prompts, tokens, engines, terminals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx.citation.claims import Atlas
from longctx.citation.grouping import grouped
from longctx.citation.judging import Judge
from longctx.citation.layout import layout
from longctx.citation.merging import merged
from longctx.citation.naming import Names
from longctx.citation.quoting import slots
from longctx.citation.references import references
from longctx.citation.values import Citation, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from longctx.citation.verdicts import Outcome
    from longctx.corpus import Corpus

__all__ = ["Citation", "Verdict", "cited", "linked"]


def cited(answer: str, corpus: Corpus) -> tuple[Citation, ...]:
    """Every distinct citation of the answer, in the order of first mention, looked up."""
    atlas = Atlas()
    return merged(_outcomes(answer, corpus, atlas), atlas)


def linked(answer: str, citations: Iterable[Citation]) -> Iterator[str | Citation]:
    """The answer's text cut at its citations; each stands for the text at its place."""
    places = sorted(
        ((place, citation) for citation in citations for place in citation.places),
        key=lambda pair: pair[0],
    )
    done = 0
    for place, citation in places:
        if place.start < done:
            continue
        if place.start > done:
            yield answer[done : place.start]
        yield citation
        done = place.end
    if done < len(answer):
        yield answer[done:]


def _outcomes(answer: str, corpus: Corpus, atlas: Atlas) -> list[Outcome]:
    """What became of each mention; places inside a quote are the quoted text's, not mentions."""
    shown = layout(answer)
    groups = grouped(shown, references(shown, Names(corpus), atlas))
    judge = Judge()
    found: list[Outcome] = []
    taken = 0
    for number, group in enumerate(groups):
        if group.start < taken:
            continue
        for outcome in judge.outcomes(shown, group.references, slots(shown, groups, number, taken)):
            if extent := outcome.extent:
                taken = max(taken, extent.end)
                while found and extent.start <= found[-1].reference.start < extent.end:
                    found.pop()
            found.append(outcome)
    return found

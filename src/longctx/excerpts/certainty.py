"""How sure an answer is that only knows words: which of the question's were found, and where.

What may live here: that judgement and the sentence that tells it. What must never be known here:
which lines are quoted. Nothing here claims to understand: it speaks of words alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from longctx.excerpts.wording import KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from longctx.excerpts.wording import Wording
    from longctx.recall import Index

LISTED = 8
"""Words that a sentence names."""
LOST = 0.4
"""The share of a question's words, by number and by weight, that may be nowhere."""
FEW = 4
"""Words of a question that is answered by half of them."""
HALF = 0.5
SOME = 0.4
"""The share that one passage must hold where more is lost."""
MOST = 0.6
"""The share that one passage must hold where no name of the question is found."""
LOOKED_UP = 6
"""Missing words for which near spellings are looked for."""

ECHOED = 120
"""Characters of a question that are repeated in a message."""


class Certainty(StrEnum):
    """How much of a question was found."""

    TOGETHER = "together"
    """All its words, in one passage."""
    APART = "apart"
    """All its words, but in no passage all of them."""
    PARTLY = "partly"
    """Not all of its words."""
    NOTHING = "nothing"
    """Nothing that carries it."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What of a question's words was found."""

    certainty: Certainty
    together: tuple[str, ...] = ()
    """Words that the passage which holds most of them holds, as the question spells them."""
    elsewhere: tuple[str, ...] = ()
    """Words that stand elsewhere in the sources."""
    missing: tuple[str, ...] = ()
    """Words and names that stand nowhere."""
    near: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """For some of `missing`: what is spelled much alike and does stand there."""


def findings_for(wording: Wording, texts: list[str], index: Index) -> Findings:
    """What the best passages (`texts`) hold of the question, names around them included."""
    held = [wording.held(text) for text in texts]
    best = max(held, key=lambda grades: _weighed(wording, grades), default=[])
    share = _weighed(wording, best) / wording.total if best else 0.0
    lost = [each for each in wording.words if each.grade < KNOWN]
    weight = sum(each.rarity for each in lost) / wording.total
    # In few documents each word that is missing weighs much: its number counts, too.
    number = len(lost) / max(1, len(wording.words))
    few = len(wording.words) <= FEW and number <= HALF
    emptied = min(weight, number) >= LOST and share < SOME and not few
    known = any(each.grade >= KNOWN for each in wording.names)
    unnamed = bool(wording.names) and not known and share < MOST
    nothing = not texts or unnamed or (emptied and not known)
    words = list(zip(wording.words, best or [0.0] * len(wording.words), strict=True))
    together = [each for each, grade in words if grade >= KNOWN]
    missing = wording.missing
    elsewhere = [e for e, grade in words if grade < KNOWN and e not in missing]
    certainty = (
        Certainty.NOTHING if nothing
        else Certainty.PARTLY if missing
        else Certainty.APART if elsewhere
        else Certainty.TOGETHER
    )  # fmt: skip
    near = [(wording.said(each), index.near(each.term.text)) for each in missing[:LOOKED_UP]]
    return Findings(
        certainty,
        _unique(wording.said(each) for each in together),
        _unique(wording.said(each) for each in elsewhere),
        _unique(wording.said(each) for each in missing),
        tuple((word, close) for word, close in near if close),
    )


def told(findings: Findings) -> str:
    """One sentence about an answer that quotes something."""
    together, elsewhere = _list(findings.together), _list(findings.elsewhere)
    match findings.certainty:
        case Certainty.TOGETHER if len(findings.together) == 1:
            return f"The word of the question was found: {together}."
        case Certainty.TOGETHER:
            return f"All words of the question were found together: {together}."
        case Certainty.APART if together:
            return (
                "All words of the question were found, but not in one passage:"
                f" {together}; elsewhere {elsewhere}."
            )
        case Certainty.APART:
            return f"The words of the question were found, each by itself: {elsewhere}."
        case _:
            found = "; elsewhere ".join(filter(None, (together, elsewhere)))
            only = f"Only some words of the question were found: {found}. " if found else ""
            return f"{only}Not found: {_missed(findings)}."


def told_nothing(findings: Findings, question: str) -> str:
    """What is said where nothing is quoted, with what to do."""
    asked = " ".join(question.split())
    asked = asked if len(asked) <= ECHOED else asked[:ECHOED].rstrip() + "…"
    if not (findings.missing or findings.together or findings.elsewhere):
        return f"nothing found for {asked!r}: it holds no word to look for; name what you look for"
    found = _list((*findings.together, *findings.elsewhere))
    lacking = f"not in the documents: {_missed(findings)}" if findings.missing else ""
    there = f"there, but not together: {found}" if found else ""
    return (
        f"nothing found for {asked!r}; {'; '.join(filter(None, (lacking, there)))}."
        " Use words that the documents use, or connect a model (longctx doctor)"
    )


def _missed(findings: Findings) -> str:
    """The missing words, each with what is spelled nearly so."""
    near = dict(findings.near)
    shown = [
        f"{word} (near: {', '.join(near[word])})" if word in near else word
        for word in findings.missing
    ]
    return _list(shown)


def _list(words: Sequence[str]) -> str:
    more = len(words) - LISTED
    return ", ".join(words[:LISTED]) + (f" and {more} more" if more > 0 else "")


def _unique(words: Iterable[str]) -> tuple[str, ...]:
    return tuple({word.lower(): word for word in reversed(list(words))}.values())[::-1]


def _weighed(wording: Wording, grades: Sequence[float]) -> float:
    return sum(e.rarity * grade for e, grade in zip(wording.words, grades, strict=True))

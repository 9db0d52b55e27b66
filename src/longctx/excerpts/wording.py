"""The words of a question, and what a text that holds some of them is worth.

What may live here: weighing words against texts. What must never be known here: which texts there
are, and what is done with the best of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from longctx.recall.terms import MAX_QUESTION, Match, hits, lowered
from longctx.recall.words import ASKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longctx.recall import Index, Occurrence

KNOWN = 0.7
"""How well a word must be met for it to count as found: its short form does, a longer word that
only begins like it does not."""

ABROAD = frozenset(
    """aber als auch auf aus bei bin bis das dass dem den der des die diese dieser ein eine einem
    einen einer eines er es für gibt haben hat hier ich ihr im ist kann man mich mit nach nicht noch
    oder sich sie sind und uns unter von vor wann warum was wem wen wenn wer werden wie wir wird wo
    wurde zu zum zur über au aux avec ce ces cette comment dans de des donc du elle elles en est et
    être ils je la le les leur mais nous où ou par pas pour pourquoi quand que quel quelle quelles
    quels qui quoi sa se ses son sont sur un une vous al como con cuando cual cuál cuándo cómo del
    desde donde dónde el ella en entre es esta este está hay las los más no para pero por porque qué
    quién se ser sin sobre son su sus una y che chi come cosa da dal dei della delle di dove gli il
    lo nel nella non per perché più quale quando questo sono è ao as com da do dos e em é foi mas na
    não nas nos o onde os ou para pela pelo qual quando que quem são seu sua um uma aan dat deze dit
    een en het hoe in is met naar niet of om op te van voor waar waarom wat welke wie worden wordt
    zijn""".split()
)
"""Words that other languages ask with: where a corpus lacks them, that says nothing about it."""
FOREIGN = (2, 0.4)
"""How many such words, and what part of all, make a question one in such a language: then they do
not count at all."""
SPELLED = 60
"""Characters of a word that are repeated."""


@dataclass(frozen=True)
class Wording:
    """What a question asks for, as the corpus has it."""

    words: tuple[Occurrence, ...]
    """What carries the question, in order; without names."""
    names: tuple[Occurrence, ...]
    """Names of code in it, each a word by itself; their parts are words as well."""
    phrases: tuple[Occurrence, ...]
    """Paths, dotted names and quoted phrases."""
    text: str
    """The question, as far as it is read."""

    @classmethod
    def of(cls, question: str, index: Index) -> Wording:
        """The wording of a question asked of the index's corpus."""
        found = index.occurrences(question)
        exact = [each for each in found if each.term.match is Match.EXACT]
        plain = [each for each in found if each.term.match is not Match.EXACT]
        carrying = [each for each in plain if each.term.text not in ASKING]
        abroad = [each for each in carrying if each.term.text in ABROAD]
        foreign = len(abroad) >= FOREIGN[0] and len(abroad) >= FOREIGN[1] * len(carrying)
        carrying = [
            each for each in carrying if each not in abroad or (each.grade >= KNOWN and not foreign)
        ]
        return cls(
            tuple(carrying or plain),
            tuple(each for each in exact if each.term.text.replace("_", "").isalnum()),
            tuple(each for each in exact if not each.term.text.replace("_", "").isalnum()),
            question[:MAX_QUESTION],
        )

    @cached_property
    def total(self) -> float:
        """What a text with all words is worth."""
        return sum(each.rarity for each in self.words) or 1.0

    @cached_property
    def missing(self) -> tuple[Occurrence, ...]:
        """Words and names that are nowhere in the corpus, in order."""
        return tuple(each for each in (*self.names, *self.words) if each.grade < KNOWN)

    @cached_property
    def _found(self) -> tuple[Occurrence, ...]:
        every = (*self.words, *self.names, *self.phrases)
        return tuple(each for each in every if each.grade > 0)

    def held(self, text: str) -> list[float]:
        """For each of `words` how well the text has it, from 0 to 1."""
        lower = lowered(text)
        return [_best(each, text, lower) for each in self.words]

    def share(self, text: str) -> float:
        """What part of the question the text holds, from 0 to 1."""
        pairs = zip(self.words, self.held(text), strict=True)
        return sum(each.rarity * grade for each, grade in pairs) / self.total

    def worth(self, text: str) -> float:
        """What the text is worth: each word, name and phrase counts once."""
        lower = lowered(text)
        return sum(each.rarity * _best(each, text, lower) for each in self._found)

    def said(self, each: Occurrence) -> str:
        """The word as the question spells it."""
        text = each.term.text
        place = lowered(self.text).find(text)
        said = self.text[place : place + len(text)] if place >= 0 else text
        return said if len(said) <= SPELLED else said[:SPELLED] + "…"


def _best(each: Occurrence, text: str, lower: str) -> float:
    best = 0.0
    if each.grade > 0:
        for _, grade in hits(each.term, text, lower):
            best = max(best, grade)
            if best == 1.0:
                break
    return best


def best_line(wording: Wording, lines: Sequence[str]) -> int:
    """The first of the lines that are worth most."""
    worth = [wording.worth(line) for line in lines]
    return worth.index(max(worth))

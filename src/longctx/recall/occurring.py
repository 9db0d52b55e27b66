"""Which terms of a question a corpus has, how rare each is, and what is spelled nearly like one.

What may live here: looking terms up. What must never be known here: which passage answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from longctx.recall.terms import Match
from longctx.recall.vocabulary import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longctx.recall.layers import Layers
    from longctx.recall.terms import Term

COMPARED = 4_000
"""Spellings that a word is compared with."""
SLACK = 3
"""Letters that a near spelling may be longer or shorter."""
ALIKE = 0.75
"""From 0 to 1, as difflib counts: three letters in four."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A term of a question with what the corpus has of it."""

    term: Term
    units: int
    """Passages that hold it; 0 too where only a path does."""
    grade: float
    """How well the likest word of any text or path is the term: 1 for a word of its stem, less for
    one that is its short form or only begins like it, 0 for none."""
    rarity: float
    """BM25's inverse frequency times what the question makes of the term."""


def near(word: str, layers: Layers, most: int) -> tuple[str, ...]:
    """Names and words of the corpus spelled much like this one, the likest first.

    Looked for among those that begin with the same letter and are about as long, `COMPARED` of
    them at the most.
    """
    whole = word.lower()
    plain = whole.isascii() and len(words_of(whole)) == 1
    if not plain or len(whole) < SLACK:
        return ()
    known: dict[str, str] = {}
    for spelled in _candidates(whole, layers):
        known.setdefault(spelled.lower(), spelled)
    known.pop(whole, None)
    close = get_close_matches(whole, sorted(known), most, ALIKE)
    return tuple(known[each] for each in close)


def _candidates(whole: str, layers: Layers) -> Iterable[str]:
    """Words as the corpus spells them that may be near, the shortest lists of parts first."""
    found = 0
    for segment in layers.segments:
        for part, number in segment.parts_from(whole.strip("_")[:1]):
            if not _as_long(part, whole) and "_" not in whole:
                continue
            for place in segment.by_part[number]:
                spelled = segment.words[place]
                if not spelled.isascii() or not layers.spread(spelled):
                    continue
                text = spelled.decode()
                if _as_long(text, whole):
                    yield text
                    found += 1
                    if found == COMPARED:
                        return


def _as_long(one: str, other: str) -> bool:
    return abs(len(one) - len(other)) <= SLACK


def is_name(term: Term) -> bool:
    """Whether it is a name as code spells it, and not a phrase or a word."""
    return term.match is Match.EXACT and len(words_of(term.text)) == 1

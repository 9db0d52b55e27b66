"""Which words of a segment a term of a question means.

What may live here: grades of words. What must never be known here: units, scores.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx.recall.terms import Match, Term
from longctx.recall.vocabulary import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longctx.recall.segment import Segment

LONGEST = 80
"""Characters of a name's first part that are tried."""
FULL = 10
"""What a hit counts, in whole numbers: sums of these do not depend on their order."""


def graded(term: Term, segment: Segment) -> dict[int, int]:
    """The words, by number, with what a hit of each counts, of `FULL`."""
    if term.match is Match.EXACT:
        names = words_of(term.text)
        if len(names) != 1:
            return {}
        return dict.fromkeys(spelled(names[0], segment), FULL)
    found: dict[int, int] = {}
    for part, grade in _parts(term, segment):
        for word in segment.by_part[part]:
            if found.get(word, 0) < grade:
                found[word] = grade
    return found


def spelled(name: bytes, segment: Segment) -> list[int]:
    """The words that are this name but for upper and lower case; `name` in lower case."""
    own = segment.numbers.get(name)
    found = set() if own is None else {own}
    # Lower case has lost a name's inner borders: its first part is some beginning of it.
    head = name.decode("utf-8", "surrogatepass").strip("_").split("_")[0][:LONGEST]
    for end in range(1, len(head) + 1):
        for word in segment.with_part(head[:end]):
            if segment.words[word].lower() == name:
                found.add(word)
    return sorted(found)


def _parts(term: Term, segment: Segment) -> Iterator[tuple[int, int]]:
    """The parts of words that the term means, by number, with their grades."""
    anywhere = term.match is Match.ANYWHERE
    for start in dict.fromkeys((term.probe, *term.longs, *term.shorts)):
        for part, number in segment.parts_from(start):
            grade = FULL if anywhere else round(FULL * term.grade(part))
            if grade:
                yield number, grade

"""The words of a question and where they stand in a text.

What may live here: splitting a question into terms, stems, and finding terms in one string. What
must never be known here: documents, passages, scores. All matching is plain substring search with
a look at the word around the hit, so no text and no question can make a regular expression slow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from longctx.recall.words import ASKING, SHORT, STOP, shortened, stem

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_TERMS = 64
"""A stack trace or a pasted file has thousands of words; each term is one scan of the corpus."""
MAX_QUESTION = 20_000
"""Characters of a question that are read."""
MIN_PREFIX = 4
"""Letters that a word shares with a longer one before one may stand for the other."""

SUBWORD = re.compile(r"[A-Z]+(?![^\W\d_A-Z])|[A-Z]?[^\W\d_A-Z]+|\d+")
_TOKEN = re.compile(r"[^\W_](?:[\w.:/-]*\w)?|_\w+(?:[.:/-]+\w+)*")
_QUOTED = re.compile(r"`([^`\n]{2,80})`|\"([^\"\n]{2,60})\"|(?<!\w)'([^'\n]{2,60})'(?!\w)")
UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_GLUE = re.compile(r"[.:/-]+")


class Match(Enum):
    """What a hit must be."""

    WORD = "a word of the same stem, or one that begins like it"
    WHOLE = "the word itself or its plural"
    EXACT = "the characters, not inside a longer name"
    ANYWHERE = "the characters"


@dataclass(frozen=True, slots=True)
class Term:
    """One thing to look for."""

    text: str
    """Lower-cased."""
    match: Match
    probe: str
    """What to search for; every hit's word begins with it."""
    stem: str = ""
    longs: tuple[str, ...] = ()
    """What the words begin with that code shortens to this one."""
    shorts: tuple[str, ...] = ()
    """What code shortens it to."""
    grades: dict[str, float] = field(default_factory=dict, compare=False, repr=False)
    """Words met so far and what a hit of each counts."""

    def grade(self, word: str) -> float:
        known = self.grades.get(word)
        if known is None:
            known = self.grades[word] = self._grade(word)
        return known

    def _grade(self, word: str) -> float:
        if self.longs and word.startswith(self.longs):
            return ALIAS
        if word in self.shorts or word.removesuffix("s") in self.shorts:
            return ALIAS
        if self.match is Match.WHOLE:
            return 1.0 if word in (self.text, self.text + "s") else 0.0
        if word == self.text or stem(word) == self.stem:
            return 1.0
        if len(self.text) >= MIN_PREFIX and word.startswith(self.text):
            return LONGER
        return 0.0


ASKED = 0.3
"""What a word counts that questions ask with."""
LONGER = 0.3
"""What "deserialize" counts for the term "deser"."""
ALIAS = 0.7
"""What "db" counts for the term "database"."""


def terms_of(question: str) -> tuple[Term, ...]:
    """The distinct terms of a question, names first, each kind in order of appearance."""
    question = question[:MAX_QUESTION]
    found: dict[tuple[str, Match], Term] = {}
    for term in (*_quotes(question), *_named_and_words(question)):
        found.setdefault((term.stem or term.text, term.match), term)
    names = [term for term in found.values() if term.match is Match.EXACT]
    others = [term for term in found.values() if term.match is not Match.EXACT]
    return tuple([*names[: MAX_TERMS // 2], *others][:MAX_TERMS])


def weighted_terms_of(question: str, title: float) -> list[tuple[Term, float]]:
    """The terms with their importance: `title` for those of the first of several lines, else 1."""
    head, _, body = question.strip().partition("\n")
    named = {(t.stem or t.text, t.match) for t in terms_of(head)} if body.strip() else set()
    return [
        (
            term,
            (title if (term.stem or term.text, term.match) in named else 1.0)
            * (ASKED if term.text in ASKING else 1.0),
        )
        for term in terms_of(question)
    ]


def _quotes(question: str) -> Iterator[Term]:
    for quoted in _QUOTED.finditer(question):
        inner = " ".join(next(group for group in quoted.groups() if group).lower().split())
        if len(inner) >= 3 and inner.count(" ") <= 3 and inner not in STOP:
            yield Term(inner, Match.EXACT, inner)


def _named_and_words(question: str) -> Iterator[Term]:
    for token in _TOKEN.findall(question):
        for name in _names(token):
            yield Term(name, Match.EXACT, name)
        for word in SUBWORD.findall(token):
            yield from _word(word.lower())


def _names(token: str) -> Iterator[str]:
    """The token and its last component, where they look like a name in code or a path."""
    parts = [part for part in _GLUE.split(token) if part]
    if not parts:
        return
    dotted = len(parts) > 1 and "-" not in token and all(len(part) > 1 for part in parts)
    if dotted or "/" in token:
        yield token.lower()
    for part in parts:
        if "_" in part.strip("_") or part.startswith("_") or _is_camel(part):
            yield part.lower()


def _is_camel(part: str) -> bool:
    return len(SUBWORD.findall(part)) > 1 and any(c.islower() for c in part) and part.isalnum()


def _word(word: str) -> Iterator[Term]:
    if UNSPACED.search(word):
        for i in range(max(1, len(word) - 1)):
            yield Term(word[i : i + 2], Match.ANYWHERE, word[i : i + 2])
    elif word in STOP or len(word) < 2:
        return
    else:
        longs, shorts = SHORT.get(word, ()), shortened(word)
        if len(word) < MIN_PREFIX or word.isdigit():
            yield Term(word, Match.WHOLE, word, "", longs, shorts)
        else:
            root = stem(word)
            yield Term(word, Match.WORD, root, root, longs, shorts)


def lowered(text: str) -> str:
    """The text in lower case with every character in its place."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)


def hits(term: Term, text: str, lower: str) -> Iterator[tuple[int, float]]:
    """Where the term stands in `text`, and what each place counts; `lower` is `lowered(text)`."""
    probe, width = term.probe, len(term.probe)
    if term.match is Match.ANYWHERE:
        yield from ((place, 1.0) for place in _find(lower, probe))
    elif term.match is Match.EXACT:
        for place in _find(lower, probe):
            before = lower[place - 1 : place]
            after = lower[place + width : place + width + 1]
            if not (before.isalnum() or before == "_" or after.isalnum() or after == "_"):
                yield place, 1.0
    else:
        others = (other for other in (*term.longs, *term.shorts) if not other.startswith(probe))
        for start in (probe, *others):
            for place in _find(lower, start):
                if _begins_word(text, place) and (
                    start is probe or not lower.startswith(probe, place)
                ):
                    found = SUBWORD.match(text, place)
                    worth = term.grade(found.group().lower()) if found else 0.0
                    if worth:
                        yield place, worth


def _find(lower: str, probe: str) -> Iterator[int]:
    place = lower.find(probe)
    while place >= 0:
        yield place
        place = lower.find(probe, place + len(probe))


def _begins_word(text: str, place: int) -> bool:
    if not place or not (before := text[place - 1]).isalpha():
        return not place or not (before.isdigit() and text[place].isdigit())
    if not text[place].isupper():
        return False
    return not before.isupper() or text[place + 1 : place + 2].islower()

"""Finding lines by a pattern that a model wrote: literals, `|`, and gaps, in linear time.

Pure. Here may live: what a pattern means and which lines hold it. What must never be known here:
how lines are shown. A model's pattern is as untrusted as its prompt: it never becomes a regular
expression of the kind that backtracks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from longctx.corpus import Document

ALTERNATIVES = 20
"""Of one pattern; what is beyond them is not looked for."""

_SIGN = re.compile(r"(?P<or>\\?\|)|\\(?P<kind>[wsSWdD])[*+?]?|\.[*+]\??|\\[bB<>]|\\(?P<plain>.)")
"""What is more than a letter: a kind of letters (a gap), `.*` (a gap), borders, escapes, `|`."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Alternatives; each is literals that stand in one line in this order. Letter case is one."""

    alternatives: tuple[tuple[str, ...], ...]

    def __bool__(self) -> bool:
        return bool(self.alternatives)

    def in_line(self, line: str) -> tuple[int, int] | None:
        """Where the first literal of an alternative stands in a line that has all of it."""
        folded = line.lower()
        for literals in self.alternatives:
            place = begun = folded.find(literals[0])
            for literal in literals:
                place = folded.find(literal, place) if place >= 0 else -1
                place += len(literal) if place >= 0 else 0
            if place >= 0:
                return begun, begun + len(literals[0])
        return None

    def lines_of(self, document: Document) -> Iterator[int]:
        """The lines (from 1) that hold it, in order."""
        text, last = document.text, 0
        for place in self._candidates(text):
            line = document.line_of(place)
            if line > last and self.in_line(document.slice(document.span_of(line, line))):
                last = line
                yield line

    def _candidates(self, text: str) -> Iterable[int]:
        """Where a line that holds it may be, in order: wherever a first literal stands."""
        first = "|".join(re.escape(literals[0]) for literals in self.alternatives)
        return (match.start() for match in re.finditer(first, text, re.IGNORECASE))


def pattern_of(words: str) -> Pattern:
    """The pattern that words mean; an empty one where nothing is left to look for.

    `a|b` (or `a\\|b`) is either, `.*`, `.+`, `\\s+`, `\\w+` are a gap, `\\b`, `^` and `$` say
    nothing, `\\(` is `(`. Everything else stands for itself.
    """
    alternatives: list[list[str]] = [[""]]
    place = 0
    for sign in _SIGN.finditer(words):
        alternatives[-1][-1] += words[place : sign.start()]
        place = sign.end()
        if sign["or"]:
            alternatives.append([""])
        elif sign["plain"]:
            alternatives[-1][-1] += sign["plain"]
        elif sign["kind"] or sign[0].startswith("."):
            alternatives[-1].append("")
    alternatives[-1][-1] += words[place:]
    found = (_literals(each) for each in alternatives[:ALTERNATIVES])
    return Pattern(tuple(dict.fromkeys(each for each in found if each)))


def _literals(pieces: list[str]) -> tuple[str, ...]:
    pieces = [*pieces]
    pieces[0] = pieces[0].removeprefix("^")
    if len(pieces[-1]) > 1:
        pieces[-1] = pieces[-1].removesuffix("$")
    return tuple(piece.lower() for piece in pieces if piece.strip())

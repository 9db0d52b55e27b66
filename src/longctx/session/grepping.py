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
    from collections.abc import Iterator

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

    def place_in(self, line: str) -> int:
        """Where a line that holds it may be cut open: at the first literal; 0 without one."""
        folded = line.lower()
        places = (folded.find(literals[0]) for literals in self.alternatives)
        return min((place for place in places if place >= 0), default=0)

    def lines_of(self, text: str) -> list[int]:
        """The lines (from 1) that hold it, in order."""
        folded = text.lower()  # may move characters, but never the ends of lines
        found = {line for literals in self.alternatives for line in _lines(folded, literals)}
        return sorted(found)


def _lines(text: str, literals: tuple[str, ...]) -> Iterator[int]:
    """Each line is looked at once, however often the first literal stands in it."""
    line, counted = 1, 0
    place = text.find(literals[0])
    while place >= 0:
        line += text.count("\n", counted, place)
        counted = place
        end = text.find("\n", place)
        end = len(text) if end < 0 else end
        for literal in literals:
            place = text.find(literal, place, end)
            if place < 0:
                break
            place += len(literal)
        else:
            yield line
        place = text.find(literals[0], end + 1)


def pattern_of(words: str) -> Pattern:
    """The pattern that words mean; an empty one where nothing is left to look for.

    `a|b` (or `a\\|b`) is either, `.*`, `.+`, `\\s+`, `\\w+` are a gap, `\\b`, `^` and `$` say
    nothing, `\\(` is `(`. Everything else stands for itself.
    """
    words = words.replace("\n", ".*")  # a line holds none
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

"""Styles of OpenDocument texts: which paragraphs are titles, and how lists count.

Follows OpenDocument 1.3 part 3, 16 and 19. What must never be known here: paragraphs, packages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from longctx.formats.numbers import COUNT, Number
from longctx.formats.numbers.counting import printed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml.etree import _Element

OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_LOEXT = "{urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0}"

LEVELS = 10
_LONGEST = 60
"""Characters of a number's pattern, which is written before each of its paragraphs."""
_CHAIN = 30
_FORMATS = {
    "1": "decimal",
    "a": "lowerLetter",
    "A": "upperLetter",
    "i": "lowerRoman",
    "I": "upperRoman",
}
_LIST = re.compile(r"%(\d+)%")


@dataclass(frozen=True, slots=True)
class Level:
    """How one level of a list counts."""

    format: str = "none"
    pattern: str = ""
    """`%1.%2(%3)`: the counts of levels 1, 2 and 3."""
    start: int = 1


@dataclass
class Counter:
    """How far a list has counted, by level from 0."""

    counts: dict[int, int] = field(default_factory=dict)


class Styles:
    """The styles of one document."""

    def __init__(self, roots: Iterable[_Element]) -> None:
        self._parents: dict[str, str] = {}
        self._lists_of: dict[str, str] = {}
        self._lists: dict[str, dict[int, Level]] = {}
        self.outline: dict[int, Level] = {}
        for root in roots:
            for style in root.iter(STYLE + "style"):
                if style.get(STYLE + "family") == "paragraph":
                    name = style.get(STYLE + "name") or ""
                    self._parents[name] = style.get(STYLE + "parent-style-name") or ""
                    if (list_ := style.get(STYLE + "list-style-name")) is not None:
                        self._lists_of[name] = list_
            for style in root.iter(TEXT + "list-style"):
                self._lists[style.get(STYLE + "name") or ""] = _levels(style)
            for style in root.iter(TEXT + "outline-style"):
                self.outline = _levels(style)

    def is_title(self, name: str) -> bool:
        return "Title" in self._chain(name)[:2]

    def list_of(self, name: str) -> str:
        """The list style that a paragraph style brings with it; empty for none."""
        return next(
            (self._lists_of[each] for each in self._chain(name) if each in self._lists_of), ""
        )

    def count(
        self, list: str, level: int, counter: Counter, start: int | None = None
    ) -> Number | None:
        """Count a paragraph of a list style at a level (from 0), from `start` if it says so."""
        return counted(self._lists.get(list, {}), list, level, counter, start)

    def _chain(self, name: str) -> list[str]:
        chain: list[str] = []
        while name and len(chain) < _CHAIN:
            chain.append(name)
            name = self._parents.get(name, "")
        return chain


def counted(
    levels: dict[int, Level], name: str, level: int, counter: Counter, start: int | None = None
) -> Number | None:
    """Count a paragraph; None where its level has no number."""
    mine = levels.get(level)
    if mine is None:
        return None
    counts = counter.counts
    begin = mine.start if start is None else start
    counts[level] = counts[level] + 1 if level in counts and start is None else begin
    for deeper in [each for each in counts if each > level]:
        del counts[deeper]
    if mine.format == "bullet":
        return Number("-", " ", name, level, "bullet", "")

    def count(match: re.Match[str]) -> str:
        above = levels.get(int(match[1]) - 1, Level())
        return printed(counts.get(int(match[1]) - 1, above.start), above.format)

    text = " ".join(COUNT.sub(count, mine.pattern).split())
    return Number(text, " " if text else "", name, level, mine.format, mine.pattern)


def _levels(style: _Element) -> dict[int, Level]:
    found: dict[int, Level] = {}
    for element in style:
        level = whole(element.get(TEXT + "level"), 0) - 1
        if not 0 <= level < LEVELS:
            continue
        if element.tag in (TEXT + "list-level-style-number", TEXT + "outline-level-style"):
            found[level] = _level(element, level)
        else:
            found[level] = Level("bullet")
    return found


def _level(element: _Element, level: int) -> Level:
    sign = element.get(STYLE + "num-format") or ""
    format = _FORMATS.get(sign, "decimal") if sign else "none"
    start = whole(element.get(TEXT + "start-value"), 1)
    own = element.get(_LOEXT + "num-list-format")
    if own is not None:
        # The newer way names levels: `%1%.%2%`; patterns have one digit.
        return Level(format, _LIST.sub(lambda match: f"%{match[1][:1]}", own)[:_LONGEST], start)
    shown = max(1, min(whole(element.get(TEXT + "display-levels"), 1), level + 1))
    counts = ".".join(f"%{each}" for each in range(level + 2 - shown, level + 2))
    before, after = element.get(STYLE + "num-prefix", ""), element.get(STYLE + "num-suffix", "")
    return Level(format, f"{before}{counts if sign else ''}{after}"[:_LONGEST], start)


def whole(value: str | None, otherwise: int) -> int:
    """An attribute as a number that is not absurd."""
    try:
        found = int(value or "")
    except ValueError:
        return otherwise
    return found if 0 <= found < 1 << 31 else otherwise

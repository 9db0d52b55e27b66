"""Numbers of paragraphs as Word displays them, which are written nowhere in the file.

Follows ECMA-376 part 1, 17.9: a list (`w:num`) is an instance of a definition (`w:abstractNum`),
and all instances of one definition count on together unless they say where to start. What must
never be known here: styles' names, and the text of paragraphs.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from longctx.formats.numbers import COUNT, Number
from longctx.formats.numbers.counting import printed
from longctx.formats.ooxml import MC, W, alternatives, number, switched_on

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

    from lxml.etree import _Element

LEVELS = 9
_LONGEST = 60
"""Characters of a level's text, which is written before each of its paragraphs."""


@dataclass(frozen=True, slots=True)
class Level:
    """How one level of a list counts."""

    start: int = 1
    format: str = "decimal"
    text: str = ""
    """`%1.%2(%3)`: the counts of levels 1, 2 and 3."""
    restart: int | None = None
    """The level (from 1) whose paragraphs make this one start again; 0 for never, None for all
    above."""
    legal: bool = False
    """All counts in plain digits, whatever their own level's format."""
    joint: str = " "
    style: str = ""


@dataclass
class _List:
    definition: str
    starts: dict[int, int] = field(default_factory=dict)
    levels: dict[int, Level] = field(default_factory=dict)
    used: bool = False


class Numbering:
    """The lists of one document and how far each has counted."""

    def __init__(self, root: _Element | None, list_of_style: Callable[[str], str]) -> None:
        """`list_of_style` gives the list that a style for lists stands for."""
        self._definitions: dict[str, dict[int, Level]] = {}
        self._lists: dict[str, _List] = {}
        self._counts: dict[str, dict[int, int]] = {}
        links: dict[str, str] = {}
        for element in () if root is None else root.iterchildren(W + "abstractNum"):
            name = element.get(W + "abstractNumId") or ""
            self._definitions[name] = _levels(element)
            links[name] = _value(element, "numStyleLink")
        for element in () if root is None else root.iterchildren(W + "num"):
            self._lists[element.get(W + "numId") or ""] = _list(element)
        for each in self._lists.values():
            linked = self._lists.get(list_of_style(links.get(each.definition) or ""))
            if linked is not None and links.get(each.definition):
                each.definition = linked.definition

    def level_of(self, list: str, style: str) -> int:
        """The level that belongs to a style, 0 where none says so."""
        found = self._lists.get(list)
        levels = {} if found is None else self._definitions.get(found.definition, {})
        return next((i for i, level in levels.items() if style and level.style == style), 0)

    def next(self, list: str, level: int) -> Number | None:
        """Count a paragraph at a level (from 0) of a list; None where there is no such list."""
        found = self._lists.get(list)
        if found is None or found.definition not in self._definitions or not 0 <= level < LEVELS:
            return None
        counts = self._counts.setdefault(found.definition, {})
        if not found.used:
            found.used = True
            for each in found.starts:
                counts.pop(each, None)
        mine = self._level(found, level)
        counts[level] = counts[level] + 1 if level in counts else mine.start
        for deeper in [each for each in counts if each > level]:
            restart = self._level(found, deeper).restart
            if restart is None or level < restart:
                del counts[deeper]
        if mine.format == "bullet":
            text = "-" if mine.text.strip() else ""
        else:
            text = self._text(found, mine, counts)
        return Number(
            text, mine.joint if text else "", found.definition, level, mine.format, mine.text
        )

    def _level(self, list: _List, level: int) -> Level:
        found = list.levels.get(level) or self._definitions[list.definition].get(level, Level())
        start = list.starts.get(level)
        return found if start is None else replace(found, start=start)

    def _text(self, list: _List, mine: Level, counts: dict[int, int]) -> str:
        def count(match: re.Match[str]) -> str:
            level = int(match[1]) - 1
            each = self._level(list, level)
            # A level that no paragraph has used yet shows where it would start.
            value = counts.get(level, each.start)
            plain = mine.legal and each.format not in ("none", "bullet")
            return printed(value, "decimal" if plain else each.format)

        return " ".join(COUNT.sub(count, mine.text).split())


def _levels(element: _Element) -> dict[int, Level]:
    return {
        number(each.get(W + "ilvl")): _level(each)
        for each in element.iterchildren(W + "lvl")
        if 0 <= number(each.get(W + "ilvl"), -1) < LEVELS
    }


def _level(element: _Element) -> Level:
    restart = element.find(W + "lvlRestart")
    return Level(
        number(_value(element, "start"), 0),
        _format(element),
        _value(element, "lvlText")[:_LONGEST],
        None if restart is None else number(restart.get(W + "val")),
        switched_on(element.find(W + "isLgl"), W + "val"),
        "" if _value(element, "suff") == "nothing" else " ",
        _value(element, "pStyle"),
    )


def _format(element: _Element) -> str:
    found = element.find(W + "numFmt")
    if found is None:
        choices = element.find(MC + "AlternateContent")
        chosen = [] if choices is None else alternatives(choices)
        found = next((each for each in chosen if each.tag == W + "numFmt"), None)
    if found is None:
        return "decimal"
    if found.get(W + "val") == "custom":
        # `01, 02, 03, ...` and its like is all that Word itself writes.
        return "decimalZero" if (found.get(W + "format") or "").startswith("0") else "decimal"
    return found.get(W + "val") or "decimal"


def _list(element: _Element) -> _List:
    found = _List(_value(element, "abstractNumId"))
    for override in element.iterchildren(W + "lvlOverride"):
        level = number(override.get(W + "ilvl"), -1)
        start, own = override.find(W + "startOverride"), override.find(W + "lvl")
        if not 0 <= level < LEVELS:
            continue
        if own is not None:
            found.levels[level] = _level(own)
        if start is not None:
            found.starts[level] = number(start.get(W + "val"))
    return found


def _value(element: _Element, name: str) -> str:
    found = element.find(W + name)
    return "" if found is None else found.get(W + "val") or ""

"""Which numbered paragraphs are clauses, and their full numbers: `12.3(b)`, not `(b)`.

What may live here: rules on numbers alone. What must never be known here: XML, and the text of
paragraphs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.corpus import Anchor

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from longctx.formats.numbers import Number

_WORD = re.compile(r"[^\W\d_]{2,}|§")
_SIGN = re.compile(r"(?:section|sec\.|clause|abschnitt|ziffer|ziff\.|§§?)\s*(?=\d)", re.I)
"""What the mark of a clause says anyway."""
_ENCLOSED = re.compile(r"\(.+\)")


@dataclass(frozen=True, slots=True)
class Numbered:
    """A numbered paragraph, where it is in the text."""

    start: int
    number: Number
    is_heading: bool
    """Of a heading, or of a list that headings are linked to."""


Break = None
"""Stands among numbered paragraphs for a heading without a number: what follows is another part."""


def clauses(paragraphs: Sequence[Numbered | None]) -> tuple[Anchor, ...]:
    """The anchors of the paragraphs that are clauses, with their full numbers.

    Lists of clauses are linked to headings, or number by several levels (`1.1`), by words
    (`Article I`) or in parentheses under a number (`1.`, `(a)`); a plain list is none.
    """
    lists = _lists(each for each in paragraphs if each is not None)
    path: list[tuple[Number, str]] = []
    anchors: list[Anchor] = []
    for each in paragraphs:
        if each is None:
            path.clear()
            continue
        number = each.number
        if number.list in lists:
            _up(path, number)
        elif path and _enclosed(number):
            _up(path, number, within=True)
        else:
            continue
        label = _label(path[-1][1] if path else "", number)
        anchors.append(Anchor(each.start, "clause", label, len(path)))
        path.append((number, label))
    return tuple(anchors)


def _lists(paragraphs: Iterable[Numbered]) -> set[str]:
    """The lists whose paragraphs are clauses."""
    found: set[str] = set()
    counted: set[str] = set()
    for each in paragraphs:
        number = each.number
        if number.is_bullet or not number.text:
            continue
        under = number.list in counted and number.level > 0 and _enclosed(number)
        if each.is_heading or number.is_whole or _WORD.search(number.pattern) or under:
            found.add(number.list)
        if number.format == "decimal" and not _enclosed(number):
            counted.add(number.list)
    return found


def _enclosed(number: Number) -> bool:
    return _ENCLOSED.fullmatch(number.text) is not None


def _up(path: list[tuple[Number, str]], number: Number, *, within: bool = False) -> None:
    """Leave what the paragraph is not under. `within`: it stands in a list of its own under a
    clause of another."""
    same = [i for i, (each, _) in enumerate(path) if each.list == number.list]
    if same:
        above = [i for i in same if path[i][0].level < number.level]
        del path[above[-1] + 1 if above else same[0] :]
    elif not within and not _enclosed(number):
        path.clear()


def _label(above: str, number: Number) -> str:
    text = _SIGN.sub("", number.text).rstrip(".: ")
    if not above or number.is_whole or _WORD.search(number.pattern):
        return text
    if text.endswith(")"):
        return f"{above}{text}" if text.startswith("(") else f"{above}({text}"
    return f"{above}.{text}"

"""Text and tables within shapes, as lines.

Follows ECMA-376 part 1, 21.1. What must never be known here: where a shape stands.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from longctx.formats.numbers.counting import letters, roman
from longctx.formats.ooxml import A, number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lxml.etree import _Element

_AUTOMATIC = re.compile(r"(arabic|alphaLc|alphaUc|romanLc|romanUc)(Period|ParenR|ParenBoth|Plain)")
_COUNTS: dict[str, Callable[[int], str]] = {
    "arabic": str,
    "alphaLc": letters,
    "alphaUc": lambda count: letters(count).upper(),
    "romanLc": roman,
    "romanUc": lambda count: roman(count).upper(),
}
_AROUND = {"Period": ("", "."), "ParenR": ("", ")"), "ParenBoth": ("(", ")"), "Plain": ("", "")}
_DEEPEST = 9


def paragraphs(body: _Element | None, *, bulleted: bool = False) -> list[str]:
    """The paragraphs that hold anything. `bulleted`: they have bullets unless they say not."""
    lines: list[str] = []
    counts: dict[int, int] = {}
    for paragraph in () if body is None else body.iterchildren(A + "p"):
        text = _text(paragraph)
        properties = paragraph.find(A + "pPr")
        level = 0 if properties is None else min(max(number(properties.get("lvl")), 0), _DEEPEST)
        if text:
            sign = _sign(properties, level, counts, bulleted=bulleted)
            lines.append(f"{'  ' * level}{sign} {text}" if sign else text)
    return lines


def rows(table: _Element) -> list[str]:
    """The rows of a table; merged cells once."""
    found = []
    for row in table.iterchildren(A + "tr"):
        cells = [
            "" if _is_merged(cell) else " ".join(paragraphs(cell.find(A + "txBody")))
            for cell in row.iterchildren(A + "tc")
        ]
        if any(cells):
            found.append(" | ".join(cell.replace("\n", " ") for cell in cells).rstrip(" |"))
    return found


def _text(paragraph: Iterable[_Element]) -> str:
    parts = []
    for child in paragraph:
        if child.tag == A + "br":
            parts.append("\n")
        elif child.tag == A + "r" or (child.tag == A + "fld" and child.get("type") != "slidenum"):
            parts.append(child.findtext(A + "t") or "")
        elif isinstance(child.tag, str) and child.tag not in (
            A + "pPr",
            A + "endParaRPr",
            A + "fld",
        ):
            parts += (each.text or "" for each in child.iter("{*}t"))
    lines = "".join(parts).replace("\v", "\n").strip().split("\n")
    return "\n".join(line.rstrip() for line in lines)


def _sign(
    properties: _Element | None, level: int, counts: dict[int, int], *, bulleted: bool
) -> str:
    """The bullet or number before a paragraph; `counts` go on."""
    for deeper in [each for each in counts if each > level]:
        del counts[deeper]
    automatic = None if properties is None else properties.find(A + "buAutoNum")
    match = _AUTOMATIC.fullmatch("" if automatic is None else automatic.get("type") or "")
    if automatic is not None and match is not None:
        start = number(automatic.get("startAt"), 1)
        counts[level] = counts[level] + 1 if level in counts else start
        before, after = _AROUND[match[2]]
        return before + _COUNTS[match[1]](counts[level]) + after
    counts.pop(level, None)
    if properties is not None and properties.find(A + "buNone") is not None:
        return ""
    has_sign = properties is not None and properties.find(A + "buChar") is not None
    return "-" if bulleted or has_sign or level else ""


def _is_merged(cell: _Element) -> bool:
    return any(cell.get(each) in ("1", "true") for each in ("hMerge", "vMerge"))

"""Cutting one document into units: functions, sections, clauses, paragraphs, windows.

What may live here: rules about lines, for any language, broken code included. What must never be
known here: the question. The units of a document partition its text, so that a hit belongs to
exactly one of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.recall.kinds import ending, is_prose
from longctx.recall.line_rules import (
    ABOVE,
    BLANK,
    BLOCK,
    BRACED,
    CATALOGUES,
    DATA,
    DEFINED,
    DEFINITION,
    HEADING,
    KEYED,
    PYTHON,
    SENTENCE,
    SYMBOL,
    TOPLEVEL,
)

if TYPE_CHECKING:
    import re

    from longctx.corpus import Document

LONG_LINES = 80
"""A unit above this is split at an empty line."""
LONG_CHARS = 6_000
COARSE = 8
"""How many times longer a unit of a catalogue is."""
SMALL_LINES = 4
"""Neighbours below this are joined (fields, one-line getters, short clauses)."""
TERMS = 12
"""Defined terms that name a unit."""
PARAGRAPHS = 300
"""Characters up to which paragraphs of prose share a unit."""
SMALL_CHARS = 100
"""And shorter than this."""


@dataclass(frozen=True, slots=True)
class Unit:
    """`start <= i < end` of a document, with the name that it defines."""

    start: int
    end: int
    name: str = ""
    """What it defines, or its heading."""
    within: str = ""
    """The names around it: its classes, the headings above."""


def cut(document: Document) -> list[Unit]:
    """The document's units, in order; together they are its text."""
    text = document.text
    if not text:
        return []
    kind = ending(document.path)
    if kind in DATA:
        units = [Unit(0, len(text))]
    elif is_prose(document.path):
        units = _prose(text, {a.start: a.label for a in document.anchors if a.kind != "page"})
    else:
        units = _code(text, kind)
    return _sized(text, units, COARSE if kind in CATALOGUES else 1)


def _code(text: str, kind: str) -> list[Unit]:
    """One unit a definition, from its comments to the next; what is nested in a function stays."""
    main = PYTHON if kind in ("py", "pyi", "pyx") else DEFINITION
    found: dict[int, re.Match[str]] = {m.start(): m for m in main.finditer(text)}
    other = BLOCK if kind in BRACED else TOPLEVEL if kind in KEYED else None
    for match in other.finditer(text) if other else ():
        found.setdefault(match.start(), match)
    starts = [(0, "", "")]
    around: list[tuple[int, bool, str]] = []  # indentation, whether it is a container, name
    for place, match in sorted(found.items()):
        depth = len(match["indent"].expandtabs(4))
        while around and around[-1][0] >= depth:
            around.pop()
        name = _name(match)
        if all(container for _, container, _ in around):
            within = " ".join(outer for _, _, outer in around)
            starts.append((_with_lead(text, place, starts[-1][0]), name, within))
        around.append((depth, match.re in (DEFINITION, PYTHON) and bool(match["container"]), name))
    ends = [start for start, _, _ in starts[1:]] + [len(text)]
    return [Unit(start, end, *names) for (start, *names), end in zip(starts, ends, strict=True)]


def _name(match: re.Match[str]) -> str:
    rest = match["rest"]
    if match.re in (DEFINITION, PYTHON):
        found = SYMBOL.match(rest)
        return found[1].strip() if found else ""
    if match.re is BLOCK:
        return rest.split("(", 1)[0].rsplit(None, 1)[-1]
    return rest.strip("[]: ")


def _with_lead(text: str, place: int, floor: int) -> int:
    """Where the decorators, attributes and comments right above a definition begin."""
    while place > floor:
        above = text.rfind("\n", 0, place - 1) + 1
        line = text[above : min(place, above + 200)].strip()
        if above < floor or not line.startswith(ABOVE):
            break
        place = above
    return place


def _prose(text: str, anchors: dict[int, str]) -> list[Unit]:
    marks = {start: label for start, label in anchors.items() if start < len(text)}
    for match in HEADING.finditer(text):
        label = match["atx"] or match["under"] or match["clause"]
        marks.setdefault(match.start(), label.strip())
    starts = sorted({0, *marks})
    units: list[Unit] = []
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        label, begin = marks.get(start, ""), start
        for blank in BLANK.finditer(text, start, end):
            if blank.end() - begin > PARAGRAPHS and blank.end() < end:
                units.append(_paragraphs(text, begin, blank.end(), label))
                begin = blank.end()
        units.append(_paragraphs(text, begin, end, label))
    return units


def _paragraphs(text: str, start: int, end: int, label: str) -> Unit:
    """A unit of prose, named after its heading and the terms that it defines in quotes."""
    terms = dict.fromkeys(match[1] for match in DEFINED.finditer(text, start, end))
    return Unit(start, end, " ".join([label, *terms][: 1 + TERMS]).strip())


def _sized(text: str, units: list[Unit], times: int) -> list[Unit]:
    """No unit too long to read, and none too short to say anything."""
    result: list[Unit] = []
    for unit in units:
        small = text.count("\n", unit.start, unit.end) < SMALL_LINES
        small = small and unit.end - unit.start < SMALL_CHARS
        last = result[-1] if result else None
        if last and small and last.end - last.start < SMALL_CHARS and last.within == unit.within:
            name = f"{last.name} {unit.name}".strip()
            result[-1] = Unit(last.start, unit.end, name[:200], unit.within)
        else:
            result.extend(_split(text, unit, times))
    return result


def _split(text: str, unit: Unit, times: int) -> list[Unit]:
    parts: list[Unit] = []
    start = unit.start
    while start < unit.end:
        end = _window(text, start, unit.end, times)
        parts.append(Unit(start, end, unit.name, unit.within))
        start = end
    return parts


def _window(text: str, start: int, end: int, times: int) -> int:
    """Where a part that begins at `start` ends: an empty line, a line, a sentence, or anywhere."""
    limit, place = min(end, start + times * LONG_CHARS), start
    for _ in range(times * LONG_LINES):
        place = text.find("\n", place, limit) + 1
        if not place:
            place = limit
            break
    if place >= end:
        return end
    for cutting in ("\n\n", "\n"):
        best = text.rfind(cutting, start + (place - start) // 2, place)
        if best >= 0:
            return best + len(cutting)
    for found in SENTENCE.finditer(text, start + (place - start) // 2, place):
        best = found.end()
    return best if best > start else place

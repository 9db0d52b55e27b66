"""How places are put in words: `p. 14 §12.3(b)`, `Kapitel 3`, `sheet Rates, row 26`.

What may live here: what models and people write, and what is written for them. What must never be
known here: documents. Each look at a text is bounded; a text that holds no place holds no item.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.structure.comparing import LONGEST, arabic, title_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longctx.corpus import Anchor

_DASH = r"[ \t]?(?:[-\u2010-\u2015\u2212]|\.\.|\b(?:to|bis)\b)[ \t]?"
_AND = r"[ \t]?(?:,|&|\band\b|\bund\b)[ \t]?"
_GAP = r"[ \t\u00a0\u202f]{0,3}"
_PAGE = r"[A-Za-z]{0,6}-?[0-9]{1,7}[A-Za-z]?|[ivxlcdmIVXLCDM]{1,12}"
_PAGES = (
    rf"(?:(?:{_PAGE})(?![\w(])(?:{_DASH}(?:{_PAGE})(?!\w))?"
    rf"(?:{_AND}[0-9]{{1,7}}(?![\w:(]|\.[0-9])(?:[-\u2010-\u2015][0-9]{{1,7}}(?!\w))?){{0,20}})"
)
_SUB = r"[ \t]?\(\w{1,6}\)|\.\w{1,6}\b|-[0-9]{1,4}\b"
_WITHIN = (
    rf"(?:{_GAP},?{_GAP}\b(?:Abs|Absatz|Nr|lit|Buchst|Unterabs)\b\.?{_GAP}\w{{1,6}}"
    rf"(?:{_GAP}\b(?:S|Satz)\b\.?{_GAP}[0-9]{{1,2}}\b)?)"
)
_CLAUSE = rf"(?:\(\w{{1,6}}\)|\w{{1,9}}\b)(?:{_SUB}){{0,12}}{_WITHIN}{{0,4}}"
_CLAUSES = rf"{_CLAUSE}(?:(?:{_DASH}§?|{_AND}§?{_GAP}(?=[0-9(])){_CLAUSE}){{0,12}}"
_NUMBERS = rf"[0-9]{{1,9}}\w{{0,2}}\b(?:{_DASH}[0-9]{{1,9}}\b)?"
_QUOTED = r"[\"“„«'‘][^\"“”„«»\n]{1,200}[\"”“»'’]"
_TIME = r"(?:[0-9]{1,3}:)?[0-9]{1,3}:[0-9]{2}(?:[.,][0-9]{1,6})?(?![\w:])"
_TITLE = r"[^,;:\[\]()\"“”\n]{1,120}?(?=[ \t]*(?:[,;:\])\n]|\Z|\b(?:row|rows|cell|p|pp)\b))"
_NUMBERED = r"\b(?:clauses?|cl|sections?|sec|articles?|art|artikel|abs|absatz|ziffer|ziff)\b\.?"
_PART = (
    r"\b(?:schedule|exhibit|annex|appendix|anlage|anhang|recital|rule|rider|attachment)\b"
    rf"{_GAP}[\w.-]{{1,12}}(?:,?{_GAP}\b(?:part|teil)\b{_GAP}[\w]{{1,6}}\b)?"
    rf"(?:(?:,?{_GAP}\b(?:para|paragraph|clause|section|nr)\b\.?)?{_GAP}(?=[0-9(]){_CLAUSE})?"
)
_ITEM = re.compile(
    "|".join(
        (
            rf"\b(?:p|pp|pages?|pg|S|Seiten?)\b(?:\.|=)?{_GAP}(?P<page>{_PAGES})",
            rf"(?:§{{1,2}}{_GAP})?(?P<named>{_PART})",
            rf"(?:§{{1,2}}{_GAP}(?:{_NUMBERED}{_GAP})?|{_NUMBERED}{_GAP})(?P<clause>{_CLAUSES})",
            rf"\bsl(?:ides?)?\b\.?{_GAP}(?P<slide>{_NUMBERS})",
            rf"\bFolien?\b{_GAP}(?P<folie>{_NUMBERS})",
            rf"\b(?:sheet|tab|worksheet|Tabellenblatt)\b:?{_GAP}(?P<sheet>{_QUOTED}|{_TITLE})",
            rf"\b(?:rows?|Zeilen?)\b{_GAP}(?P<row>(?:{_QUOTED}|[^,;\[\]()\"\n]{{0,80}}?)"
            rf"{_GAP}{_NUMBERS})",
            rf"\b(?:cells?|Zellen?)\b{_GAP}(?P<cell>{_NUMBERS}|[A-Z]{{1,3}}[0-9]{{1,7}}\b)",
            rf"\b(?:messages?|Nachricht)\b{_GAP}(?P<message>{_QUOTED}|{_NUMBERS})",
            rf"(?:¶{{1,2}}|\b(?:paragraphs?|paras?|Rn|Rz|Rdnr?|Randnummer)\b\.?){_GAP}"
            rf"(?P<paragraph>\[?{_NUMBERS})",
            rf"\b(?:chapters?|chap|ch|kapitel|kap)\b\.?{_GAP}(?P<chapter>{_QUOTED}|{_TITLE})",
            rf"\b(?:headings?|Überschrift)\b:?{_GAP}(?P<heading>{_QUOTED}|{_TITLE})",
            rf"\bBates\b(?:{_GAP}(?:no|nos|number)\b\.?)?{_GAP}(?P<bates>[\w.-]{{1,40}})",
            rf"(?<!\w)(?<![0-9]:)(?P<timestamp>{_TIME}(?:{_DASH}{_TIME})?)",
            rf"(?P<quoted>{_QUOTED})",
        )
    ),
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[ \t\u00a0]{0,3}(?:[,:/\u2013\u2014]|->|>)?[ \t\u00a0]{0,3}")
_KINDS = {"folie": "slide", "named": "clause"}
_RANGE = re.compile(_DASH)
_LIST = re.compile(_AND)
MOST = 12
"""Items read of one place."""


@dataclass(frozen=True, slots=True)
class Item:
    """One part of a place, such as the page."""

    kind: str
    """A kind of anchor; `quoted` for a title in marks alone."""
    label: str
    """As written, without marks around it."""
    said: str
    """The whole of it, with the word for its kind."""
    start: int
    end: int


def items(words: str) -> list[Item]:
    """The parts of a place, in the order they are written; what lies between them is left out."""
    found: list[Item] = []
    for match in _ITEM.finditer(words[: 2 * LONGEST]):
        found.append(_item(match))
        if len(found) == MOST:
            break
    return found


def extent(text: str, start: int, limit: int) -> int:
    """Where a place that begins at `start` ends: behind its last part that follows the one
    before; `start` where none begins there. A title in marks alone counts as the first part only.
    """
    end = start
    for number in range(MOST):
        begin = start if number == 0 else _after(text, end, limit)
        match = _ITEM.match(text, begin, limit)
        if match is None or (number and match.lastgroup == "quoted"):
            break
        end = match.end()
    return end


def ranges(label: str) -> Iterator[tuple[str, str]]:
    """First and last label of each range that may be meant: `14, 16-18` are two ranges."""
    for each in _LIST.split(label):
        first, *rest = _RANGE.split(each.strip(), maxsplit=1)
        if first := first.strip():
            yield first, rest[0].strip() if rest and rest[0].strip() else first


def told(anchor: Anchor, last: Anchor | None = None) -> str:
    """A place as a person would be told: `p. 14`, `§ 12.3(b)`, `ch. “Loomings”`; with `last`, from
    one to the other."""
    label = clean(anchor.label)
    if last is not None and (end := clean(last.label)) != label:
        if anchor.kind == "clause":
            numbered = label[:1].isdigit() and end[:1].isdigit()
            return f"§§ {label}–{end}" if numbered else told(anchor)
        return f"{_WORDS.get(anchor.kind, ('', ''))[1]} {label}–{end}".strip()
    match anchor.kind:
        case "clause":
            return f"§ {label}" if label[:1].isdigit() or label[:1] == "(" else label
        case "chapter":
            if label.isdigit() or arabic(label):
                return f"ch. {label}"
            named = title_key(label).split(" ")[0] in _CHAPTER_WORDS
            return f"“{label}”" if named else f"ch. “{label}”"
        case "heading" | "title":
            return f"“{label}”"
    return f"{_WORDS.get(anchor.kind, ('', ''))[0]} {label}".strip()


_WORDS = {
    "page": ("p.", "pp."),
    "slide": ("slide", "slides"),
    "sheet": ("sheet", "sheets"),
    "row": ("row", "rows"),
    "cell": ("cell", "cells"),
    "message": ("message", "messages"),
    "paragraph": ("¶", "¶¶"),
}
_CHAPTER_WORDS = frozenset({"chapter", "kapitel", "book", "buch", "part", "teil"})


def clean(label: str) -> str:
    """A label on one line of bounded length, without what would end its marks."""
    return " ".join(re.sub(r"[“”\x00-\x1f\x7f-\x9f]", " ", label[:LONGEST]).split())[:120]


def _after(text: str, end: int, limit: int) -> int:
    between = _BETWEEN.match(text, end, limit)
    return between.end() if between else end


def _item(match: re.Match[str]) -> Item:
    group = str(match.lastgroup)
    label = match[group].strip(" \t\"“”„«»'‘’[")
    return Item(_KINDS.get(group, group), label, match[0].strip(), *match.span())

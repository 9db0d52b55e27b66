"""Paragraph styles: which are headings, and which bring a number with them.

Follows ECMA-376 part 1, 17.7. What must never be known here: paragraphs, and what numbers look
like.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.formats.ooxml import W, number

if TYPE_CHECKING:
    from lxml.etree import _Element

BODY = 9
"""The outline level that says: no heading."""

_HEADING = re.compile(
    r"(?:heading|(?:ü|u)?berschrift|titre|t[ií]tulo|titolo|kop|rubrik|overskrift|otsikko|nadpis"
    r"|nagłówek|nagwek|encabezado|címsor|заголовок|标题|標題|見出し|제목)\s*([1-9])",
    re.I,
)
"""Names of headings where nothing says the level. Word keeps `heading 1` as the name in any
language, but other writers translate it, and ids are always translated."""
_TITLES = ("title", "titel", "titre", "título", "titolo")
_CHAIN = 30
"""Styles on styles; Word allows far fewer."""


@dataclass(frozen=True, slots=True)
class Style:
    """What a paragraph style says once all it is based on is taken in."""

    level: int | None = None
    """From 0; None for body text."""
    is_title: bool = False
    list: str = ""
    """Id of the list (`w:num`) that it takes its number from."""
    list_level: int | None = None
    list_style: str = ""
    """Id of the style that says so: levels name the styles that belong to them."""


class Styles:
    """The styles of one document, by id."""

    def __init__(self, root: _Element | None) -> None:
        self._raw: dict[str, _Element] = {}
        self._known: dict[str, Style] = {}
        self._default = ""
        for style in () if root is None else root.iterchildren(W + "style"):
            name = style.get(W + "styleId") or ""
            self._raw.setdefault(name, style)
            if style.get(W + "type") == "paragraph" and style.get(W + "default") in ("1", "true"):
                self._default = name

    def of(self, name: str | None) -> Style:
        """The style of this id; the default one for None."""
        name = self._default if name is None else name
        if name not in self._known:
            self._known[name] = self._resolved(name)
        return self._known[name]

    def list_of(self, name: str) -> str:
        """The list that a style for lists stands for."""
        style = self._raw.get(name)
        return "" if style is None else _value(style.find(f"{W}pPr/{W}numPr/{W}numId"))

    def _chain(self, name: str) -> list[_Element]:
        chain: list[_Element] = []
        while len(chain) < _CHAIN and (style := self._raw.get(name)) is not None:
            chain.append(style)
            name = _value(style.find(W + "basedOn"))
        return chain

    def _resolved(self, name: str) -> Style:
        chain = self._chain(name)
        level, list_, list_level, list_style = None, "", None, ""
        for style in chain:
            outline = style.find(f"{W}pPr/{W}outlineLvl")
            if level is None and outline is not None:
                level = number(outline.get(W + "val"), BODY)
            numbering = style.find(f"{W}pPr/{W}numPr")
            if numbering is not None:
                if list_level is None and (ilvl := numbering.find(W + "ilvl")) is not None:
                    list_level = number(ilvl.get(W + "val"))
                if not list_ and (list_ := _value(numbering.find(W + "numId"))):
                    list_style = style.get(W + "styleId") or ""
        names = [name, *(_value(style.find(W + "name")) for style in chain)]
        if level is None:
            found = next((match for each in names if (match := _HEADING.fullmatch(each))), None)
            level = int(found[1]) - 1 if found else None
        is_title = any(each.lower() in _TITLES for each in names[:2])
        level = level if level is not None and 0 <= level < BODY else None
        return Style(level, is_title, list_, list_level, list_style)


def _value(element: _Element | None) -> str:
    return "" if element is None else element.get(W + "val") or ""

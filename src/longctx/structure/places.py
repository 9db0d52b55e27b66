"""The named places of one document: from words to characters, and from characters to words.

Pure. What may live here: which anchors the parts of a place mean together. What must never be known
here: answers and quotes; how a place is spelled is `wordings`' matter, how labels compare
`reaching`'s.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from longctx.corpus import Document, Span
from longctx.structure import anchors_of
from longctx.structure.comparing import clause_keys, is_article, title_key
from longctx.structure.reaching import Index
from longctx.structure.wordings import items, ranges, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longctx.structure.reaching import Anchored
    from longctx.structure.wordings import Item

FLOWING = frozenset({"page", "slide", "row", "timestamp", "bates", "message"})
"""Kinds whose borders passages run over."""
ALTERNATIVES = 16
"""Places of one name that are told apart, such as clause 1 of a contract and of its schedules."""
COMPARED = 5_000
"""Labels of a kind among which near misses are looked for."""

_MEANT = {
    "chapter": ("chapter", "heading", "clause"),
    "heading": ("heading", "chapter", "title"),
    "paragraph": ("paragraph", "clause"),
    "clause": ("clause", "heading", "paragraph", "chapter"),
    "quoted": ("chapter", "heading", "title", "sheet", "message", "clause"),
}
"""Kinds of anchors that a word may mean, the likeliest first."""
_BARE_TITLES = ("bates", "chapter", "heading", "title", "sheet", "message")
_BARE = (*_BARE_TITLES, "page", "slide", "clause", "paragraph", "row", "cell", "timestamp")


@dataclass(frozen=True, slots=True)
class Area:
    """Where a passage is if it is where somebody said."""

    span: Span
    """It shares characters with this."""
    within: Span
    """It does not leave this: the same, or more where text runs on, as over the end of a page."""
    off: tuple[str, ...] = ()
    """What else was said of the place and is not true of it."""

    def holds(self, passage: Span) -> bool:
        shares = passage.start < self.span.end and self.span.start < passage.end
        return shares and passage.within(self.within)


class Places:
    """The anchors of a document, looked up by their names and by what lies in them."""

    def __init__(self, document: Document) -> None:
        self._whole = Span(0, len(document.text))
        self._index = Index(anchors_of(document), self._whole.end)

    def __bool__(self) -> bool:
        return bool(self._index)

    def __iter__(self) -> Iterator[Anchored]:
        """Every anchor, in the order of their places, outer ones first."""
        found = [each for kind in self._index.kinds for each in self._index.of(kind)]
        return iter(sorted(found, key=lambda each: (each.span.start, -each.span.end)))

    def area(self, words: str) -> Span | None:
        """The characters that the words name: `p. 14 §12.3(b)`, `Kapitel 3`, `00:12:31`, a title.

        Where a page and a clause are named, what they share; None if there is no such place.
        """
        found = self.areas(words)
        return found[0].span if found else None

    def areas(self, words: str) -> tuple[Area, ...]:
        """All places that the words may name, at most `ALTERNATIVES`; none if there is none."""
        every = [(item, self._candidates(item)) for item in items(words)]
        known = [(item, found) for item, found in every if found]
        if not known:
            return tuple(self._bare(words, _BARE_TITLES if every else _BARE))
        off = [item.said for item, found in every if not found]
        # A clause says more exactly than a page where to look.
        known.sort(key=lambda pair: pair[0].kind in FLOWING)
        areas = known[0][1]
        for item, found in known[1:]:
            shared = [both for area in areas for one in found if (both := _shared(area, one))]
            if shared:
                areas = shared[:ALTERNATIVES]
            else:
                off.append(item.said)
        return tuple(Area(area.span, area.within, (*area.off, *off)) for area in areas)

    def where(self, span: Span) -> str:
        """How a person would be told where this is: `p. 14, § 12.3(b)`; empty where the document
        has no such anchors."""
        parts = [
            self._extent(kind, span) for kind in ("page", "bates", "slide", "cell", "timestamp")
        ]
        parts += [self._innermost("message", span), self._innermost("sheet", span)]
        parts.append(self._rows(span))
        clause = self._innermost("clause", span) or self._innermost("paragraph", span)
        if not any(parts):
            parts.append(self._innermost("chapter", span))
            parts.append(clause or self._innermost("heading", span))
        else:
            parts.append(clause)
        return ", ".join(dict.fromkeys(filter(None, parts)))

    def near(self, words: str, most: int = 3) -> tuple[str, ...]:
        """Places of the document whose names are much like these words, the likest first."""
        named = items(words)
        kinds = {kind: None for item in named for kind in _meant(item)} or self._index.kinds
        known = {
            title_key(told(each.anchor)): told(each.anchor)
            for kind in kinds
            for each in self._index.of(kind)[:COMPARED]
        }
        asked = [title_key(item.said) for item in named] or [title_key(words)]
        close = [match for each in asked for match in get_close_matches(each, known, most, 0.6)]
        return tuple(dict.fromkeys(known[key] for key in close))[:most]

    def _candidates(self, item: Item) -> list[Area]:
        for kind in _meant(item):
            if found := self._called(kind, item.label, item.said):
                return found[:ALTERNATIVES]
        for kind in _meant(item):
            if kind == "clause":
                above = self._index.clause_above(item.label)
                return [Area(each.span, each.span, (item.said,)) for each in above[:ALTERNATIVES]]
        return []

    def _called(self, kind: str, label: str, said: str = "") -> list[Area]:
        """The areas of this kind that a label, a range or a list of labels names."""
        found = self._index.called(kind, label)
        if found:
            if kind == "clause" and said:
                article = is_article(said)
                found.sort(key=lambda each: is_article(each.anchor.label) is not article)
            return [self._area(each.span, kind) for each in found]
        areas = []
        for first, last in ranges(label):
            ends = self._index.called(kind, last)
            for begin in self._index.called(kind, first):
                later = (end for end in ends if end.span.start >= begin.span.start)
                if end := next(later, None):
                    areas.append(self._area(Span(begin.span.start, end.span.end), kind))
        return areas

    def _bare(self, words: str, kinds: tuple[str, ...]) -> list[Area]:
        """The places that words without any word for a kind name: a title, `12.3(b)`, `14`."""
        words = words.strip(" \t\"“”„«»'‘’,;:.[]")
        for kind in kinds:
            if kind == "clause" and len(words.split()) > 1 + len(clause_keys(words)[:1]):
                continue  # a sentence is no number
            if found := self._called(kind, words):
                return found[:ALTERNATIVES]
        return []

    def _area(self, span: Span, kind: str) -> Area:
        return Area(span, self._whole if kind in FLOWING else span)

    def _extent(self, kind: str, span: Span) -> str:
        touched = self._index.touched(kind, span)
        if touched is None:
            return ""
        first, last = touched
        return told(first.anchor, None if kind == "timestamp" else last.anchor)

    def _innermost(self, kind: str, span: Span) -> str:
        found = self._index.innermost(kind, span)
        if found is None:
            return ""
        if kind == "clause" and found.span.end < span.end:
            last = self._index.innermost(kind, Span(max(span.start, span.end - 1), span.end))
            return told(found.anchor, last.anchor if last else None)
        return told(found.anchor)

    def _rows(self, span: Span) -> str:
        touched, sheet = self._index.touched("row", span), self._index.innermost("sheet", span)
        if touched is None:
            return ""
        # A row's label may name the sheet, too.
        before = title_key(sheet.anchor.label) + " " if sheet else " "
        first, last = (
            replace(each.anchor, label=each.anchor.label.split()[-1])
            if title_key(each.anchor.label).startswith(before)
            else each.anchor
            for each in touched
        )
        return told(first, last)


def _meant(item: Item) -> tuple[str, ...]:
    if item.kind == "page" and item.said[:1] in "sS" and not item.said[:2].isalpha():
        return ("page", "clause")  # "s. 12" is a section to English lawyers
    return _MEANT.get(item.kind, (item.kind,))


def _shared(one: Area, other: Area) -> Area | None:
    """The area of what both say; None where they do not overlap."""
    start, end = max(one.span.start, other.span.start), min(one.span.end, other.span.end)
    first = max(one.within.start, other.within.start)
    last = min(one.within.end, other.within.end)
    if start >= end or first >= last:
        return None
    return Area(Span(start, end), Span(first, last), (*one.off, *other.off))

"""The anchors of a document with what they reach over, looked up by kind and label.

What may live here: reach, and the tables of labels. What must never be known here: how a place is
put in words, answers, quotes. Any labels may come: tables are made when first asked for.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from longctx.corpus import Anchor, Span
from longctx.structure.comparing import chapter_keys, clause_keys, page_key, seconds, title_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_CHAPTERS = ("chapter", "heading")
_NAMED = ("title", "sheet", "message")
_ROW = re.compile(r"(?s)(.*?)\s*([0-9]{1,9})\s*")
DEEPEST = 64
"""Anchors within each other that are looked through for the one that holds a passage."""
LATE = 60
"""Seconds after the last time stamp that still are its place."""


@dataclass(frozen=True, slots=True)
class Anchored:
    """An anchor with the characters it reaches over."""

    anchor: Anchor
    span: Span


class Index:
    """Anchors by kind and label, each list in the order of the document."""

    def __init__(self, anchors: Sequence[Anchor], length: int) -> None:
        """`length`: characters of the document; anchors behind it are dropped."""
        self._by_kind: dict[str, list[Anchored]] = defaultdict(list)
        for kind, found in _kinds(anchors, length).items():
            self._by_kind[kind] = list(_reaching(found, length))
        self._tables: dict[str, dict[object, list[Anchored]]] = {}

    def __bool__(self) -> bool:
        return bool(self._by_kind)

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(self._by_kind)

    def of(self, kind: str) -> Sequence[Anchored]:
        return self._by_kind.get(kind, ())

    def called(self, kind: str, label: str) -> list[Anchored]:
        """The anchors of this kind that the label may mean, compared loosely, the likeliest first.

        A row or a time between two anchors means the one before it.
        """
        if kind not in self._by_kind:
            return []
        if kind == "timestamp":
            return self._at_time(label)
        table = self._table(kind)
        found = [each for key in _asked(kind, label) for each in table.get(key, ())]
        if not found and kind == "row":
            return self._row(label)
        return list(dict.fromkeys(found))

    def clause_above(self, label: str) -> list[Anchored]:
        """The clauses of the longest beginning of this number that has an anchor."""
        for key in clause_keys(label)[:1]:
            for size in range(len(key) - 1, 0, -1):
                if found := self._table("clause").get(key[:size]):
                    return list(found)
        return []

    def innermost(self, kind: str, span: Span) -> Anchored | None:
        """The deepest anchor that holds all of the span; the deepest at its beginning where none
        does."""
        number = bisect_right(self._starts[kind], span.start) - 1 if kind in self._starts else -1
        first: Anchored | None = None
        for _ in range(DEEPEST):
            if number < 0:
                break
            each = self._by_kind[kind][number]
            if each.span.end > span.start:
                first = first or each
                if span.end <= each.span.end:
                    return each
            number = self._parents[kind][number]
        return first

    def touched(self, kind: str, span: Span) -> tuple[Anchored, Anchored] | None:
        """The first and last anchor whose characters the span shares."""
        if kind not in self._starts:
            return None
        starts, found = self._starts[kind], self._by_kind[kind]
        first = bisect_right(starts, span.start) - 1
        last = bisect_right(starts, max(span.start, span.end - 1)) - 1
        if last < 0:
            return None
        return found[max(first, 0)], found[last]

    @cached_property
    def _starts(self) -> dict[str, list[int]]:
        return {
            kind: [each.anchor.start for each in found] for kind, found in self._by_kind.items()
        }

    @cached_property
    def _parents(self) -> dict[str, list[int]]:
        """For each anchor the place in its list of the one it lies in; -1 for none."""
        parents: dict[str, list[int]] = {}
        for kind, found in self._by_kind.items():
            stack: list[int] = []
            parents[kind] = []
            for number, each in enumerate(found):
                while stack and found[stack[-1]].anchor.depth >= each.anchor.depth:
                    stack.pop()
                parents[kind].append(stack[-1] if stack else -1)
                stack.append(number)
        return parents

    def _table(self, kind: str) -> dict[object, list[Anchored]]:
        if kind not in self._tables:
            table: dict[object, list[Anchored]] = defaultdict(list)
            for each in self._by_kind.get(kind, ()):
                for key in _given(kind, each.anchor.label):
                    table[key].append(each)
            self._tables[kind] = dict(table)
        return self._tables[kind]

    @cached_property
    def _times(self) -> list[tuple[int, Anchored]]:
        timed = ((seconds(each.anchor.label), each) for each in self._by_kind["timestamp"])
        return sorted(
            ((time, each) for time, each in timed if time is not None),
            key=lambda pair: (pair[0], pair[1].anchor.start),
        )

    def _at_time(self, label: str) -> list[Anchored]:
        asked, times = seconds(label), self._times
        if asked is None or not times or asked > times[-1][0] + LATE:
            return []
        number = bisect_right(times, asked, key=lambda pair: pair[0])
        return [
            each
            for time, each in times[max(0, number - 16) : number]
            if time == times[number - 1][0]
        ]

    @cached_property
    def _rows(self) -> list[tuple[str, str, list[tuple[int, Anchored]]]]:
        """Of each sheet: its name, what its rows' labels have before the number, its rows."""
        found: dict[tuple[int, str], list[tuple[int, Anchored]]] = defaultdict(list)
        names: dict[tuple[int, str], str] = {}
        for each in self._by_kind["row"]:
            label = _ROW.fullmatch(each.anchor.label[:400])
            if label:
                sheet = self.innermost("sheet", Span(each.anchor.start, each.anchor.start))
                key = (sheet.anchor.start if sheet else -1, title_key(label[1]))
                names[key] = title_key(sheet.anchor.label) if sheet else ""
                found[key].append((int(label[2]), each))
        return [
            (names[key], key[1], sorted(rows, key=lambda row: row[0]))
            for key, rows in found.items()
        ]

    def _row(self, label: str) -> list[Anchored]:
        asked = _ROW.fullmatch(label[:400])
        if not asked:
            return []
        name, number = title_key(asked[1]), int(asked[2])
        found = []
        for sheet, prefix, rows in self._rows:
            before = bisect_right(rows, number, key=lambda row: row[0])
            if before and (not name or name in (sheet, prefix)):
                found.append(rows[before - 1][1])
        return found


def _asked(kind: str, label: str) -> Iterator[object]:
    if kind == "clause":
        yield from clause_keys(label)
    elif kind in _CHAPTERS:
        yield f"#{label.strip()}"
        yield from (f"#{key[0]}" for key in clause_keys(label)[::-1] if len(key) == 1)
        yield title_key(label)
    elif kind == "bates":
        yield "".join(filter(str.isalnum, label.casefold()))
    else:
        yield page_key(label)
        if kind in _NAMED:
            yield title_key(label)


def _given(kind: str, label: str) -> Iterable[object]:
    keys = chapter_keys(label) if kind in _CHAPTERS else _asked(kind, label)
    return dict.fromkeys(keys)


def _kinds(anchors: Iterable[Anchor], length: int) -> dict[str, list[Anchor]]:
    found: dict[str, list[Anchor]] = defaultdict(list)
    for anchor in anchors:
        if 0 <= anchor.start <= length:
            found[anchor.kind].append(anchor)
    for each in found.values():
        each.sort(key=lambda anchor: anchor.start)
    return found


def _reaching(anchors: Sequence[Anchor], length: int) -> Iterator[Anchored]:
    """Each anchor of one kind up to the next that is no deeper."""
    ends = [length] * len(anchors)
    opened: list[int] = []
    for number, anchor in enumerate(anchors):
        while opened and anchors[opened[-1]].depth >= anchor.depth:
            ends[opened.pop()] = anchor.start
        opened.append(number)
    for anchor, end in zip(anchors, ends, strict=True):
        yield Anchored(anchor, Span(anchor.start, end))

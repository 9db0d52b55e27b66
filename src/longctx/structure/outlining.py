"""The clauses of one part of a text as a tree of marks: which of several ways of numbering it has.

What may live here: ways of numbering and how the best is chosen. What must never be known here:
labels, schedules, what else is in the document.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from longctx.structure.chaining import decimal_chain, rising_chain
from longctx.structure.enumerating import items_of
from longctx.structure.marks import GROUPS, LINE, mark_of, marks_within
from longctx.structure.numerals import letter, roman
from longctx.structure.weighing import links_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from longctx.structure.marks import Mark

TOPS = ("§", "Article", "Artikel", "Art.", "Section", "Clause", "Ziffer")
"""Words that only clauses are headed by."""
_DECIMALS = ("1", "Section", "Clause", "Ziffer", "§", "Article", "Artikel")
_LISTED = frozenset(("(a)", "(A)", "(1)", "a)", "A)", "1)", "a.", "A.", "Absatz"))
_CHILDREN = frozenset(("1", "Section"))
_PARAGRAPH = re.compile(r"[.:!?\"”][^\S\n]*+\n[^\S\n]*+\n|(?<![^\S\n])[^\S\n]{3,30}+(?=[\"“])")
"""A paragraph's end; an empty line within a sentence is that of a page."""
_SENTENCE = re.compile(r"[.!?][\"”)]?\s+[A-Z\"“]")
_ADDED = 500
"""Clauses that are looked for where they were not seen at first."""
_HEADING = 100
"""Characters of a heading."""
_WITHIN_LIMIT = 20_000
"""Characters of one clause that are searched for lists within sentences."""


@dataclass(frozen=True, slots=True)
class Node:
    """A clause: its mark, how deep it is, and what it hangs on."""

    mark: Mark
    depth: int
    role: str
    """`group` for what only bundles clauses, `clause`, or `item` of a list."""
    restarted: bool = False
    """Its numbers begin anew under each of the clauses or groups above it."""


@dataclass(frozen=True, slots=True)
class Outline:
    """The clauses of one part, in order."""

    nodes: tuple[Node, ...] = ()
    weight: float = 0.0
    words: int = 0
    """Clauses headed by a word such as Article or §."""
    deeper: int = 0
    """Clauses with a number such as 1.1."""

    @property
    def clauses(self) -> int:
        return sum(node.role == "clause" for node in self.nodes)


def outline_of(text: str, marks: Sequence[Mark], start: int, end: int) -> Outline:
    """The best outline of the characters `start <= i < end`; lists within clauses included."""
    inner = [mark for mark in marks if start <= mark.start < end]
    styles = {mark.style for mark in inner}
    choices = [_plain(inner, end)]
    for word in (*TOPS, *sorted(GROUPS)):
        if word in styles:
            choices.append(_headed(inner, word, end))
            choices.append(_nested(inner, word, end))
    if "A." in styles:
        choices += [_lettered(inner, letter, end), _lettered(inner, roman, end)]
    best = max(choices, key=lambda choice: choice.weight)
    if not best.nodes:
        return best
    best = _mended(text, best, end)
    return replace(best, nodes=tuple(_with_items(text, _with_groups(best, inner), inner, end)))


def _plain(marks: Sequence[Mark], end: int) -> Outline:
    """1, 1.1, 1.1.1, whether or not a word stands before them."""
    own = [mark for mark in marks if mark.style == "1" or mark.style in ("Section", "Clause")]
    return _of_chain(own, end, 1.0)


def _headed(marks: Sequence[Mark], word: str, end: int) -> Outline:
    """Article 1, 1.1, 1.2, Article 2, 2.1."""
    own = [
        mark
        for mark in marks
        if (mark.style == word and "." not in mark.text)
        or (mark.style in _DECIMALS and len(mark.numbers) > 1)
    ]
    found = _of_chain(own, end, 1.2 if word in TOPS else 1.15)
    headed = sum(node.mark.style == word for node in found.nodes)
    return found if headed >= 2 and found.deeper >= 2 else Outline()


def _of_chain(own: Sequence[Mark], end: int, factor: float) -> Outline:
    chain = decimal_chain(links_of(own, end))
    chosen = [own[place] for place in chain.places]
    least = min((len(mark.numbers) for mark in chosen), default=1)
    return Outline(
        tuple(Node(mark, len(mark.numbers) - least, "clause") for mark in chosen),
        chain.weight * factor,
        sum(mark.style in TOPS for mark in chosen),
        sum(len(mark.numbers) > 1 for mark in chosen),
    )


def _nested(marks: Sequence[Mark], word: str, end: int) -> Outline:
    """Article 1 with its own 1, 2, 3, Article 2 with its own; or sections of a statute."""
    own = [mark for mark in marks if mark.style == word]
    chain = rising_chain(links_of(own, end))
    chosen = [own[place] for place in chain.places]
    weight, nodes, deeper = chain.weight * (1.3 if word in TOPS else 0.6), [], 0
    role = "clause" if word in TOPS else "group"
    for place, mark in enumerate(chosen):
        until = chosen[place + 1].start if place + 1 < len(chosen) else end
        nodes.append(Node(mark, 0, role))
        inner = [each for each in marks if mark.end <= each.start < until]
        inner = [each for each in inner if each.style in _CHILDREN and each.style != word]
        below = _of_chain(inner, until, 1.0)
        if below.clauses < 2:
            continue
        weight += below.weight
        deeper += below.deeper
        # Plain 1, 2, 3 are lists like others, and may begin anew under each (1).
        if below.words or below.deeper or role == "group":
            nodes += [replace(node, depth=node.depth + 1, restarted=True) for node in below.nodes]
    words = len(chosen) if word in TOPS else sum(node.mark.style in TOPS for node in nodes)
    return Outline(tuple(nodes), weight, words, deeper)


def _lettered(marks: Sequence[Mark], worth: Callable[[str], int | None], end: int) -> Outline:
    """I., II., III. or A., B., C. as the outermost numbers."""
    own, numbers = [], []
    for mark in marks:
        value = worth(mark.text) if mark.style == "A." and mark.where == LINE else None
        if value is not None and value < 60:
            own.append(mark)
            numbers.append((value,))
    chain = decimal_chain(links_of(own, end, numbers))
    nodes = tuple(Node(own[place], 0, "clause") for place in chain.places)
    return Outline(nodes, chain.weight * 0.75)


def _mended(text: str, outline: Outline, end: int) -> Outline:
    """With the clauses that begin in the middle of a line without any stop before them.

    Only where other clauses do, as in text whose line ends are lost.
    """
    if all(node.mark.where == LINE for node in outline.nodes):
        return outline
    nodes = list(outline.nodes)
    least = min((len(n.mark.numbers) - n.depth for n in nodes), default=1)
    place, added = 0, 0
    while place < len(nodes) and added < _ADDED:
        node = nodes[place]
        place += 1
        if node.mark.style != "1":
            continue
        after = nodes[place].mark if place < len(nodes) else None
        until = after.start if after is not None else end
        bound = after.numbers if after is not None and after.style == "1" else None
        found = [
            mark
            for number in _successors(node.mark.numbers, bound)
            if (mark := mark_of(text, number, node.mark.end, until)) is not None
        ]
        if found:
            first = min(found, key=lambda mark: mark.start)
            nodes.insert(place, Node(first, len(first.numbers) - least, "clause"))
            added += 1
    return replace(outline, nodes=tuple(nodes))


def _successors(number: tuple[int, ...], bound: tuple[int, ...] | None) -> list[tuple[int, ...]]:
    """What may come next, and before the bound."""
    following = [(*number, 1)]
    following += [(*number[:at], number[at] + 1) for at in range(len(number) - 1, -1, -1)]
    return [each for each in following if bound is None or each < bound]


def _with_groups(outline: Outline, marks: Sequence[Mark]) -> list[Node]:
    """With the parts and chapters that bundle the clauses, each on the level its word has."""
    used = {node.mark.style for node in outline.nodes if node.mark.style != "1"}
    groups = [
        mark
        for mark in marks
        if mark.style in GROUPS | {"Article"} - used
        and mark.style not in used
        and mark.where == LINE
        and not mark.contents
        and len(mark.follows) < 120
    ]
    if not groups:
        return list(outline.nodes)
    nodes, levels = [], []  # type: tuple[list[Node], list[str]]
    merged = sorted(
        [*((mark, None) for mark in groups), *((node.mark, node) for node in outline.nodes)],
        key=lambda pair: pair[0].start,
    )
    listed = _only_listed(merged)
    for place, (mark, node) in enumerate(merged):
        if place in listed:
            continue
        if node is not None:
            nodes.append(replace(node, depth=node.depth + len(levels)))
            continue
        if mark.style in levels:
            del levels[levels.index(mark.style) :]
        nodes.append(Node(mark, len(levels), "group"))
        levels.append(mark.style)
    return nodes


def _only_listed(merged: Sequence[tuple[Mark, Node | None]]) -> set[int]:
    """The groups of a contents list: no clause stands below them, and they come again."""
    last = {(mark.style, mark.text): at for at, (mark, node) in enumerate(merged) if node is None}
    listed = set()
    empty: set[str] = set()
    """Words of groups that begin further on before any clause does."""
    for at in range(len(merged) - 1, -1, -1):
        mark, node = merged[at]
        if node is not None:
            empty.clear()
            continue
        if mark.style in empty and last[mark.style, mark.text] > at:
            listed.add(at)
        empty.add(mark.style)
    return listed


def _with_items(text: str, nodes: Sequence[Node], marks: Sequence[Mark], end: int) -> list[Node]:
    """With the lists within each clause."""
    found: list[Node] = []
    place = 0
    numbered = any(node.mark.style == "1" and len(node.mark.numbers) == 1 for node in nodes)
    for number, node in enumerate(nodes):
        until = nodes[number + 1].mark.start if number + 1 < len(nodes) else end
        found.append(node)
        while place < len(marks) and marks[place].start <= node.mark.start:
            place += 1
        inner = []
        while place < len(marks) and marks[place].start < until:
            inner.append(marks[place])
            place += 1
        listed = [mark for mark in inner if _is_listed(mark, numbered)]
        listed += _within(text, [node.mark, *listed], until)
        listed.sort(key=lambda mark: mark.start)
        found += [Node(item.mark, node.depth + 1 + item.depth, "item") for item in items_of(listed)]
    return found


def _within(text: str, points: Sequence[Mark], until: int) -> list[Mark]:
    """Marks in the sentences of each clause's and item's first paragraph."""
    known = {mark.start for mark in points}
    found = []
    for place, point in enumerate(points):
        end = points[place + 1].start if place + 1 < len(points) else until
        end = min(end, point.end + _WITHIN_LIMIT)
        breaks = (match.start() for match in _PARAGRAPH.finditer(text, point.end, end))
        # A heading is a paragraph of its own; what it heads is the next.
        end = next((at for at in breaks if at - point.end > _HEADING), end)
        inner = [
            mark
            for mark in marks_within(text, point.end, end)
            if mark.start not in known and mark.style in _LISTED
        ]
        # What follows the list would seem to be in its last item.
        if inner and _SENTENCE.search(text, inner[-1].end, end) is None:
            found += inner
    return found


def _is_listed(mark: Mark, numbered: bool) -> bool:
    if mark.style == "1":
        return not numbered and mark.dotted and "." not in mark.text
    return mark.style in _LISTED

"""The clauses of one part of a text as a tree of marks: which of several ways of numbering it has.

What may live here: ways of numbering and how the best is chosen. What must never be known here:
labels, schedules, what else is in the document.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from longctx.structure.chaining import decimal_chain, rising_chain
from longctx.structure.enumerating import items_of
from longctx.structure.marks import GROUPS, LINE, marks_within
from longctx.structure.weighing import links_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longctx.structure.marks import Mark

TOPS = ("§", "Article", "Artikel", "Art.", "Section", "Clause", "Ziffer")
"""Words that only clauses are headed by."""
_DECIMALS = ("1", "Section", "Clause", "Ziffer", "§", "Article", "Artikel")
_LISTED = frozenset(("(a)", "(A)", "(1)", "a)", "A)", "1)", "a.", "A.", "Absatz"))
_CHILDREN = frozenset(("1", "Section"))
_WITHIN_LIMIT = 20_000
"""Characters of one clause that are searched for lists within sentences."""


@dataclass(frozen=True, slots=True)
class Node:
    """A clause: its mark, how deep it is, and what it hangs on."""

    mark: Mark
    depth: int
    role: str
    """`group` for what only bundles clauses, `clause`, or `item` of a list."""
    numeral: bool = False


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
    for style in ("A.", "[I]"):
        if style in styles:
            choices.append(_lettered(inner, style, end))
    best = max(choices, key=lambda choice: choice.weight)
    if not best.nodes:
        return best
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
            nodes += [replace(node, depth=node.depth + 1) for node in below.nodes]
    words = len(chosen) if word in TOPS else sum(node.mark.style in TOPS for node in nodes)
    return Outline(tuple(nodes), weight, words, deeper)


def _lettered(marks: Sequence[Mark], style: str, end: int) -> Outline:
    """I., II., III. or A., B., C. as the outermost numbers."""
    own = [mark for mark in marks if mark.style == style and mark.where == LINE]
    return _of_chain(own, end, 0.75)


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
    for mark, node in merged:
        if node is not None:
            nodes.append(replace(node, depth=node.depth + len(levels)))
            continue
        if mark.style in levels:
            del levels[levels.index(mark.style) :]
        nodes.append(Node(mark, len(levels), "group"))
        levels.append(mark.style)
    return nodes


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
        seen = {mark.start for mark in listed}
        within = marks_within(text, node.mark.end, min(until, node.mark.end + _WITHIN_LIMIT))
        listed += [mark for mark in within if mark.start not in seen and mark.style in _LISTED]
        listed.sort(key=lambda mark: mark.start)
        found += [
            Node(item.mark, node.depth + 1 + item.depth, "item", item.numeral)
            for item in items_of(listed)
        ]
    return found


def _is_listed(mark: Mark, numbered: bool) -> bool:
    if mark.style == "1":
        return not numbered and mark.dotted and "." not in mark.text
    return mark.style in _LISTED

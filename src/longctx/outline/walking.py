"""From a syntax tree to definitions, by the rules of its language.

What may live here: the walk, its bounds, and the one place where bytes become characters. What
must never be known here: node types, files, how an outline is shown. Bodies of functions are not
entered, which makes the walk several times faster than a query over the whole tree.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from longctx.corpus import Span
from longctx.outline.grammars import node_kinds
from longctx.outline.lines import DEEP, Broken
from longctx.outline.naming import kind_of, name_of, reached
from longctx.outline.rules import COMMENTS, LEADS, RULES, Rule
from longctx.outline.summaries import of_comment, of_docstring
from longctx.outline.values import DETAILS, HOLDERS, Definition, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node, Tree

MOST = 10_000
"""Definitions of one file."""
DEEPEST = 60
"""Nodes within nodes that are looked into."""
SIGNATURE = 400
"""Bytes of a signature."""
DETAIL = 120
"""Bytes of a constant's or field's signature, which ends with its line."""
DECORATED = 160
"""Bytes of decorators that a signature begins with; longer ones are left out of it."""

_END = b" \t\r\n{:;,"


class Act(IntEnum):
    DEFINE = 0
    PASS = 1
    WRAP = 2
    CALL = 3
    COMMENT = 4
    LEAD = 5


@lru_cache(maxsize=len(RULES))
def _table(language: str) -> dict[int, tuple[Act, Rule | None]]:
    """What to do at each node type, by its number."""
    rules, kinds = RULES[language], node_kinds(language)
    acts: list[tuple[str, Act, Rule | None]] = [
        *((name, Act.COMMENT, None) for name in COMMENTS),
        *((name, Act.LEAD, None) for name in LEADS),
        *((name, Act.PASS, None) for name in rules.passes),
        *((name, Act.CALL, None) for name in rules.calls),
        *((name, Act.WRAP, None) for name in rules.wraps),
        *((name, Act.DEFINE, rule) for name, rule in rules.defines.items()),
    ]
    table: dict[int, tuple[Act, Rule | None]] = {}
    for name, act, rule in acts:
        for number in kinds.get(name, ()):
            table[number] = (act, rule)
    table[_ERROR] = (Act.PASS, None)
    return table


_ERROR = 65535
"""The number of ERROR nodes in every grammar."""


@dataclass(slots=True)
class _Frame:
    """Children that are being looked at."""

    children: Iterator[Node]
    holder: str
    """The qualified name of what holds them."""
    held: bool
    """Whether that is a class or the like."""
    depth: int
    quiet: bool
    """Whether they stand in a call or a function, where constants are of no interest."""
    lead: int = -1
    """First byte of the comments and attributes before the next child; -1 for none."""
    lead_row: int = -1
    lead_end: int = -1
    """Row that they end in."""
    comment: tuple[int, int] = (0, 0)
    """Bytes of the first of these comments to the last."""
    before: int = -1
    """Row that the child before ended in."""


@dataclass(slots=True)
class _Found:
    """A definition in bytes and rows from 0."""

    kind: Kind
    name: str
    qualified: str
    start: int
    end: int
    doc: str
    first: int
    last: int
    depth: int


@dataclass(frozen=True, slots=True)
class Walked:
    definitions: list[Definition]
    broken: list[Broken]
    partial: bool


def walked(tree: Tree, language: str, data: bytes, text: str) -> Walked:
    """The definitions of a tree over `data`, which is `text` in UTF-8."""
    walk = _Walk(language, data)
    walk.run(tree.root_node)
    found = walk.found
    places = _characters([each.start for each in found] + [each.end for each in found], data, text)
    definitions = [
        Definition(
            each.kind,
            each.name,
            each.qualified,
            Span(places(each.start), places(each.end)),
            each.doc,
            each.first + 1,
            each.last + 1,
            each.depth,
        )
        for each in found
    ]
    return Walked(definitions, walk.broken, walk.partial)


class _Walk:
    """One walk: children in order, deeper ones from a stack, so that no text is too deep."""

    def __init__(self, language: str, data: bytes) -> None:
        self.table = _table(language)
        self.docstrings = RULES[language].docstrings
        self.data = data
        self.found: list[_Found] = []
        self.broken: list[Broken] = []
        self.partial = False

    def run(self, root: Node) -> None:
        if root.kind_id == _ERROR:
            self._note_broken(root)
        stack = [_Frame(iter(root.children), "", False, 0, False)]
        table = self.table
        while stack:
            frame = stack[-1]
            node = next(frame.children, None)
            if node is None:
                stack.pop()
                continue
            act = table.get(node.kind_id)
            if act is None:
                frame.lead = -1
            elif act[0] >= Act.COMMENT:
                _keep_lead(frame, node, act[0])
            else:
                deeper = self._entered(node, act, frame)
                frame.lead = -1
                frame.before = node.end_point.row
                if deeper is not None:
                    if len(stack) < DEEPEST:
                        stack.append(deeper)
                    else:
                        self.partial = True
            if len(self.found) >= MOST:
                self.partial = True
                return

    def _entered(self, node: Node, act: tuple[Act, Rule | None], frame: _Frame) -> _Frame | None:
        """Keeps what the node defines; the children to look at next, if any."""
        does, rule = act
        outer = node
        lacking = rule is not None and rule.needs and reached(node, rule.needs) is None
        if does is Act.WRAP or lacking:
            only = self._only(node)
            does = Act.PASS
            if only is not None:
                node, rule, does = only[0], only[1], Act.DEFINE
                lacking = rule.needs and reached(node, rule.needs) is None
        if does is Act.DEFINE and rule is not None and not lacking:
            named = self._defined(node, outer, rule, frame)
            if named is not None:
                if not rule.opened:
                    return None
                holder, held = named
                return _Frame(iter(node.children), holder, held, frame.depth + 1, frame.quiet)
        if node.kind_id == _ERROR:
            self._note_broken(node)
        quiet = frame.quiet or does is Act.CALL
        return _Frame(
            iter(node.children),
            frame.holder,
            frame.held,
            frame.depth,
            quiet,
            lead=frame.lead,
            lead_row=frame.lead_row,
            lead_end=frame.lead_end,
            comment=frame.comment,
        )

    def _only(self, node: Node) -> tuple[Node, Rule] | None:
        """The one definition that the node wraps."""
        for _ in range(DEEPEST):
            inner = [
                (child, act)
                for child in node.children
                if (act := self.table.get(child.kind_id)) and act[0] in (Act.DEFINE, Act.WRAP)
            ]
            if len(inner) != 1:
                return None
            node, (does, rule) = inner[0]
            if does is Act.DEFINE and rule is not None:
                return node, rule
        return None

    def _defined(
        self, node: Node, outer: Node, rule: Rule, frame: _Frame
    ) -> tuple[str, bool] | None:
        """Keeps the definition; its qualified name and whether it holds methods. None without a
        name."""
        kind = kind_of(node, rule)
        name, owner = name_of(node, rule, kind, self.data)
        if not name:
            return None
        if kind is Kind.FUNCTION and (frame.held or owner):
            kind = Kind.METHOD
        elif kind is Kind.CONSTANT and frame.held:
            kind = Kind.FIELD
        qualified = f"{owner}.{name}" if owner else name
        if frame.holder:
            qualified = f"{frame.holder}.{qualified}"
        if kind in DETAILS and frame.quiet:
            return qualified, False
        body = reached(node, rule.body)
        start, end = self._head(node, outer, body, kind)
        first, doc = outer.start_point.row, ""
        if frame.lead >= 0 and frame.lead_end >= first - 1:
            first = min(first, frame.lead_row)
            if frame.comment[1]:
                doc = of_comment(self._read(*frame.comment))
        if self.docstrings and body is not None:
            doc = self._docstring(body) or doc
        if node.has_error and not rule.opened:
            row, column = node.start_point
            self.broken.append(Broken(row + 1, _last_row(node) + 1, column))
        self.found.append(
            _Found(kind, name, qualified, start, end, doc, first, _last_row(outer), frame.depth)
        )
        return qualified, kind in HOLDERS

    def _head(self, node: Node, outer: Node, body: Node | None, kind: Kind) -> tuple[int, int]:
        """First byte of the signature and the one after its last."""
        start = outer.start_byte
        if node.start_byte - start > DECORATED:
            start = node.start_byte
        detail = kind in DETAILS
        end = body.start_byte if body is not None and body.start_byte > start else node.end_byte
        end = min(end, start + (DETAIL if detail else SIGNATURE))
        if detail:
            line = self.data.find(b"\n", start, end)
            end = line if line >= 0 else end
        while end > start and self.data[end - 1] in _END:
            end -= 1
            if self.data[end - 2 : end] == b" =":  # before the body of a one-line function
                end -= 2
        while end > start and end < len(self.data) and self.data[end] & 0xC0 == 0x80:
            end -= 1  # inside a character
        # An empty first line comes from text that the grammar could not read.
        return (start, end) if end > start else (node.start_byte, node.end_byte)

    def _docstring(self, body: Node) -> str:
        statement = body.named_child(0) if body.named_child_count else None
        if statement is None or statement.type != "expression_statement":
            return ""
        string = statement.named_child(0) if statement.named_child_count else None
        if string is None or string.type != "string":
            return ""
        return of_docstring(self._read(string.start_byte, string.end_byte))

    def _read(self, start: int, end: int) -> str:
        return self.data[start : min(end, start + 4_000)].decode("utf-8", "ignore")

    def _note_broken(self, node: Node) -> None:
        self.broken.append(Broken(node.start_point.row + 1, _last_row(node) + 1, DEEP))


def _keep_lead(frame: _Frame, node: Node, act: Act) -> None:
    """A comment or attribute that may belong to the next definition."""
    row, comment = node.start_point.row, act is Act.COMMENT
    if comment and row == frame.before:
        return  # it ends the line of something else
    if frame.lead < 0 or row > frame.lead_end + 1:
        frame.lead, frame.lead_row, frame.comment = node.start_byte, row, (0, 0)
    if comment:
        begin = frame.comment[0] if frame.comment[1] else node.start_byte
        frame.comment = (begin, node.end_byte)
    frame.lead_end = _last_row(node)


def _last_row(node: Node) -> int:
    """The row of the node's last character; some grammars let nodes end with a line end."""
    row, column = node.end_point
    return row - 1 if column == 0 and node.end_byte > node.start_byte else row


def _characters(places: list[int], data: bytes, text: str) -> Callable[[int], int]:
    """From bytes of `data` to characters of `text`."""
    if len(data) == len(text):
        return lambda place: place
    known: dict[int, int] = {}
    done = count = 0
    for place in sorted(set(places)):
        count += len(data[done:place].decode("utf-8", "ignore"))
        known[place], done = count, place
    return known.__getitem__

"""The name of a definition, read off its node in a syntax tree.

What may live here: ways through nodes, names and their holders. What must never be known here:
languages, other than by the rules given; documents.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from longctx.outline.rules import Naming, Rule
from longctx.outline.values import DETAILS, Kind

if TYPE_CHECKING:
    from tree_sitter import Node

LONGEST = 120
"""Characters of a name."""

_RECEIVER = re.compile(r"(\w+)[ \t]*(?:\[[^\]]*\])?[ \t]*\)$")
_PLAIN = re.compile(r"[\w$#@!?'\"-]+")
_ARGUMENTS = re.compile(r"<[^<>]*>")
_SPACE = re.compile(r"\s+")
_MACHINERY = ("prototype", "module", "exports", "window", "self", "this", "globalThis")
_STEPS = 40
"""How far a repeated step may lead: pointers to arrays of functions nest, but not for ever."""


def reached(node: Node, ways: str) -> Node | None:
    """The node that the first way that leads anywhere leads to."""
    if ways in _FIELDS:
        return node.child_by_field_name(ways)
    for way in _split_ways(ways):
        at: Node | None = node
        for step in way:
            if at is None:
                break
            at = _repeated(at, step[:-1]) if step.endswith("*") else _stepped(at, step)
        if at is not None:
            return at
    return None


_FIELDS = frozenset({"name", "body", "left"})
"""Ways that are a field in every grammar that has them, never a type."""


@lru_cache(maxsize=256)
def _split_ways(ways: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(way.split("/")) for way in ways.split("|")) if ways else ()


def _stepped(node: Node, step: str) -> Node | None:
    """The child in the field, else the first of the type."""
    found = node.child_by_field_name(step)
    if found is not None:
        return found
    return next((child for child in node.named_children if child.type == step), None)


def _repeated(node: Node, step: str) -> Node | None:
    at = node.child_by_field_name(step)
    for _ in range(_STEPS):
        if at is None:
            return None
        # References and parentheses around a declarator have no field for it.
        deeper = at.child_by_field_name(step) or next(
            (child for child in at.named_children if child.type.endswith("declarator")), None
        )
        if deeper is None:
            return at
        at = deeper
    return None


def kind_of(node: Node, rule: Rule) -> Kind:
    if rule.words:
        for child in node.children:
            if child.type in rule.words:
                return rule.words[child.type]
    return rule.kind


def name_of(node: Node, rule: Rule, kind: Kind, data: bytes) -> tuple[str, str]:
    """The name and the holder that it names itself; no name where the node has none."""
    if rule.naming is Naming.BLOCK:
        return _block(node, data)
    if rule.naming is Naming.WORD:
        return _text(node, data)[:LONGEST].split("(", 1)[0].split("{", 1)[0].split()[-1], ""
    found = reached(node, rule.name)
    name = _text(found, data) if found is not None else ""
    if not name or len(name) > LONGEST:
        return "", ""
    if rule.naming is Naming.QUALIFIED:
        return _split(name)
    if kind in DETAILS and not (name.isidentifier() or _PLAIN.fullmatch(name)):
        return "", ""
    if rule.naming is Naming.RECEIVER:
        receiver = node.child_by_field_name("receiver")
        match = _RECEIVER.search(_text(receiver, data)) if receiver is not None else None
        return name, match[1] if match else ""
    return name, ""


def _text(node: Node, data: bytes) -> str:
    start = node.start_byte
    text = data[start : min(node.end_byte, start + 4 * LONGEST)].decode("utf-8", "ignore")
    return text if text.isidentifier() else _SPACE.sub(" ", text).strip()


def _split(name: str) -> tuple[str, str]:
    """`Store<T>::open` and `Store.prototype.open` are the `open` of `Store`."""
    parts = [part for part in re.split(r"::|\.", _ARGUMENTS.sub("", name)) if part]
    if not parts or any(character in name for character in "[({"):
        return "", ""
    return parts[-1], ".".join(part for part in parts[:-1] if part not in _MACHINERY)


def _block(node: Node, data: bytes) -> tuple[str, str]:
    words = []
    for child in node.named_children:
        if child.type not in ("identifier", "string_lit"):
            break
        words.append(_text(child, data).strip('"'))
    if not words:
        return "", ""
    return words[-1] or "block", ".".join(words[:-1])

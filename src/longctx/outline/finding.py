"""Which way a text is read: by its syntax tree, its lines or its headings.

What may live here: the choice and its limits. What must never be known here: how each way works.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx.outline.braces import proto_definitions, sql_definitions
from longctx.outline.grammars import parsed
from longctx.outline.languages import language_of
from longctx.outline.lines import definitions_in, single_lines
from longctx.outline.prose import definitions_of
from longctx.outline.rules import RULES
from longctx.outline.values import Definition, Outline, Source
from longctx.outline.walking import walked
from longctx.structure.headings import headings_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longctx.corpus import Anchor

LARGEST = 4_000_000
"""Characters; longer texts are data or generated."""
LONG_LINES = 400
"""Characters of a line on average, from which a text of more than `SHORT` is minified."""
SHORT = 5_000

_SCANNERS = {"proto": proto_definitions, "sql": sql_definitions}


def outlined(path: str, text: str, anchors: Sequence[Anchor] = ()) -> Outline:
    """The outline of a text under this path; `anchors` are those that came with the document.

    Depends on the arguments alone, but for texts that take a grammar seconds (`grammars.SECONDS`):
    those are read by their lines. Never raises for any text.
    """
    language = language_of(path, text)
    if not text or len(text) > LARGEST:
        return Outline(Source.NOTHING, partial=bool(text))
    if anchors or language == "prose":
        definitions, partial = definitions_of(text, anchors or headings_in(path, text))
        return _outline(Source.HEADINGS, definitions, partial)
    if language == "nothing" or _minified(text):
        return Outline(Source.NOTHING)
    if language in _SCANNERS:
        return _outline(Source.LINES, *_SCANNERS[language](text))
    if language in RULES:
        found = _by_tree(path, text, language)
        if found is not None:
            return found
    return _outline(Source.LINES, *definitions_in(path, text))


def _outline(source: Source, definitions: list[Definition], partial: bool) -> Outline:
    return Outline(source if definitions else Source.NOTHING, tuple(definitions), partial)


def _minified(text: str) -> bool:
    return len(text) > SHORT and len(text) > LONG_LINES * (text.count("\n") + 1)


def _by_tree(path: str, text: str, language: str) -> Outline | None:
    """None where the text is too large or too costly for a grammar."""
    data = text.encode("utf-8", "replace")
    tree = parsed(language, data)
    if tree is None:
        return None
    found = walked(tree, language, data, text)
    definitions = found.definitions
    if found.broken:
        definitions = _with_broken(definitions, single_lines(path, text, found.broken))
    return _outline(Source.TREE, definitions, found.partial)


def _with_broken(known: list[Definition], more: list[Definition]) -> list[Definition]:
    """What the grammar found, and what lines alone show where it failed; nested by their lines."""
    starts = {each.signature.start for each in known}
    names = {(each.first, each.name) for each in known}
    lines = {(line, each.name) for each in known for line in range(each.first, each.first + 3)}
    added = [
        each
        for each in more
        if each.signature.start not in starts and (each.first, each.name) not in names | lines
    ]
    if not added:
        return known
    around: list[Definition] = []
    result: list[Definition] = []
    for each in sorted([*known, *added], key=lambda one: (one.signature.start, -one.last)):
        while around and not (around[-1].first <= each.first and each.last <= around[-1].last):
            around.pop()
        depth = len(around)
        placed = each if each.depth == depth else _at(each, depth)
        result.append(placed)
        around.append(placed)
    return result


def _at(each: Definition, depth: int) -> Definition:
    return Definition(
        each.kind,
        each.name,
        each.qualified,
        each.signature,
        each.doc,
        each.first,
        each.last,
        depth,
    )

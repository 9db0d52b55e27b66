"""Definitions by lines, for languages without a grammar here and for text that a grammar cannot
read.

What may live here: patterns that match in time linear in the text, and nesting by indentation. What
must never be known here: trees, files.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

from longctx.corpus import Span
from longctx.outline.summaries import of_comment
from longctx.outline.values import HOLDERS, Definition, Kind

MOST = 10_000
"""Definitions of one file."""
MOST_LINES = 1 << 40
"""More than any text has."""
SIGNATURE = 200
"""Characters of a signature."""

_MODIFIERS = (
    "export|default|public|private|protected|internal|static|final|abstract|async|pub|unsafe|extern"
    "|inline|virtual|override|open|sealed|data|suspend|declare|partial|readonly|const|local|case"
)
_WORDS = {
    "class": Kind.CLASS,
    "object": Kind.CLASS,
    "actor": Kind.CLASS,
    "interface": Kind.INTERFACE,
    "trait": Kind.INTERFACE,
    "protocol": Kind.INTERFACE,
    "contract": Kind.CLASS,
    "struct": Kind.STRUCT,
    "record": Kind.STRUCT,
    "union": Kind.STRUCT,
    "enum": Kind.ENUM,
    "impl": Kind.IMPLEMENTATION,
    "extension": Kind.IMPLEMENTATION,
    "module": Kind.MODULE,
    "namespace": Kind.MODULE,
    "package": Kind.MODULE,
    "mod": Kind.MODULE,
    "defmodule": Kind.MODULE,
    "type": Kind.TYPE,
    "typealias": Kind.TYPE,
    "def": Kind.FUNCTION,
    "defp": Kind.FUNCTION,
    "defn": Kind.FUNCTION,
    "func": Kind.FUNCTION,
    "function": Kind.FUNCTION,
    "fn": Kind.FUNCTION,
    "fun": Kind.FUNCTION,
    "sub": Kind.FUNCTION,
    "proc": Kind.FUNCTION,
    "procedure": Kind.FUNCTION,
    "macro": Kind.MACRO,
    "defmacro": Kind.MACRO,
    "task": Kind.FUNCTION,
}
_WORDED = re.compile(
    rf"^(?P<indent>[ \t]*)(?P<head>(?:(?:{_MODIFIERS})(?:\([^)\n]{{0,40}}\))?[ \t]+){{0,6}}"
    rf"(?P<word>{'|'.join(_WORDS)})(?:[ \t]*<[^<>\n]{{1,80}}>)?[ \t]+\(?[ \t]{{0,20}}"
    r"(?P<name>[A-Za-z_$][\w$.:!?]*)[^\n]{0,200})",
    re.MULTILINE,
)
# C, Java, C#, Dart: a call-like line at little depth that opens a block.
_BLOCK = re.compile(
    r"^(?P<indent>[ \t]{0,8})(?P<head>(?!(?:if|for|foreach|while|switch|else|elif|return|catch|do"
    r"|with|try|new|throw|case|await|yield|using|lock|assert|not|and|or)\b)"
    r"(?:[A-Za-z_~][\w<>,:*&\[\]]{0,60}[ \t]+){0,5}(?P<name>[A-Za-z_~][\w:.~]{0,60})"
    r"[ \t]*\([^\n;{}]{0,160}\)[^\n;=(){}]{0,60})\{[ \t]*$",
    re.MULTILINE,
)
_SECTION = re.compile(
    r"^(?P<indent>)(?P<head>\[\[?(?P<section>[\w.\"'/ :-]{1,80})\]\]?[ \t]*$"
    r"|(?P<name>[\w.$/%-][\w.$/% -]{0,60}?)[ \t]{0,20}:(?![:=/])[^\n]{0,120})",
    re.MULTILINE,
)
_KEYED = frozenset("yaml yml toml ini cfg conf mk makefile properties".split())
_MOST_LEAD = 40
"""Lines of comments above a definition."""
_LEADS = ("#", "//", "/*", "*", "--", ";;", "%", "@", "[")


@dataclass(frozen=True, slots=True)
class _Head:
    """The line that a definition begins with."""

    kind: Kind
    name: str
    span: Span
    indent: int
    line: int
    first: int
    """First line of the comments right above."""
    doc: str

    @property
    def holds(self) -> bool:
        return self.kind in HOLDERS or self.kind in (Kind.MODULE, Kind.BLOCK)


def definitions_in(path: str, text: str) -> tuple[list[Definition], bool]:
    """The definitions, nested by indentation, and whether a limit cut them short."""
    heads, partial = _heads(path, text)
    lasts = _last_lines(heads, text.count("\n") + (not text.endswith("\n")))
    around: list[tuple[_Head, int]] = []  # with its last line
    result: list[Definition] = []
    for head, last in zip(heads, lasts, strict=True):
        while around and around[-1][0].indent >= head.indent:
            around.pop()
        if around and not around[-1][0].holds:
            continue  # inside a function
        held = any(outer.kind in HOLDERS for outer, _ in around)
        kind = Kind.METHOD if held and head.kind is Kind.FUNCTION else head.kind
        qualified = ".".join([*(outer.name for outer, _ in around), head.name])
        last = min([last, *(end for _, end in around)])
        result.append(
            Definition(
                kind, head.name, qualified, head.span, head.doc, head.first, last, len(around)
            )
        )
        around.append((head, last))
    return result, partial


def single_lines(path: str, text: str, within: list[tuple[int, int]]) -> list[Definition]:
    """The definitions that begin in these ranges of lines, each as its one line, at depth 0."""
    if not within:
        return []
    heads, _ = _heads(path, text)
    starts = sorted(within)
    reach = list(accumulate((last for _, last in starts), max))
    return [
        Definition(head.kind, head.name, head.name, head.span, head.doc, head.line, head.line, 0)
        for head in heads
        if (before := bisect_right(starts, (head.line, MOST_LINES)))
        and head.line <= reach[before - 1]
    ]


def _heads(path: str, text: str) -> tuple[list[_Head], bool]:
    ending = path.rsplit("/", 1)[-1].rsplit(".", 1)[-1].lower()
    patterns = (_SECTION,) if ending in _KEYED else (_WORDED, _BLOCK)
    found: dict[int, re.Match[str]] = {}
    for pattern in patterns:
        for match in pattern.finditer(text):
            found.setdefault(match.start("head"), match)
            if len(found) > MOST:
                break
    lines = text.split("\n") if found else []
    heads: list[_Head] = []
    line, place = 1, 0
    for start, match in sorted(found.items())[:MOST]:
        line += text.count("\n", place, start)
        place = start
        first = line
        floor = max(heads[-1].line if heads else 0, line - _MOST_LEAD)
        while first - 1 > floor and lines[first - 2].lstrip().startswith(_LEADS):
            first -= 1
        doc = of_comment("\n".join(lines[first - 1 : line - 1])) if first < line else ""
        heads.append(_head(match, line, first, doc))
    return heads, len(found) > MOST


def _head(match: re.Match[str], line: int, first: int, doc: str) -> _Head:
    groups = match.groupdict()
    if groups.get("word"):
        kind, name = _WORDS[match["word"]], match["name"].rstrip(".:") or match["name"]
    elif groups.get("section"):
        kind, name = Kind.BLOCK, match["section"].strip()
    else:
        kind = Kind.CONSTANT if match.re is _SECTION else Kind.FUNCTION
        name = match["name"].strip()
    start = match.start("head")
    shown = match["head"][:SIGNATURE].rstrip(" \t\r{:;,=")
    return _Head(
        kind,
        name,
        Span(start, start + max(1, len(shown))),
        len(match["indent"].expandtabs(4)),
        line,
        first,
        doc,
    )


def _last_lines(heads: list[_Head], count: int) -> list[int]:
    """The line before the next definition that stands no deeper; the text's last line else."""
    lasts = [count] * len(heads)
    waiting: list[int] = []
    for number, head in enumerate(heads):
        while waiting and heads[waiting[-1]].indent >= head.indent:
            at = waiting.pop()
            lasts[at] = max(heads[at].line, head.first - 1)
        waiting.append(number)
    return lasts

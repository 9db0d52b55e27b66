"""Definitions of Protocol Buffers and SQL, whose statements a scanner finds in every dialect.

What may live here: blanking what is quoted, and statements that define something. What must never
be known here: trees, files. The grammar of SQL fails on dialects, that of Protocol Buffers is in no
wheel of its own; see `docs/decisions/012-grammars.md`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.corpus import Span
from longctx.outline.summaries import of_comment
from longctx.outline.values import HOLDERS, Definition, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST = 10_000
SIGNATURE = 200

_PROTO_QUOTED = re.compile(
    r"//[^\n]*|/\*.*?(?:\*/|\Z)|\"[^\"\\\n]*(?:\\.[^\"\\\n]*)*\"|'[^'\\\n]*(?:\\.[^'\\\n]*)*'",
    re.DOTALL,
)
_PROTO = re.compile(
    r"(?P<word>message|enum|service|oneof|extend|rpc|group)[ \t]+(?P<name>[\w.]+)|(?P<brace>[{}])"
    r"|(?P<field>^[ \t]*(?:(?:optional|required|repeated)[ \t]+)?"
    r"(?:map[ \t]*<[^>\n]{1,80}>|[\w.]+)[ \t]+(?P<of>\w+)[ \t]*=[ \t]*\d+"
    r"|^[ \t]*(?P<value>[A-Z]\w*)[ \t]*=[ \t]*-?\w+)",
    re.MULTILINE,
)
_PROTO_KINDS = {
    "message": Kind.CLASS,
    "group": Kind.CLASS,
    "extend": Kind.IMPLEMENTATION,
    "oneof": Kind.STRUCT,
    "enum": Kind.ENUM,
    "service": Kind.SERVICE,
    "rpc": Kind.METHOD,
}
_SQL_QUOTED = re.compile(
    r"--[^\n]*|/\*.*?(?:\*/|\Z)|'[^']*(?:''[^']*)*(?:'|\Z)"
    r"|(?P<dollar>\$\w{0,40}\$).*?(?:(?P=dollar)|\Z)",
    re.DOTALL,
)
_SQL = re.compile(
    r"\bcreate[ \t\n]+"
    r"(?:(?:or[ \t]+(?:replace|alter)|unique|temp|temporary|global|local|unlogged|materialized"
    r"|recursive|force|editionable|definer[ \t]*=[ \t]*\S{1,80}|foreign|constraint|external)"
    r"[ \t\n]+){0,4}"
    r"(?P<word>table|view|index|function|procedure|trigger|type|domain|schema|sequence|extension"
    r"|policy|role|aggregate|package|database)\b[ \t\n]{0,40}(?:body\b[ \t\n]{0,40})?"
    r"(?:concurrently[ \t\n]+)?(?:if[ \t]+not[ \t]+exists[ \t\n]+)?"
    r"(?P<name>[\w.\"`\[\]$#@]{1,120})",
    re.IGNORECASE,
)
_SQL_KINDS = {
    "table": Kind.TABLE,
    "view": Kind.VIEW,
    "index": Kind.INDEX,
    "function": Kind.FUNCTION,
    "procedure": Kind.FUNCTION,
    "aggregate": Kind.FUNCTION,
    "trigger": Kind.TRIGGER,
    "schema": Kind.MODULE,
    "package": Kind.MODULE,
    "database": Kind.MODULE,
}
_COLUMN = re.compile(r"[\"`\[]?(?P<name>[A-Za-z_]\w*)[\"`\]]?[ \t]+[A-Za-z]")
_NO_COLUMN = frozenset(
    ("primary", "foreign", "unique", "constraint", "check", "index", "key", "exclude", "like")
    + ("partition", "period", "fulltext")
)
_BODY = re.compile(r"\bas\b|\$|\bbegin\b", re.IGNORECASE)


@dataclass(slots=True)
class _Open:
    """A definition whose end is not known yet."""

    kind: Kind
    name: str
    start: int
    head: int
    """Where its signature ends."""
    end: int
    depth: int


def proto_definitions(text: str) -> tuple[list[Definition], bool]:
    """Messages, enums, services and what is in them. Braces give the nesting."""
    blank = _blanked(text, _PROTO_QUOTED)
    found: list[_Open] = []
    around: list[_Open | None] = []
    pending: _Open | None = None
    for match in _PROTO.finditer(blank):
        if len(found) >= MOST:
            break
        if match["brace"] == "{":
            if pending is not None:
                pending.head = match.start()
            around.append(pending)
            pending = None
        elif match["brace"] == "}":
            closed = around.pop() if around else None
            if closed is not None:
                closed.end = match.end()
        else:
            pending = None
            start = _statement_start(blank, match.start())
            if start < match.start() and match["word"]:
                continue  # a field whose type or name is such a word
            each = _proto_opened(blank, match, sum(1 for outer in around if outer is not None))
            found.append(each)
            pending = each if match["word"] else None
    for unclosed in around:
        if unclosed is not None:
            unclosed.end = len(text)
    return _definitions(text, found), len(found) >= MOST


def _proto_opened(blank: str, match: re.Match[str], depth: int) -> _Open:
    start = match.start() + len(match[0]) - len(match[0].lstrip())
    semicolon = blank.find(";", match.end(), match.end() + 400)
    brace = blank.find("{", match.end(), match.end() + 400)
    ends = [place for place in (semicolon, brace) if place >= 0]
    end = min(ends) if ends else match.end()
    if match["word"]:
        return _Open(_PROTO_KINDS[match["word"]], match["name"], start, end, end, depth)
    return _Open(Kind.FIELD, match["of"] or match["value"], start, match.end(), end, depth)


def _statement_start(blank: str, place: int) -> int:
    """Where the first word on the line of `place`, or after a brace on it, stands."""
    floor = max(0, place - SIGNATURE)
    start = max(floor, *(blank.rfind(mark, floor, place) + 1 for mark in "\n{};"))
    return start + len(blank[start:place]) - len(blank[start:place].lstrip())


def sql_definitions(text: str) -> tuple[list[Definition], bool]:
    """What CREATE statements create, with the columns of tables."""
    blank = _blanked(text, _SQL_QUOTED)
    found: list[_Open] = []
    place = 0
    while len(found) < MOST and (match := _SQL.search(blank, place)):
        end = blank.find(";", match.end())
        end = end + 1 if end >= 0 else len(text)
        kind = _SQL_KINDS.get(match["word"].lower(), Kind.TYPE)
        name = re.sub(r"[\"`\[\]]", "", match["name"])
        if name:
            table = kind is Kind.TABLE
            columns, head = _columns(blank, match.end(), end) if table else ([], 0)
            head = head or _sql_head(blank, match.end(), end)
            found.append(_Open(kind, name, match.start(), head, end, 0))
            found += columns
        place = max(end, match.end())
    return _definitions(text, found), len(found) >= MOST


def _sql_head(blank: str, place: int, end: int) -> int:
    body = _BODY.search(blank, place, end)
    return body.start() if body else end - 1


def _columns(blank: str, place: int, end: int) -> tuple[list[_Open], int]:
    """The columns between a table's parentheses, and where these open."""
    begin = blank.find("(", place, end)
    if begin < 0:
        return [], 0
    columns: list[_Open] = []
    depth, start = 0, begin + 1
    for match in re.compile(r"[(),]").finditer(blank, begin, end):
        depth += (match[0] == "(") - (match[0] == ")")
        if (match[0] == "," and depth == 1) or depth == 0:
            column = _column(blank, start, match.start())
            if column is not None and len(columns) < MOST:
                columns.append(column)
            start = match.end()
        if depth == 0:
            break
    return columns, begin


def _column(blank: str, start: int, end: int) -> _Open | None:
    start += len(blank[start:end]) - len(blank[start:end].lstrip())
    match = _COLUMN.match(blank, start, end)
    if match is None or match["name"].lower() in _NO_COLUMN:
        return None
    return _Open(Kind.FIELD, match["name"], start, end, end, 1)


def _blanked(text: str, quoted: re.Pattern[str]) -> str:
    """The text with comments and strings blank, every character in its place."""
    return quoted.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def _definitions(text: str, found: list[_Open]) -> list[Definition]:
    line_of = _lines(text)
    lines = text.split("\n") if found else []
    around: list[str] = []
    result: list[Definition] = []
    floor = 0
    for each in found:
        del around[each.depth :]
        head = text[each.start : min(each.head, each.start + SIGNATURE)].rstrip(" \t\r\n{;,(")
        first = line = line_of(each.start)
        last = max(line, line_of(max(each.start, each.end - 1)))
        while first - 1 > floor and lines[first - 2].lstrip().startswith(("--", "//", "/*", "*")):
            first -= 1
        doc = of_comment("\n".join(lines[first - 1 : line - 1])) if first < line else ""
        kind = each.kind
        qualified = ".".join([*around, each.name])
        result.append(
            Definition(
                kind,
                each.name,
                qualified,
                Span(each.start, each.start + max(1, len(head))),
                doc,
                first,
                last,
                len(around),
            )
        )
        around.append(each.name)
        floor = line if kind in HOLDERS else last
    return result


def _lines(text: str) -> Callable[[int], int]:
    starts = [0, *_starts(text)]
    return lambda place: bisect_right(starts, place)


def _starts(text: str) -> Iterator[int]:
    place = text.find("\n")
    while place >= 0:
        yield place + 1
        place = text.find("\n", place + 1)

"""What a model asks to see before it answers: the words of the protocol, parsed.

Pure. Here may live: how a request is written, in a block of plain lines or as a tool's arguments.
What must never be known here: the corpus, prompts, engines. Only what a model itself said is ever
parsed, never a document; whatever it said, parsing is linear and raises nothing.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from longctx.engines import Tool

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longctx.engines import ToolCall


class Verb(StrEnum):
    """What is asked of the corpus."""

    OPEN = "open"
    GREP = "grep"
    OUTLINE = "outline"
    SEARCH = "search"
    UNCLEAR = "unclear"
    """What was written is none of the others."""


@dataclass(frozen=True, slots=True)
class Look:
    """One thing that a model asks to see."""

    verb: Verb
    what: str
    """A path, a pattern or words; for an unclear one all that was written."""
    lines: tuple[int, int] | None = None
    """First and last, from 1; the last one may lie beyond the end."""

    def __str__(self) -> str:
        """As a person would write it."""
        if self.verb is Verb.UNCLEAR:
            return self.what
        return f"{self.verb} {self.what}{'' if self.lines is None else _place(*self.lines)}"


MOST = 8
"""Looks of one step; what is written beyond them is not read."""

LINES = 100
"""Lines of a block that are looked at."""

LONGEST = 500
"""Characters of one look."""

FAR = 10**9
"""A last line where none is named."""

SYNONYMS = {
    **dict.fromkeys(("open", "read", "cat", "show", "view"), Verb.OPEN),
    **dict.fromkeys(("grep", "rg"), Verb.GREP),
    **dict.fromkeys(("outline", "ls", "list"), Verb.OUTLINE),
    **dict.fromkeys(("search", "find"), Verb.SEARCH),
}
"""What models write for each."""

ARGUMENTS = {Verb.OPEN: "path", Verb.GREP: "pattern", Verb.OUTLINE: "path", Verb.SEARCH: "words"}
"""The one argument that each tool must have."""

_BLOCK = re.compile(r"^[ \t`]*<more>", re.IGNORECASE | re.MULTILINE)
_CLOSED = re.compile(r"</more\s*>", re.IGNORECASE)
_BULLET = re.compile(r"^(?:[-*+•>$]|[0-9]{1,2}[.)])\s+")
_VERB = re.compile(r"^([A-Za-z]{2,7})\b\s*:?\s*")
_LINES = re.compile(
    r"(?:[ \t]*[:#,]|[ \t])[ \t]*(?:lines?[ \t]*)?[Ll]?([0-9]{1,9})"
    r"(?:[ \t]*(?:-|\u2013|to|,|:)[ \t]*[Ll]?([0-9]{1,9}))?$"
)
_QUOTES = "\"'`“”"


def looks_in(said: str) -> tuple[Look, ...]:
    """What an answer asks for: the lines of its `<more>` block; nothing where it has none.

    The block must begin a line, and either begin the answer or end it: one in the midst of an
    answer is quoted, and is text.
    """
    begun = [match.end() for match in _BLOCK.finditer(said)]
    if not begun:
        return ()
    first = not said[: begun[0]].rpartition("<")[0].strip("`\n\t ")
    block = said[begun[0] if first else begun[-1] :]
    closed = _CLOSED.search(block)
    rest = "" if closed is None else block[closed.end() :]
    if rest.strip("`\n\t ") and not first:
        return ()
    lines = (block if closed is None else block[: closed.start()]).splitlines()
    bare = [line for line in map(_bare, lines[:LINES]) if line]
    looks = [_look(line) for line in bare[: MOST + 1]]
    return tuple(looks) or (Look(Verb.UNCLEAR, ""),)


def look_of(call: ToolCall) -> Look:
    """What a tool's call asks for."""
    try:
        arguments = json.loads(call.arguments)
    except (ValueError, RecursionError):
        arguments = None
    return _called(call.name, arguments) or Look(
        Verb.UNCLEAR, f"{call.name} {call.arguments}"[:LONGEST]
    )


def _place(first: int, last: int) -> str:
    if first == last:
        return f":{first}"
    return f":{first}-" if last == FAR else f":{first}-{last}"


def _bare(line: str) -> str:
    line = _BULLET.sub("", line.strip("` \t")[: 2 * LONGEST])
    return line.strip("` \t")[:LONGEST]


def _look(line: str) -> Look:
    if line.startswith("{"):
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):
            said = None
        if isinstance(said, dict):
            inner = next((said[key] for key in ("arguments", "parameters") if key in said), said)
            if found := _called(str(said.get("name", "")), inner):
                return found
    verb = _VERB.match(line)
    kind = SYNONYMS.get(verb[1].lower()) if verb else None
    if verb is None or kind is None:
        if " " not in line and any(sign in line for sign in "/."):
            return _opening(line)  # a path alone
        return Look(Verb.UNCLEAR, line)
    rest = line[verb.end() :].strip()
    if rest.startswith("(") and rest.endswith(")"):
        rest = rest[1:-1].strip()
    if not rest:
        return Look(Verb.UNCLEAR, line)
    return _opening(rest) if kind is Verb.OPEN else Look(kind, _unquoted(rest))


def _opening(words: str) -> Look:
    words = _unquoted(words.strip().removeprefix("[").removesuffix("]"))
    place = _LINES.search(words)
    if place is None or not words[: place.start()].strip():
        return Look(Verb.OPEN, words)
    first = int(place[1])
    return Look(Verb.OPEN, _unquoted(words[: place.start()]), _ordered(first, place[2] or first))


def _called(name: str, arguments: object) -> Look | None:
    """The look of a call with parsed arguments; None where it is no call of ours."""
    verb = SYNONYMS.get(name.lower())
    if verb is None or not isinstance(arguments, dict):
        return None
    what = arguments.get(ARGUMENTS[verb])
    if not isinstance(what, str) or not what.strip():
        return None
    what = " ".join(what.split())[:LONGEST] if verb is not Verb.GREP else what.strip()[:LONGEST]
    if verb is not Verb.OPEN:
        return Look(verb, what)
    first, last = _whole(arguments.get("first")), _whole(arguments.get("last"))
    if first is None and last is None:
        return _opening(what)
    return Look(verb, what, _ordered(first or 1, last or FAR))


def _ordered(first: int, last: int | str) -> tuple[int, int]:
    ends = sorted((max(1, first), max(1, int(last))))
    return ends[0], ends[1]


def _whole(value: object) -> int | None:
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < 10:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _unquoted(words: str) -> str:
    words = words.strip()
    if len(words) > 1 and words[0] in _QUOTES and words[-1] in _QUOTES:
        return words[1:-1].strip()
    return words


def _schema(needed: str, **properties: str) -> str:
    kinds = {name: kind.partition(": ")[::2] for name, kind in properties.items()}
    return json.dumps(
        {
            "type": "object",
            "properties": {
                name: {"type": kind, "description": says} for name, (kind, says) in kinds.items()
            },
            "required": [needed],
        }
    )


TOOLS: Sequence[Tool] = (
    Tool(
        "open",
        "Show lines of a document of the corpus, or what a folder holds.",
        _schema(
            "path",
            path="string: as in the corpus",
            first="integer: first line, from 1",
            last="integer: last line",
        ),
    ),
    Tool(
        "grep",
        "Show the lines of all documents that hold a text.",
        _schema(
            "pattern",
            pattern="string: plain text; a|b finds either, a.*b both in one line in this order",
        ),
    ),
    Tool(
        "outline",
        "Show the definitions or headings of a document with their lines.",
        _schema("path", path="string: as in the corpus"),
    ),
    Tool(
        "search",
        "Show the passages that fit some words best.",
        _schema("words", words="string: words that they may use"),
    ),
)
"""The same as tools that a model may call."""

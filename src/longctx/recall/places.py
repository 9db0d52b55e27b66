"""The places that a question names: lines of stack traces, compilers' messages and diffs.

What may live here: reading such places from text. What must never be known here: the corpus.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST = 100
"""Places that are read; a deep recursion repeats itself."""
_PLACE = re.compile(
    r"File \"(?P<path>[^\"\n]{1,300})\", line (?P<line>\d{1,7})(?:, in (?P<name>\w{1,100}))?"
    r"|^\+\+\+ (?:b/)?(?P<new>[^\s]{1,300})"
    r"|^@@ -\d{1,7}(?:,\d{1,7})? \+(?P<hunk>\d{1,7})(?:,\d{1,7})? @@"
    r"|(?<![\w./\\-])(?P<bare>(?:[\w.-]{1,80}[/\\]){0,20}[\w-]{1,80}\.[A-Za-z]{1,5})"
    r"(?::(?P<at>\d{1,7})|\((?P<paren>\d{1,7})[,)])",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file, as far as the question says."""

    path: str
    """As it stands there, with forward slashes: often absolute, on another machine."""
    line: int
    name: str = ""
    """Of the function."""


def places_in(question: str) -> list[Place]:
    """The distinct places, in order of appearance."""
    found: dict[Place, None] = {}
    changed = ""
    for match in _PLACE.finditer(question):
        if match["new"]:
            changed = match["new"]
        elif match["hunk"]:
            if changed:
                # A hunk begins with three lines that stay.
                found[Place(changed, int(match["hunk"]) + 3)] = None
        else:
            path = (match["path"] or match["bare"]).replace("\\", "/")
            line = int(match["line"] or match["at"] or match["paren"])
            found[Place(path, line, match["name"] or "")] = None
        if len(found) >= MOST:
            break
    return list(found)

"""Parts of documents that do not fit as a whole, chosen for a question and kept for a session.

They stand behind the boundary, so they cost no shared prefix, and later questions append more. Each
part says which lines it is and of which text, so that what was shown can be read back from it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from longctx.render.escaping import attribute, defused
from longctx.render.marks import place_mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from longctx.corpus import Document

Lines = tuple[int, int]
"""First and last line, from 1, inclusive."""

NAMED = 3
"""Copies of a document that are named; of more there is only their number."""

OUTLINE = "[outline]"

_HEAD = re.compile(r'^<part path="[^"\n]*" text="([0-9a-f]{8})"(?: same="[^"\n]*")?>$')
_MARK = re.compile(r"^\[L([0-9]{1,9})-([0-9]{1,9})(?: [^\[\]\n]*)?\]$")


def parts(
    document: Document, lines: Sequence[Lines], outline: str = "", same: Sequence[str] = ()
) -> str:
    """A block with these parts of the document, in order; ends with a line end.

    `outline` (lines that end) says what it defines, `same` names the documents of equal text.
    """
    shown = [f"{OUTLINE}\n{defused(outline)}"] if outline else []
    for first, last in lines:
        span = document.span_of(first, last)
        paged = place_mark(document, span)
        mark = f"L{first}-{last}" + ("" if paged.startswith(":") else paged)
        shown.append(f"[{mark}]\n" + defused(document.slice(span)).strip("\r\n") + "\n")
    head = f'path="{attribute(document.path)}" text="{key_of(document)}"{_copies(same)}'
    return f"<part {head}>\n{''.join(shown)}</part>\n"


def _copies(paths: Sequence[str]) -> str:
    if not paths:
        return ""
    more = f" and {len(paths) - NAMED} more" if len(paths) > NAMED else ""
    return f' same="{", ".join(map(attribute, paths[:NAMED]))}{more}"'


def key_of(document: Document) -> str:
    """What a block calls a text: equal texts have one key, whatever their paths."""
    return document.digest.hex()[:8]


@dataclass(slots=True)
class Seen:
    """What blocks show of one text."""

    lines: list[Lines] = field(default_factory=list)
    outlined: bool = False


def shown_in(texts: Iterable[str]) -> dict[str, Seen]:
    """What blocks show, by `key_of` the document.

    Text inside a block cannot pass for a head or a mark, because it is defused.
    """
    found: dict[str, Seen] = defaultdict(Seen)
    for text in texts:
        key = ""
        for line in text.split("\n"):
            if head := _HEAD.match(line):
                key = head[1]
            elif mark := _MARK.match(line):
                found[key].lines.append((int(mark[1]), int(mark[2])))
            elif line == OUTLINE:
                found[key].outlined = True
    return found

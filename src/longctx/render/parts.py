"""Parts of documents that do not fit as a whole, chosen for a question and kept for a session.

They stand behind the boundary, so they cost no shared prefix, and later questions append more. Each
part says which lines it is and of which text, so that what was shown can be read back from it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from longctx.render.escaping import attribute, defused
from longctx.render.marks import place_mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from longctx.corpus import Document

Lines = tuple[int, int]
"""First and last line, from 1, inclusive."""

_HEAD = re.compile(r'^<part path="([^"\n]*)" text="([0-9a-f]{8})">$')
_MARK = re.compile(r"^\[L([0-9]{1,9})-([0-9]{1,9})(?: [^\[\]\n]*)?\]$")


def parts(document: Document, lines: Sequence[Lines]) -> str:
    """A block with these parts of the document, in order; ends with a line end."""
    path, version = key_of(document)
    shown = []
    for first, last in lines:
        span = document.span_of(first, last)
        paged = place_mark(document, span)
        mark = f"L{first}-{last}" + ("" if paged.startswith(":") else paged)
        shown.append(f"[{mark}]\n" + defused(document.slice(span)).strip("\r\n") + "\n")
    return f'<part path="{path}" text="{version}">\n{"".join(shown)}</part>\n'


def key_of(document: Document) -> tuple[str, str]:
    """What a block calls a document: its path as it is written, and which text of it."""
    return attribute(document.path), document.digest.hex()[:8]


def shown_in(texts: Iterable[str]) -> dict[tuple[str, str], list[Lines]]:
    """The lines that blocks show, by `key_of` the document.

    Text inside a block cannot pass for a head or a mark, because it is defused.
    """
    found: dict[tuple[str, str], list[Lines]] = defaultdict(list)
    for text in texts:
        key = ("", "")
        for line in text.split("\n"):
            if head := _HEAD.match(line):
                key = (head[1], head[2])
            elif mark := _MARK.match(line):
                found[key].append((int(mark[1]), int(mark[2])))
    return found

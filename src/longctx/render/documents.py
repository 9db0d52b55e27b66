"""One document as the model sees it: a tag that names it, its text with coarse line marks, a tag
that closes it by name. The number is the document's place in the corpus; the path is what answers
cite.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx.render.escaping import attribute, defused

if TYPE_CHECKING:
    from longctx.corpus import Document

MARK_EVERY = 25
"""Lines between marks: about 2 % of the tokens, against 17-41 % for a number on each line."""


def head(number: int, path: str) -> str:
    return f'<file id="d{number}" path="{attribute(path)}">\n'


def tail(number: int) -> str:
    return f'</file id="d{number}">\n'


def body(document: Document) -> str:
    """The text, defused, with `[L26]`, `[L51]`, ... on lines of their own before those lines.

    Depends on the text alone, so its ids can be kept by content. Ends with a line end unless the
    text is empty; a text that begins with one gets a mark for line 1 first, which keeps the token
    count of head and body apart exact.
    """
    text = defused(document.text)
    if not text:
        return ""
    if text[0] in "\r\n":
        text = f"[L1]\n{text}"
        first = 0  # line 1 now stands at index 1
    else:
        first = 1
    lines = text.split("\n")
    last = len(lines) - (2 if lines[-1] == "" else 1)
    for place in range(MARK_EVERY + 1 - first, last + 1, MARK_EVERY):
        lines[place] = f"[L{place + first}]\n{lines[place]}"
    if lines[-1]:
        lines.append("")
    return "\n".join(lines)

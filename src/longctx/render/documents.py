"""One document as the model sees it: a tag that names it, its text with coarse marks, a tag that
closes it by name. The number is the document's place in the corpus; the path is what answers
cite.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx.render.escaping import attribute, defused
from longctx.render.marks import marked_lines

if TYPE_CHECKING:
    from longctx.corpus import Document


def head(number: int, path: str) -> str:
    return f'<file id="d{number}" path="{attribute(path)}">\n'


def copy(number: int, path: str, same: str) -> str:
    """A document whose text is that of `same`, which is shown: in place of head, body and tail."""
    return f'<file id="d{number}" path="{attribute(path)}" same="{attribute(same)}"/>\n'


def tail(number: int) -> str:
    return f'</file id="d{number}">\n'


def body(document: Document) -> str:
    """The text, defused, with `[L26]`, `[p. 3]`, ... on lines of their own before what they name.

    Depends on the document's content alone, so its ids can be kept by that. Ends with a line end
    unless the text is empty; a text that begins with one gets a mark for line 1 first, which keeps
    the token count of head and body apart exact.
    """
    text = defused(document.text)
    if not text:
        return ""
    lines = text.split("\n")
    last = len(lines) - (lines[-1] == "")
    begins_with_end = text[0] in "\r\n"
    for line, mark in marked_lines(document, last):
        lines[line - 1] = f"{mark}\n{lines[line - 1]}"
        begins_with_end &= line > 1
    if begins_with_end:
        lines[0] = f"[L1]\n{lines[0]}"
    if lines[-1]:
        lines.append("")
    return "\n".join(lines)

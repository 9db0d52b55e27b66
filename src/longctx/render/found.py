"""What a model is told of reading more, and what it is shown when it asks.

The words are the product's own and the same for everyone; they stand after the boundary, beside the
question, so that a corpus' prefix is the same whether more may be read or not. What is found is
shown in the same parts, marks and escapes as everything else of a document.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx.render.escaping import attribute, defused
from longctx.render.marks import place_mark

if TYPE_CHECKING:
    from longctx.corpus import Document, Span

ASKED = 200
"""Characters of a request that are repeated with what was found."""

WAYS = """\
<more>
open src/auth.py:40-80
grep verify_token
outline src/auth.py
search where sessions expire
</more>
"""

OFFER = """\
If what stands above is not enough, read more of the corpus before you answer, at most {times}. \
For that write nothing but a block like this, one request a line, and stop after it:
{ways}`open` shows lines of a document, or what a folder holds; `grep` the lines of all documents \
that hold a text (a|b: either; a.*b: both in this order); `outline` a document's definitions; \
`search` the passages that fit some words. What is found follows. If you have what you need, answer.
"""

OFFER_OF_TOOLS = """\
If what stands above is not enough, read more of the corpus with the tools before you answer, at \
most {times}. Call them first, without any other words. If you have what you need, answer.
"""

GOING_ON = """\
Read more in the same way (at most {left}), or answer the question above as it asks you to.
"""

ENDING = """\
You cannot read more. Answer the question above now, from the corpus and from what was found: \
first <evidence>, then the answer, each claim followed by its place.
"""


def offer(times: int) -> str:
    """Tells a model that it may ask for more, in a block of plain lines."""
    return OFFER.format(times=_times(times), ways=WAYS)


def offer_of_tools(times: int) -> str:
    """The same where tools are told of beside it."""
    return OFFER_OF_TOOLS.format(times=_times(times))


def going_on(left: int) -> str:
    """What follows the things found, where it may ask `left` times more."""
    return GOING_ON.format(left=_times(left)) if left else ENDING


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def found(asked: str, body: str, note: str = "") -> str:
    """What one request found; `asked` is the model's word, `note` ours."""
    said = attribute(asked[:ASKED])
    noted = f' note="{attribute(note)}"' if note else ""
    return f'<found for="{said}"{noted}>\n{body}</found>\n'


def hit(document: Document, span: Span, text: str) -> str:
    """One line that was looked for, under its place; `text` may be shortened."""
    first, last = document.lines_of(span)
    place = place_mark(document, span)
    if place == f":{first}-{last}" and first == last:
        place = f":{first}"
    return f"[{attribute(document.path)}{place}] {defused(text)}\n"


def listed(path: str, lines: int) -> str:
    """One document of a folder."""
    return f"{attribute(path)} ({lines:,} lines)\n"


def held(folder: str, count: int) -> str:
    """A folder within a folder, and how many documents are below it."""
    return f"{attribute(folder)} ({count:,} document{'' if count == 1 else 's'})\n"


def outlined(document: Document, text: str) -> str:
    """The definitions of a document, each with its line."""
    return f"{attribute(document.path)} ({document.line_count:,} lines)\n{defused(text)}"

"""From a passage of prose to the sentences that answer.

What may live here: where sentences end, and which of them hold most of a question. What must never
be known here: which passages there are, code.
"""

from __future__ import annotations

import re
from math import sqrt
from typing import TYPE_CHECKING

from longctx.corpus import Span

if TYPE_CHECKING:
    from longctx.excerpts.wording import Wording
    from longctx.recall import Passage

SENTENCES = 3
"""Of a passage."""
HEADINGS = 3
"""Headings that may follow each other, and what they announce."""
LONGEST = 900
"""Characters of one sentence: a longer one is cut at semicolons, else between words."""

_END = re.compile(
    r"(?:(?<=[.!?])|(?<=[.!?][\"'”’)\]]))\s+(?=[\"'“‘(\[]{0,3}[^\W_a-z])"
    r"|(?<=[。！？])"
    r"|\n[ \t\r]*\n\s*"
    r"|\n(?=[ \t]*(?:[-*•‣–]|#{1,6}|\d{1,3}[.)]|\([a-z0-9]{1,4}\))[ \t])"
    r"|(?<=[-=~^#*]{3})\n"
)
_SHORTENED = re.compile(
    r"(?:^|[\s(])(?:[A-Za-z]|[ivxIVX]{1,4}|\d{1,3}(?:\.\d{1,3}){0,3}|[Nn]os?|[Ii]nc|[Ll]td|[Cc]orp"
    r"|[Cc]o|[Ss]ecs?|[Aa]rts?|[Pp]ars?|[Pp]p?|vs?|e\.g|i\.e|cf|etc|[Ff]ig|[Mm]rs?|[Dd]rs?|[Ss]t"
    r"|[Jj]r|U\.S|bzw|ca|Abs|Nr|vgl|[zduo]\.[ ]?[BhUa])\.$"
)
_NUMBER = (
    r"(?:(?:ARTICLE|Article|SECTION|Section|§)[ \t]*)?"
    r"(?:[\dIVXLC]{1,5}(?:\.\d{1,3}){0,4}[.)]?\s+)?"
)
_HEADING = re.compile(
    r"\s*(?:#{1,6}[ \t][^\n]*|[^\n]*\n[-=~^\"'*+]{3,}"
    rf"|{_NUMBER}[^\W\d_][^.!?;,:]{{0,100}}[.:]?)\s*"
)
_CUT = re.compile(r"(?<=;)\s+")
LABEL = 120
"""Characters of a heading."""
HEADING = 12
"""Words of one."""
ENDED = 6
"""Words of one that ends as a sentence does."""
BEYOND = 1_500
"""Characters behind a passage in which what follows a heading is looked for."""
USUAL = 200
"""Characters of a sentence."""


def sentences_in(text: str, span: Span) -> list[Span]:
    """The sentences of the span, in order, without the white space between them."""
    found: list[Span] = []
    start = span.start
    for match in _END.finditer(text, span.start, span.end):
        if match.start() <= start or _SHORTENED.search(
            text[max(start, match.start() - 12) : match.start()]
        ):
            continue
        found += _cut(text, start, match.start())
        start = match.end()
    return found + _cut(text, start, span.end)


def _cut(text: str, start: int, end: int) -> list[Span]:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    if end - start <= LONGEST:
        return [Span(start, end)] if start < end else []
    found: list[Span] = []
    while end - start > LONGEST:
        cuts = list(_CUT.finditer(text, start, start + LONGEST))
        place = cuts[-1].start() if cuts else max(text.rfind(" ", start, start + LONGEST), start)
        place = place if place > start else start + LONGEST
        found += _cut(text, start, place)
        start = place
    return found + _cut(text, start, end)


def best_sentences(passage: Passage, wording: Wording) -> list[tuple[float, Span]]:
    """The sentences of the passage that hold most of the question, with what they are worth.

    The best `SENTENCES` first. A heading comes with the sentence after it, which may stand behind
    the passage.
    """
    document, span = passage.document, passage.span
    beyond = Span(span.start, min(len(document.text), span.end + BEYOND))
    found = sentences_in(document.text, beyond)
    rows: list[tuple[float, Span]] = []
    for place, each in enumerate(found):
        if each.start >= span.end:
            break
        last = place
        while last + 1 < min(len(found), place + HEADINGS) and is_heading(
            document.text[found[last].start : found[last].end]
        ):
            last += 1
        whole = Span(each.start, found[last].end)
        rows.append((_value(document.slice(whole), wording) / wording.total, whole))
    rows.sort(key=lambda row: -row[0])
    return [row for row in rows if row[0] > 0][:SENTENCES]


def is_heading(text: str) -> bool:
    """Whether it announces something and says nothing."""
    words = len(text.split())
    few = words <= (ENDED if text.rstrip().endswith(".") else HEADING)
    return few and len(text) <= LABEL and bool(_HEADING.fullmatch(text))


def _value(text: str, wording: Wording) -> float:
    """What a sentence is worth: a long one holds more words by its length alone."""
    return wording.worth(text) / sqrt(1 + len(text) / USUAL)

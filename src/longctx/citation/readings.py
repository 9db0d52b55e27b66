"""The texts that a quote may stand for, before it is compared with a document.

What may live here: what the prompt adds to a document's text and what models add to a quote. What
must never be known here: documents, folding. As written comes first; each later one undoes more.
"""

from __future__ import annotations

import re

ELLIPSIS = re.compile(r"\s*(?:\[\s?(?:\.{3}|…)\s?\]|\(\s?(?:\.{3}|…)\s?\)|\.{3,}|…)\s*")

_LINE_MARK = re.compile(
    r"(?:(?<=\s)|\A)\[(?:L[0-9]{1,9}|p\. [^\[\]\n]{1,90}|(?:slide|row) [0-9][^\[\]\n]{0,90})"
    r"(?: §[^\[\]\n]{1,90})?\](?:\s|\Z)"
)
_ESCAPE = re.compile(r"\\([\"'n`t])")
_ESCAPED = {"n": "\n", "t": "\t"}
_NUMBER = re.compile(r"^[ \t]*[0-9]{1,7}(?:[:|→\t]|[ ]{2})[ \t]?", re.MULTILINE)
_MARKS = '"“”„«»「」`'


def bare(quote: str) -> str:
    """The quote without the prompt's marks and without marks around it."""
    return _LINE_MARK.sub("", quote.strip()).strip().strip(_MARKS).strip()


def readings(quote: str) -> list[str]:
    """The quote as written, then without what was added to it, none twice and none empty."""
    written = quote.strip()
    shown = _LINE_MARK.sub("", written).strip()
    found = [written, shown, bare(quote)]
    if "\\" in shown:
        found.append(_ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), shown).strip())
    if len(_NUMBER.findall(shown)) == sum(map(bool, map(str.strip, shown.split("\n")))):
        found.append(_NUMBER.sub("", shown).strip())
    found += [text[:-1].rstrip() for text in found if text.endswith((",", ".", ";"))]
    return [text for text in dict.fromkeys(found) if text]


def pieces(quote: str) -> list[str]:
    """What is left of a quote between its ellipses."""
    found = (piece.strip() for piece in ELLIPSIS.split(quote))
    return [piece for piece in found if any(map(str.isalnum, piece))]


def substantial(text: str) -> bool:
    """Whether the text says enough to be looked for outside the lines that were given."""
    solid = sum(map(len, text.split()))
    return solid >= 8 and sum(map(str.isalnum, text)) >= 4

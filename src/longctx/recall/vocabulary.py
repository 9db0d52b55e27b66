"""The words of a text, fast: what an index counts, and the parts that a word is found by.

What may live here: cutting bytes into words and words into parts. What must never be known here:
questions, documents, scores. A word is a run of letters, digits, `_` and anything beyond ASCII, as
UTF-8; finer rules wait for `parts`, which sees each different word of a corpus once.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from longctx.recall.terms import SUBWORD, UNSPACED

if TYPE_CHECKING:
    from collections.abc import Collection

_KEPT = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")
_BLANKED = bytes(byte if byte in _KEPT or byte >= 0x80 else 0x20 for byte in range(256))
_DIGIT = re.compile("[0-9]")
LONG_WORD = 256
"""Bytes of an ASCII word that are looked into: beyond stand encoded files."""


def words_of(text: str) -> list[bytes]:
    """The words in order."""
    return text.encode("utf-8", "surrogatepass").translate(_BLANKED).split()


def parts_of(word: bytes) -> Collection[str]:
    """What the word is found by, in lower case: `parseHTTPHeader` by parse, http and header.

    Scripts without spaces are found by pairs of characters.
    """
    if word.islower() and word.isalpha():
        return (word[:LONG_WORD].decode(),)
    if word.isascii():
        text = word[:LONG_WORD].decode()
        if word.islower() and not _DIGIT.search(text):
            return [part for part in dict.fromkeys(text.split("_")) if part]
        return {part.lower() for part in SUBWORD.findall(text)}
    text = word.decode("utf-8", "surrogatepass")
    parts = {part.lower() for part in SUBWORD.findall(text)}
    for part in [part for part in parts if UNSPACED.search(part)]:
        parts.update(part[i : i + 2] for i in range(max(1, len(part) - 1)))
    return parts

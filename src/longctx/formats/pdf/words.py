"""Words that a line's end divides, put together again, and characters that say nothing.

What may live here: letters. What must never be known here: places on a page.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from longctx.formats.pdf.pages import HYPHEN

if TYPE_CHECKING:
    from collections.abc import Iterable

_CONTROL = r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufff0-\ufff8]"
_INSIDE = re.compile(rf"(?<=[^\W\d_]){_CONTROL}+(?=[^\W\d_])")
_OUTSIDE = re.compile(_CONTROL)
_ENDS = re.compile(rf"([^\W_]*)([{HYPHEN}\xad\-‐])$")
_HYPHENS = (HYPHEN, "\xad", "-", "‐")
_HEAD = re.compile(r"[^\W\d_]+")
_ALWAYS = frozenset(
    "all cross ex far full half hard high long low mid non real self semi short third three top two"
    " well wide year time state".split()
)
"""First parts of compounds that are hyphenated wherever they stand, and are no syllables."""


def cleaned(text: str) -> str:
    """A line without control characters; within a word one stands for a letter that is lost."""
    if text.isprintable():
        return text
    text = text.replace("\t", " ")
    return _OUTSIDE.sub("", _INSIDE.sub("\ufffd", text))


def mended(lines: list[str], words: frozenset[str]) -> list[str]:
    """The lines, with the rest of each divided word moved up to its beginning.

    `words`: those of the whole text, to tell a compound from a divided word. A line that is
    emptied stays, so that lines keep their numbers.
    """
    done = list(lines)
    for number in range(len(done) - 1):
        line = done[number]
        if not line.endswith(_HYPHENS):
            continue
        match = _ENDS.search(line, max(0, len(line) - 80))
        if match is None:
            continue
        first, mark = match[1], match[2]
        rest = done[number + 1]
        head = _HEAD.match(rest)
        if head is None or not _goes_on(first, mark, head[0]):
            continue
        word, _, after = rest.partition(" ")
        # The rest of a word ends with a hyphen of its own where that is divided too.
        if not after and word[-1] in (HYPHEN, "\xad"):
            continue
        hyphen = "" if _one_word(first, head[0], mark, words) else "-"
        done[number] = line[: match.start(2)] + hyphen + word
        done[number + 1] = after
    return [line.replace(HYPHEN, "-") if line.endswith(HYPHEN) else line for line in done]


def _goes_on(first: str, mark: str, second: str) -> bool:
    """Whether the next line surely begins with the rest of the word."""
    if mark in (HYPHEN, "\xad"):
        return True
    return bool(first) and first[-1].isalpha() and second[0].islower()


def _one_word(first: str, second: str, mark: str, words: frozenset[str]) -> bool:
    """Whether the hyphen is there for the line's end only."""
    if mark == "\xad":
        return True
    if not second[0].islower() or not first or not first[-1].islower():
        return False
    if first + second in words or (first + second).lower() in words:
        return True
    if f"{first}-{second}" in words:
        return False
    return first.lower() not in _ALWAYS


def divided(lines: Iterable[str]) -> bool:
    """Whether any line may end within a word."""
    return any(line.endswith(_HYPHENS) for line in lines)

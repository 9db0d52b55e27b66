"""Where a path may begin in a sentence, and what looks like one.

What may live here: brackets, borders, looks. What must never be known here: the corpus. These rules
keep a known path from being seen inside an unknown one: `other/auth.py` never reads as `auth.py`.
"""

from __future__ import annotations

import re

JOINT = re.compile(r"[`*]{0,3}\s{0,8}(?:[;,&|]|and\b)\s{0,8}[`*]{0,3}")
"""Between two places in one bracket."""

_BORDER = re.compile(r"[\s\[(`<\"'“*;,（【|>]")
_BRACKET = re.compile(r"[\[\]()`（）【】]")
_CLOSING = {")": "(", "]": "[", "）": "（", "】": "【", "`": "`"}
_PATH = re.compile(r"[^\s:*?\"<>|]*(?:/[^\s/:*?\"<>|]+|[\w)\]-]\.[A-Za-z]\w{0,9})")
_HOST = re.compile(r"[\w.-]+\.(?:com|org|net|io|dev|local|internal|localhost)", re.IGNORECASE)
_NAME = re.compile(r"[^\W\d]\S+")
_ENDING = ".,;:!?)]）】"
MOST_STARTS = 32
"""Starts tried before the lines, besides the first: no path has more spaces and brackets."""


def starts(text: str, begin: int, end: int) -> list[int]:
    """Where a path that ends at `end` may begin, the longest first."""
    found = [border.end() for border in _BORDER.finditer(text, begin, end)]
    return [begin, *found[-MOST_STARTS:]]


def begins_fresh(text: str, begin: int, start: int) -> bool:
    """Whether a path may begin here: what stands right before is not the path's own beginning."""
    before = text[max(begin, start - 200) : start]
    word = before.rstrip("[(`<\"'“*（【|>")
    if not word or (word[-1].isspace() and len(word) < len(before)) or word[-1] in _ENDING:
        return True
    words = word.split()
    return not words or ("/" not in words[-1] and "\\" not in words[-1])


def opened(text: str, begin: int, end: int) -> list[int]:
    """Where the brackets and backticks begin (after the mark) that `end` stands in, outer first."""
    stack: list[tuple[str, int]] = []
    for mark in _BRACKET.finditer(text, begin, end):
        pair = _CLOSING.get(mark[0])
        if pair and stack and stack[-1][0] == pair:
            stack.pop()
        elif mark[0] in "[(`（【":
            stack.append((mark[0], mark.end()))
    return [place for _, place in stack]


def path_like(name: str) -> bool:
    """Whether a person would read it as a path: a folder or an extension, and no host."""
    return _PATH.fullmatch(name) is not None and not _HOST.fullmatch(name)


def place_like(text: str, start: int, name: str) -> bool:
    """Whether `[name:12]` is a citation by its brackets alone; `items[first:12]` is code."""
    if start < 1 or text[start - 1] not in "[【;,& " or "://" in name or _HOST.fullmatch(name):
        return False
    indexed = start >= 2 and (text[start - 2].isalnum() or text[start - 2] in "_)]")
    return _NAME.fullmatch(name) is not None and not indexed

"""The first line that a docstring or a comment says about what it stands at.

What may live here: how comments are marked in any language. What must never be known here: trees,
documents.
"""

from __future__ import annotations

import re

LONGEST = 100
"""Characters of a summary."""
_READ = 600
"""Characters of a comment that are looked at."""

_OPENING = re.compile(r"^[ \t]*(?:/\*+!?|\*+/?|//[/!]*|#+!?|--+|;+|=begin)[ \t]?")
_TAGS = re.compile(r"</?\w[^<>]{0,60}/?>")
_QUOTES = re.compile(r"^[rRbBuUfF]{0,2}(\"\"\"|'''|\"|')")
_SPACE = re.compile(r"\s+")


def of_comment(text: str) -> str:
    """Its first line that has a word in it."""
    for line in text[:_READ].split("\n"):
        said = _OPENING.sub("", line).strip().removesuffix("*/").strip()
        said = _TAGS.sub("", said).strip() if "<" in said else said
        if any(character.isalnum() for character in said) and not said.startswith(("!", "@")):
            return _cut(said)
    return ""


def of_docstring(text: str) -> str:
    match = _QUOTES.match(text)
    if match is None:
        return ""
    inner = text[match.end() : _READ]
    inner = inner.split(match[1], 1)[0]
    return next((_cut(line.strip()) for line in inner.split("\n") if line.strip()), "")


def _cut(line: str) -> str:
    line = _SPACE.sub(" ", line)
    return line if len(line) <= LONGEST else line[: LONGEST - 1].rstrip() + "…"

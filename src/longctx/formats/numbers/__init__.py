"""Numbers of paragraphs: what a word processor prints before them, and what that makes them.

What must never be known here: files and their formats, and the text of paragraphs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

COUNT = re.compile(r"%([1-9])")
"""In a pattern, the place of a level's count (from 1)."""


@dataclass(frozen=True, slots=True)
class Number:
    """The number of one paragraph."""

    text: str
    """As displayed: `12.3`, `(b)`, `Article IV`; `-` for bullets, empty where nothing shows."""
    joint: str
    """What is between it and the text."""
    list: str
    """What it counts in: equal for all paragraphs that count together."""
    level: int
    format: str
    pattern: str
    """The level's text, with its placeholders."""

    @property
    def is_bullet(self) -> bool:
        return self.format == "bullet"

    @property
    def is_whole(self) -> bool:
        """Whether the text has the counts of levels above in it."""
        return any(int(each) <= self.level for each in COUNT.findall(self.pattern))

"""Texts made comparable: white space and typography folded away, every place kept.

What may live here: what counts as the same text. What must never be known here: citations,
verdicts, near matches. Texts that fold plainly alike are the same words in the same order; where
they fold loosely alike, `sameness` tells.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from enum import Enum, auto

from longctx.corpus import Span

_ALIKE = {
    **dict.fromkeys(
        "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u00a0\u1680\u2028\u2029\u202f\u205f\u3000", " "
    ),
    **dict.fromkeys(map(chr, range(0x2000, 0x200B)), " "),
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
}
"""One character for another: no place moves."""
_LONGER = {
    "\ufb00": "ff",
    "\ufb01": "fi",
    "\ufb02": "fl",
    "\ufb03": "ffi",
    "\ufb04": "ffl",
    "\ufb05": "st",
    "\ufb06": "st",
    "\u2026": "...",
}
_UNSEEN = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
# Each branch begins with a character, so that the regex engine can skip ordinary text.
_RUNS = rf" [ {_UNSEEN}]+|[{_UNSEEN}][ {_UNSEEN}]*|[{''.join(_LONGER)}]"
_PLAIN = re.compile(_RUNS)
_SLASHES = r"(?P<marked>[<\[｜])\\+"
# A hyphen between letters, whether or not a line ends behind it; a soft one only if it does.
_HYPHEN = r"(?P<hyphen>(?:-|\u00ad(?= ))(?<=[^\W\d_].) *(?=[^\W\d_]))"
LOOSE = re.compile(rf"{_SLASHES}|{_HYPHEN}|{_RUNS}")


class Way(Enum):
    """How far a text is folded."""

    PLAIN = auto()
    """White space and typography."""
    LOOSE = auto()
    """Also without hyphens between letters and without backslashes after `<`, `[` and `｜`, so that
    words cut at a line's end and defused text are found; what is found must then be the `same`."""


@dataclass(frozen=True)
class Folded:
    """A folded text that knows where each of its characters stood."""

    text: str
    starts: tuple[int, ...]
    """Where stretches begin in the folded text; each is a copy or a replacement."""
    origins: tuple[int, ...]
    """Where the same stretches begin in the original."""
    ends: tuple[int, ...]
    """Where a replaced stretch ends in the original; -1 for a copy."""

    def span(self, start: int, end: int) -> Span:
        """The original characters of the folded ones `start <= i < end` (at least one)."""
        first, last = bisect_right(self.starts, start) - 1, bisect_right(self.starts, end - 1) - 1
        begin = self.origins[first]
        if self.ends[first] < 0:
            begin += start - self.starts[first]
        stop = self.ends[last]
        return Span(begin, self.origins[last] + end - self.starts[last] if stop < 0 else stop)

    def place(self, origin: int) -> int:
        """The folded place of an original one: of the next character that is left, if it went."""
        stretch = bisect_right(self.origins, origin) - 1
        if stretch < 0:
            return 0
        limit = self.starts[stretch + 1] if stretch + 1 < len(self.starts) else len(self.text)
        if self.ends[stretch] >= 0:
            return self.starts[stretch] if origin == self.origins[stretch] else limit
        return min(self.starts[stretch] + origin - self.origins[stretch], limit)


def fold(text: str, way: Way = Way.PLAIN) -> Folded:
    """The text with each run of white space as one space, and one form for each letter or mark."""
    pattern = _PLAIN if way is Way.PLAIN else LOOSE
    text = level(text)
    parts: list[str] = []
    starts: list[int] = []
    origins: list[int] = []
    ends: list[int] = []
    done = length = 0
    for match in pattern.finditer(text):
        begin, end = match.span()
        if begin > done:
            parts.append(text[done:begin])
            starts.append(length)
            origins.append(done)
            ends.append(-1)
            length += begin - done
        if new := replacement(match):
            parts.append(new)
            starts.append(length)
            origins.append(begin)
            ends.append(end)
            length += len(new)
        done = end
    if done < len(text) or not starts:
        parts.append(text[done:])
        starts.append(length)
        origins.append(done)
        ends.append(-1)
    return Folded("".join(parts), tuple(starts), tuple(origins), tuple(ends))


def level(text: str) -> str:
    """The text with one character for all that are alike; of the same length."""
    for one, other in _ALIKE.items():
        if one in text:
            text = text.replace(one, other)
    return text


def replacement(match: re.Match[str]) -> str:
    if match.lastgroup:
        return match["marked"] or ""
    return _LONGER.get(match[0]) or (" " if " " in match[0] else "")

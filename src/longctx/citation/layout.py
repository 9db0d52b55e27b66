"""Where an answer's blocks stand: fences, block quotes, the evidence.

What may live here: Markdown's blocks, read liberally. What must never be known here: citations,
documents. Blocks are found in one pass over the lines.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from longctx.corpus import Span

_FENCE = re.compile(r"[ \t]*(?:(?:[-*+>]|[0-9]{1,4}[.)])[ \t]+)?(`{3,}|~{3,})([^\n]*)")
_QUOTED = re.compile(r"[ \t]{0,8}>")
_PREFIX = re.compile(r"^[ \t]{0,8}>[ \t]?", re.MULTILINE)
_TAG = re.compile(r"<(/?)evidence\b[^<>\n]{0,80}>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines of an answer, and the part of them that is somebody else's text."""

    start: int
    end: int
    body: Span


@dataclass
class Blocks:
    """Blocks of one kind, in order, none within another."""

    blocks: list[Block] = field(default_factory=list)
    _starts: list[int] = field(default_factory=list)

    def add(self, block: Block) -> None:
        self.blocks.append(block)
        self._starts.append(block.start)

    def at(self, place: int) -> Block | None:
        """The block that holds this character."""
        found = bisect_right(self._starts, place) - 1
        return self.blocks[found] if found >= 0 and place < self.blocks[found].end else None


@dataclass(frozen=True)
class Layout:
    """An answer and its blocks."""

    text: str
    fences: Blocks
    quotes: Blocks
    evidence: Blocks

    def line_start(self, place: int, reach: int = 4_096) -> int:
        """Where the line of `place` begins; no further back than `reach`."""
        floor = max(0, place - reach)
        return max(floor, self.text.rfind("\n", floor, place) + 1)

    def line_end(self, place: int) -> int:
        end = self.text.find("\n", place)
        return len(self.text) if end < 0 else end

    def unprefixed(self, text: str) -> str:
        """Lines of a block quote without the `>` before them."""
        return _PREFIX.sub("", text)


def layout(text: str) -> Layout:
    """The blocks of an answer; a fence that is never closed runs to the end."""
    fences, quotes = Blocks(), Blocks()
    opened: tuple[int, int, str] | None = None
    quoted: tuple[int, int] | None = None
    start = 0
    while start < len(text):
        stop = text.find("\n", start) + 1 or len(text)
        mark = _FENCE.match(text, start, stop)
        if opened:
            if mark and mark[1].startswith(opened[2]) and not mark[2].strip(' \t\r\n"”'):
                fences.add(Block(opened[0], stop, Span(opened[1], start)))
                opened = None
        elif mark and _opens(mark):
            opened = (start, stop, mark[1])
        if not opened and not mark and _QUOTED.match(text, start, stop):
            quoted = (quoted[0] if quoted else start, stop)
        elif quoted:
            quotes.add(Block(*quoted, Span(*quoted)))
            quoted = None
        start = stop
    if opened:
        fences.add(Block(opened[0], len(text), Span(opened[1], len(text))))
    if quoted:
        quotes.add(Block(*quoted, Span(*quoted)))
    return Layout(text, fences, quotes, _evidence(text, fences))


def _opens(mark: re.Match[str]) -> bool:
    """Whether a line of fence marks opens a block; it may also end a quote: ```" does."""
    return mark[1][0] not in mark[2] and mark[2].count('"') % 2 == 0


def _evidence(text: str, fences: Blocks) -> Blocks:
    found = Blocks()
    opened: int | None = None
    # A tag among other words may be quoted; one on a line of its own counts more.
    strict = any(tag[1] and _own_line(text, tag) for tag in _TAG.finditer(text))
    for tag in _TAG.finditer(text):
        if tag[1] and strict and not _own_line(text, tag):
            continue
        inside = fences.at(tag.start())
        if inside and opened is not None and inside.start > opened:
            continue  # a fence within the evidence: the tag is quoted text
        if not tag[1] and opened is None:
            opened = tag.end()
        elif tag[1] and opened is not None:
            found.add(Block(opened, tag.start(), Span(opened, tag.start())))
            opened = None
    if opened is not None:  # never closed: surely up to the first empty line, if any follows
        end = text.find("\n\n", opened + 2)
        end = len(text) if end < 0 else end
        found.add(Block(opened, end, Span(opened, end)))
    return found


def _own_line(text: str, tag: re.Match[str]) -> bool:
    before, after = text[max(0, tag.start() - 80) : tag.start()], text[tag.end() : tag.end() + 80]
    return not before.rpartition("\n")[2].strip() and not after.partition("\n")[0].strip()

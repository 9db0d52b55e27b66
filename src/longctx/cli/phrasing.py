"""Ages, sizes, places and long texts in the few characters that a line has for them.

Pure. What comes in may be hostile; what goes out is one line that cannot drive a terminal.
"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import combining, east_asian_width

from longctx.cli.narration import plain

if TYPE_CHECKING:
    from longctx.citation import Citation

MINUTE, HOUR, DAY = 60, 3_600, 86_400
CUT = "…"
WHERE = 60
"""Columns of a place that stands behind its lines."""


def columns() -> int:
    """How wide the terminal is; 80 where there is none."""
    return max(40, shutil.get_terminal_size().columns)


def age(moment: str, now: float) -> str:
    """How long ago a moment (ISO 8601) was, or its day where that says more."""
    then = datetime.fromisoformat(moment)
    seconds = now - then.timestamp()
    if seconds < MINUTE:
        return "just now"
    if seconds < HOUR:
        return f"{seconds // MINUTE:.0f} min ago"
    if seconds < DAY:
        return f"{seconds // HOUR:.0f} h ago"
    if seconds < 2 * DAY:
        return "yesterday"
    if seconds < 30 * DAY:
        return f"{seconds // DAY:.0f} days ago"
    return then.date().isoformat()


def day(moment: str) -> str:
    """Date and time of a moment (ISO 8601) to the minute, UTC."""
    return datetime.fromisoformat(moment).astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def size(count: int) -> str:
    """Bytes as a person says them."""
    if count < 1e5:
        return f"{count / 1e3:,.1f} kB" if count else "nothing"
    return f"{count / 1e6:,.1f} MB"


def counted(count: int, noun: str) -> str:
    many = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count:,} {noun if count == 1 else many}"


def place(source: str) -> str:
    """A source as short as it can be said here."""
    path, home = Path(source), Path.home()
    if not path.is_absolute():
        return one_line(source)
    here = Path.cwd().resolve()
    if path.is_relative_to(here):
        return one_line(f"./{path.relative_to(here)}" if path != here else ".")
    return one_line(f"~/{path.relative_to(home)}" if path.is_relative_to(home) else source)


def cited_at(citation: Citation) -> str:
    """What follows the path of a citation: ` p. 14, § 12.3(b)`, `:42-57` or, where lines of a
    document of pages or clauses were cited, both; the true place where it is known."""
    if not citation.by_lines and (citation.where or citation.lines is None):
        return f" {one_line(citation.where or citation.said)}"
    lines = citation.lines or citation.claimed
    also = f" ({shortened(citation.where, WHERE)})" if citation.where else ""
    return "" if lines is None else f":{lines_of(lines)}{also}"


def lines_of(lines: tuple[int, int]) -> str:
    first, last = lines
    return f"{first}-{last}" if last > first else str(first)


def one_line(text: str) -> str:
    return " ".join(plain(text).split())


def shortened(text: str, room: int) -> str:
    """The text on one line of at most `room` columns."""
    line = one_line(text)
    if width(line) <= room:
        return line
    used, kept = width(CUT), ""
    for sign in line:
        used += width(sign)
        if used > room:
            break
        kept += sign
    return kept.rstrip() + CUT


def shortened_end(head: str, rest: str, room: int) -> str:
    """A line of at most `room` columns, of which only the end is shortened."""
    return (head + shortened(rest, max(8, room - width(head)))).rstrip()


def padded(text: str, room: int) -> str:
    return text + " " * (room - width(text))


def width(text: str) -> int:
    """Columns that a terminal gives the text."""
    return sum(
        0 if combining(sign) else 2 if east_asian_width(sign) in "WF" else 1 for sign in text
    )

"""Times in plain transcripts: who said what when, as meeting and dictation tools write it.

`[00:12:31] Jane: ...`, `00:12:31 Jane: ...`, `(12:31) ...`, `Jane Doe  0:12` on a line of its own.
Logs have times as well, so a text counts as a transcript only where its lines surely are speech.
"""

from __future__ import annotations

import re
from itertools import pairwise

from longctx.corpus import Anchor

FEWEST = 4
"""Times that a transcript has at least."""
_SPARSEST = 0.1
"""Times for each line that is not blank."""
_ORDERED = 0.95
"""Share of times that are no earlier than the one before."""

_TIME = r"(?:\d{1,2}:)?\d{1,2}:[0-5]\d(?:[.,]\d{1,3})?"
_BRACKETED = re.compile(
    rf"[ \t]*(?:[-*>][ \t]+)?[\[(]({_TIME})(?:[ \t]*(?:-->?|–|-)[ \t]*{_TIME})?[\])]"
)
_BARE = re.compile(rf"[ \t]*({_TIME})(?:[ \t]*(?:-->?|–)[ \t]*{_TIME})?(?=[ \t]|$)")
_AFTER = re.compile(
    rf"[ \t]*[^\W\d_][\w.'’ -]{{0,60}}?:?[ \t]+[\[(]?({_TIME})[\])]?[ \t]*(?::[ \t]|:?$)"
)
_SPEAKER = re.compile(
    r"[ \t]*[-–:|]?[ \t]*"
    r"(?:[^\W\d_][\w.'’-]{0,30}(?: [\w.'’#-]{1,30}){0,3}:(?:\s|$)|<[^<>\s]{1,40}>)"
)
_MACHINE = re.compile(
    r"\b(?:INFO|DEBUG|WARN(?:ING)?|ERROR|TRACE|FATAL|CRITICAL|NOTICE)\b|\b(?:GET|POST|PUT) /"
    r"|\[\w[\w.-]*(?:/\w+)?\]|\w=\S|0x[0-9a-f]+|\bat \w+\.\w+",
)
_LONGEST = 400
"""Characters of a line that are looked at."""


def timestamps_in(text: str) -> tuple[Anchor, ...]:
    """A `timestamp` for every line that begins at a time; nothing unless the text is surely a
    transcript. Labels are as printed."""
    found: list[tuple[int, str]] = []
    lines = spoken = machine = plain = 0
    place = 0
    for line in text.split("\n"):
        head = line[:_LONGEST]
        if head.strip():
            lines += 1
            stamp = _BRACKETED.match(head) or _BARE.match(head)
            if stamp is not None:
                rest = head[stamp.end() :]
                found.append((place, stamp[1]))
                spoken += bool(_SPEAKER.match(rest))
                plain += head.lstrip()[0] not in "[(" and stamp[1].count(":") < 2
                machine += bool(_MACHINE.search(rest))
            elif (after := _AFTER.match(head.rstrip())) is not None:
                found.append((place, after[1]))
                spoken += 1
        place += len(line) + 1
    # Bare hours and minutes may as well be an agenda.
    silent = 4 * spoken < len(found)
    if silent and (machine or plain or len(found) < 0.3 * lines):
        return ()
    if 5 * machine > len(found) or not _is_ordered(found, lines):
        return ()
    return tuple(Anchor(start, "timestamp", label) for start, label in found)


def _is_ordered(found: list[tuple[int, str]], lines: int) -> bool:
    """Whether there are times enough, and time passes."""
    if len(found) < FEWEST or len(found) < _SPARSEST * lines:
        return False
    times = [_seconds(label) for _, label in found]
    rising = sum(before <= time for before, time in pairwise(times))
    return rising >= _ORDERED * (len(times) - 1) and times[0] < times[-1]


def _seconds(label: str) -> float:
    total = 0.0
    for part in label.replace(",", ".").split(":"):
        total = total * 60 + float(part)
    return total

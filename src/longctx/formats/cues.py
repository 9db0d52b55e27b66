"""What subtitles say, joined: cues of seconds become lines of sentences.

Pure values in and out. What must never be known here: how a file writes cues.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LONG = 400
"""Characters after which a line ends with its sentence: some 100 tokens against 8 for a time."""
LONGEST = 900
"""Characters after which it ends anyway."""
PAUSE = 4.0
"""Seconds without a cue that end a line whose sentence is complete; four times as many end any."""
_ENDS = frozenset(".!?…。！？♪)]")
_CLOSING = "\"'”’»)"
_ROLLING = 0.25
"""Share of cues that begin with the last line of the one before, from which it is a habit."""


@dataclass(frozen=True, slots=True)
class Cue:
    """What one speaker says in one cue."""

    start: float
    """Seconds."""
    end: float
    speaker: str
    """Empty where it is not said."""
    lines: tuple[str, ...]
    begins: bool = False
    """Whether a change of speaker is marked, named or not."""

    @property
    def text(self) -> str:
        return " ".join(self.lines)


def unrolled(cues: list[Cue]) -> list[Cue]:
    """Without what captions repeat because they roll: each line is said once."""
    habit = len(cues) > 8 and (
        sum(_overlap(before.lines, cue.lines) > 0 for before, cue in pairwise(cues))
        > _ROLLING * len(cues)
    )
    kept: list[Cue] = []
    before: Cue | None = None
    for cue in cues:
        lines = cue.lines
        if before is not None:
            if lines == before.lines and cue.start == before.start:
                continue
            if habit and cue.start <= before.end + 1:
                lines = lines[_overlap(before.lines, lines) :]
                if lines and before.lines and lines[0].startswith(before.lines[-1] + " "):
                    grown = lines[0][len(before.lines[-1]) + 1 :]
                    lines = (grown, *lines[1:])
        before = cue
        if lines:
            kept.append(replace(cue, lines=lines))
    return kept


def _overlap(before: tuple[str, ...], lines: tuple[str, ...]) -> int:
    """How many lines at the end of one are those at the beginning of the other."""
    for count in range(min(len(before), len(lines)), 0, -1):
        if before[-count:] == lines[:count]:
            return count
    return 0


def merged(cues: Iterable[Cue]) -> Iterator[Cue]:
    """Cues joined where one goes on with what another began; each has one line of text."""
    held: list[str] = []
    first: Cue | None = None
    length, end = 0, 0.0
    for cue in cues:
        if first is not None and _goes_on(first, cue, held[-1], length, end):
            held += cue.lines
        else:
            if first is not None:
                yield replace(first, end=end, lines=(" ".join(held),))
            first, held, length = cue, list(cue.lines), 0
        length += len(cue.text) + 1
        end = cue.end
    if first is not None:
        yield replace(first, end=end, lines=(" ".join(held),))


def _goes_on(first: Cue, cue: Cue, last: str, length: int, end: float) -> bool:
    if cue.begins or length > LONGEST or (cue.speaker and cue.speaker != first.speaker):
        return False
    pause = cue.start - end
    if pause > 4 * PAUSE or pause < -60:
        return False
    complete = last.rstrip(_CLOSING)[-1:] in _ENDS or last[-1:] in _ENDS
    return not (complete and (length > LONG or pause > PAUSE))

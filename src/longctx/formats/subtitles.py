"""Subtitles (SubRip and WebVTT): what is said, by whom and when, without the rhythm of a screen.

Cues become lines of some sentences. See https://www.w3.org/TR/webvtt1/ for WebVTT; SubRip has no
specification beyond what players accept.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from longctx.formats import Extract, NotThis
from longctx.formats.charsets import decoded
from longctx.formats.composing import Composition
from longctx.formats.cues import Cue, merged, unrolled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longctx.formats import Material, Options, Report

_TIME = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})"
_TIMING = re.compile(rf"\s*{_TIME}\s*-{{1,2}}>\s*{_TIME}(?:\s.*)?")
_NUMBER = re.compile(r"\s*\d{1,9}\s*")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>|<[\d:.]{5,16}>|\{\\[^{}]{0,200}\}")
_VOICE = re.compile(r"<v(?:\.[^\s<>]{0,100})?\s+([^<>]{1,100})>", re.I)
_SPEAKER = re.compile(
    r"(?:>>\s*)?[\[(]?([A-ZÀ-Þ][\w.'’-]{0,30}(?: [A-ZÀ-Þ0-9#][\w.'’-]{0,30}){0,3}"
    r"|[A-ZÀ-Þ][A-ZÀ-Þ0-9 .'’#-]{1,40})[\])]?:\s+(?=\S)"
)
_DASH = re.compile(r"[-–—]\s?(?=\S)")
_TURN = re.compile(r">>+\s*")


class _Subtitles:
    def read(self, file: Material, options: Options, report: Report) -> Extract:
        lines = decoded(file.data).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        web = lines[0].startswith("WEBVTT")
        cues = list(_web_cues(lines) if web else _cues(lines))
        if not cues:
            raise NotThis
        out = Composition()
        for cue in merged(unrolled(cues)):
            turn = "- " if cue.begins else ""
            said = f"{cue.speaker}: {cue.text}" if cue.speaker else f"{turn}{cue.text}"
            out.anchor("timestamp", clock(cue.start))
            out.line(f"[{clock(cue.start)}] {said}")
        if not out.length:
            raise NotThis
        return Extract(out.text, tuple(out.anchors))


def clock(seconds: float) -> str:
    """`00:12:31`."""
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"


def _cues(lines: list[str]) -> Iterator[Cue]:
    """SubRip: a cue reaches to the next line with times, whatever blank lines it holds."""
    timing: re.Match[str] | None = None
    held: list[str] = []
    for line in lines:
        found = _TIMING.fullmatch(line) if "->" in line else None
        if found is None:
            held.append(line)
            continue
        if held and _NUMBER.fullmatch(held[-1]):
            held.pop()
        if timing is not None:
            yield from _spoken(timing, held)
        timing, held = found, []
    if timing is not None:
        yield from _spoken(timing, held)


def _web_cues(lines: list[str]) -> Iterator[Cue]:
    """WebVTT: a blank line ends a cue; blocks without times are comments and styles."""
    timing: re.Match[str] | None = None
    held: list[str] = []
    for line in [*lines, ""]:
        found = _TIMING.fullmatch(line) if "->" in line else None
        if found is not None or not line.strip():
            if timing is not None:
                yield from _spoken(timing, held)
            timing, held = found, []
        elif timing is not None:
            held.append(line)


def _spoken(timing: re.Match[str], lines: list[str]) -> Iterator[Cue]:
    """What one cue says: one piece for each who speaks in it."""
    start, end = _seconds(timing, 1), _seconds(timing, 5)
    speaker, said = "", list[str]()
    for raw in lines:
        voice = _VOICE.search(raw)
        line = " ".join(unescape(_TAG.sub("", raw)).replace("\u200b", "").split())
        named = voice[1].strip() if voice else ""
        turn = _TURN.match(line)
        if turn:
            line = line[turn.end() :]
        if spoken := _SPEAKER.match(line):
            named, line = named or spoken[1].strip(), line[spoken.end() :]
        dash = _DASH.match(line)
        if dash and len(lines) > 1:
            line = line[dash.end() :]
        if not line:
            continue
        if named or turn or (dash and len(lines) > 1):
            if said:
                yield Cue(start, end, speaker, tuple(said))
            speaker, said = named, []
            if turn or dash:
                yield Cue(start, end, speaker, (line,), begins=True)
                speaker = named
                continue
        said.append(line)
    if said:
        yield Cue(start, end, speaker, tuple(said))


def _seconds(timing: re.Match[str], at: int) -> float:
    hours, minutes, seconds, rest = timing.group(at, at + 1, at + 2, at + 3)
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{rest}")


SUBTITLES = _Subtitles()

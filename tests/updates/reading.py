"""A reader of updates that knows only what the model is told about them.

Written apart from the code that makes them: it parses the text of updates and applies them to the
texts that it was shown before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from longctx.render.escaping import restored

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TAG = re.compile(
    r'<update id="d(?P<id>\d+)" path="(?P<path>[^"<>]*)"(?: was="(?P<was>[^"<>]*)")?'
    r'(?: is="(?P<kind>new|whole|deleted|changed|unseen)")?(?P<single>/)?>'
)
MARK = re.compile(r"\[L\d+\]")
RANGES = re.compile(r"@@ -(\d+),(\d+) \+(\d+),(\d+) @@")
UNKNOWN = "not known\n"
"""Stands for a text that the model was only told of."""

NO_END = "\\ No newline at end of file"


@dataclass
class Reader:
    """The documents by number: path and text."""

    documents: dict[int, tuple[str, str]] = field(default_factory=dict)
    taken: set[int] = field(default_factory=set)
    """Every number that was ever shown."""

    def read(self, update: str) -> None:
        lines = iter(update.split("\n"))
        for line in lines:
            if line:
                self._block(line, lines)
            else:
                assert next(lines, None) is None  # the update ended with a line end

    def texts(self) -> dict[str, str]:
        by_path = dict(self.documents.values())
        assert len(by_path) == len(self.documents)
        return by_path

    def _block(self, line: str, lines: Iterator[str]) -> None:
        tag = TAG.fullmatch(line)
        assert tag, line
        number, path = int(tag["id"]), unescaped(tag["path"])
        inside = [] if tag["single"] else list(until(f'</update id="d{number}">', lines))
        if tag["kind"] in ("new", "unseen"):
            assert number not in self.taken
            self.taken.add(number)
            self.documents[number] = (path, whole(inside) if tag["kind"] == "new" else UNKNOWN)
            return
        known, text = self.documents.pop(number)
        assert known == (path if tag["was"] is None else unescaped(tag["was"]))
        if tag["kind"] == "deleted":
            return
        if tag["kind"] == "whole":
            text = whole(inside)
        elif tag["kind"] == "changed":
            text = UNKNOWN
        elif inside:
            text = applied([restored(line) for line in inside], text)
        self.documents[number] = (path, text)


def until(end: str, lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if line == end:
            return
        yield line
    raise AssertionError(f"no {end}")


def unescaped(value: str) -> str:
    return re.sub(r"&#(\d+);", lambda match: chr(int(match[1])), value)


def whole(lines: Sequence[str]) -> str:
    """A document's text, with a line end where it had none: the prompt does not tell."""
    return restored("".join(f"{line}\n" for line in lines if not MARK.fullmatch(line)))


def applied(hunks: Sequence[str], before: str) -> str:
    """The text after a unified diff; every line that it names has to be there."""
    old = before.split("\n")
    old = [f"{line}\n" for line in old[:-1]] + ([old[-1]] if old[-1] else [])
    new: list[str] = []
    at = place = 0
    while place < len(hunks):
        ranges = RANGES.fullmatch(hunks[place])
        assert ranges, hunks[place]
        a, gone, c, come = map(int, ranges.groups())
        place += 1
        start = a - 1 if gone else a
        assert start >= at
        new += old[at:start]
        assert len(new) == (c - 1 if come else c)
        at = start
        while gone or come:
            mark, line = hunks[place][:1], hunks[place][1:] + "\n"
            place += 1
            if place < len(hunks) and hunks[place] == NO_END:
                line = line[:-1]
                place += 1
            assert mark in (" ", "-", "+")
            if mark != "+":
                assert old[at] == line
                at, gone = at + 1, gone - 1
            if mark != "-":
                new.append(line)
                come -= 1
    return "".join(new + old[at:])

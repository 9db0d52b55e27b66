"""What a best-effort cache of whole beginnings should hold of what was sent: DeepSeek's API.

Pure but for the clock and the log it is handed. What must never be known here: servers, stores,
texts. The rules (DeepSeek's guide on context caching, read 2026-11-15): the end of each prompt and
the end of each answer are units, and so is what several prompts turned out to begin with; a request
hits only units that it contains whole. There are units at fixed distances too, which nobody has
said the length of; and all of it is "best effort". So this predicts no more than the rules promise,
in whole segments of prompts, and the server may report more.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from longctx.prompt import Prompt, Segment
    from longctx.session.forecasts import Log

KEPT = 4 * 3_600.0
"""Seconds after which a unit is not counted on: the guide says "a few hours to a few days"."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """A prompt's first segments."""

    digest: str
    tokens: int


def beginnings_of(prompt: Prompt) -> tuple[Beginning, ...]:
    """Everything that a prompt begins with, segment by segment, the shortest first."""
    tokens = 0
    found = []
    for segment, digest in zip(prompt.segments, prompt.digests, strict=True):
        tokens += segment.tokens or 0
        found.append(Beginning(digest.hex(), tokens))
    return tuple(found)


def answered_with(end: Beginning, answer: Segment) -> Beginning:
    """The prompt that ended there, with its answer."""
    digest = answer.chained(bytes.fromhex(end.digest))
    return Beginning(digest.hex(), end.tokens + (answer.tokens or 0))


class Units:
    """The units that one server should hold, kept up to date from the log."""

    def __init__(self, log: Log, multiple: int, clock: Callable[[], float] = time.time) -> None:
        """`multiple`: tokens that a hit is a multiple of."""
        self._log = log
        self._multiple = multiple
        self._clock = clock
        self._place = 0
        self._seen: dict[str, float] = {}
        """Beginnings that were sent, with the time of the last one."""
        self._units: dict[str, float] = {}

    def expected(self, beginnings: Sequence[Beginning]) -> int:
        """Tokens of a prompt with these beginnings that should be cached, at the least."""
        self._catch_up()
        alive = self._clock() - KEPT
        found = [each.tokens for each in beginnings if self._units.get(each.digest, 0.0) > alive]
        return max(found, default=0) // self._multiple * self._multiple

    def sent(self, beginnings: Sequence[Beginning], ends: Iterable[Beginning]) -> None:
        """Note a prompt that was answered; `ends` are those of its ends that a later one may
        contain."""
        names = [each.digest for each in beginnings]
        entry = [self._clock(), names, [end.digest for end in ends]]
        self._log.append(json.dumps(entry).encode())

    def _catch_up(self) -> None:
        for place, entry in self._log.since(self._place):
            self._place = place
            moment, names, ends = json.loads(entry)
            shared = [name for name in names if self._seen.get(name, 0.0) > moment - KEPT]
            for name in (*shared[-1:], *ends):
                self._units[name] = moment
            for name in names:
                self._seen[name] = moment
                if name in self._units:
                    self._units[name] = moment


def short_of(expected: int, reported: int | None) -> str:
    """What a person is told where fewer tokens were cached; empty where they were not fewer, or
    it is not reported."""
    if reported is None or reported >= expected:
        return ""
    return (
        f"cached: {expected - reported:,} tokens fewer than predicted; this server's cache is best"
        " effort, and keeps things for some hours"
    )

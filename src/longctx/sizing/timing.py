"""How long prompts take to prefill and answers to write: measured where it was, else a range.

What must never be known here: where measurements come from, prices.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date


@dataclass(frozen=True, slots=True)
class Range:
    """A lowest and a highest value; the same twice where it is known."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError(f"{self.low} > {self.high}")

    def times(self, factor: float) -> Range:
        return Range(self.low * factor, self.high * factor)

    def plus(self, other: Range) -> Range:
        return Range(self.low + other.low, self.high + other.high)

    @property
    def known(self) -> bool:
        return self.low == self.high


@dataclass(frozen=True, slots=True)
class Measured:
    """One published measurement of one request alone."""

    model: str
    gpu: str
    gpus: int
    tokens: int
    seconds: float
    per_token: float | None
    date: date
    source: str
    slowest: float | None = None
    """How much slower than this prompts become, where that is known better than for all."""

    @property
    def speed(self) -> float:
        """Tokens prefilled in a second."""
        return self.tokens / self.seconds


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast a setup prefills and writes."""

    prefill: Range
    """Tokens a second."""
    per_token: Range
    """Seconds for each token of an answer."""
    source: str

    def prefilling(self, tokens: int) -> Range:
        """Seconds until so many tokens are in the cache."""
        return Range(tokens / self.prefill.high, tokens / self.prefill.low)

    def answering(self, fresh: int, answer: int) -> Range:
        """Seconds of a question that brings `fresh` tokens and gets `answer` ones."""
        return self.prefilling(fresh).plus(self.per_token.times(answer))


WRITING = Range(0.003, 0.02)
"""Seconds a token where nobody measured: V4 with and without speculative decoding."""

SPECULATIVE = 3.0
"""Published times are with speculative decoding; without it a token takes up to so many times."""


def measured_speed(prefill: float, source: str) -> Speed:
    """A speed that the user has measured, in tokens a second."""
    return Speed(Range(prefill, prefill), WRITING, source)


def speed_of(
    model: str, gpu: str, gpus: int, found: Sequence[Measured], slowest: float
) -> Speed | None:
    """What was measured on such a setup, stretched to long prompts; None where nothing was.

    More GPUs than measured are taken to be as fast, fewer are not known.
    """
    fitting = [
        each for each in found if each.model == model and each.gpu == gpu and each.gpus <= gpus
    ]
    if not fitting:
        return None
    best = max(fitting, key=lambda each: each.gpus)
    per_token = WRITING
    if best.per_token is not None:
        per_token = Range(best.per_token, best.per_token * SPECULATIVE)
    factor = best.slowest or slowest
    return Speed(Range(best.speed / factor, best.speed), per_token, best.source)

"""What questions cost, hosted and on rented GPUs, and from how many on the one pays over the other.

What must never be known here: how prices are found, currencies, how sums are shown.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.sizing.timing import Range

if TYPE_CHECKING:
    from datetime import date

    from longctx.sizing.timing import Speed

MILLION = 1_000_000
WEEK = 168
"""Hours."""


@dataclass(frozen=True, slots=True)
class Question:
    """Tokens of a usual question."""

    shared: int
    """The prefix that all questions have in common."""
    fresh: int
    """What each brings: its own words and the passages for it."""
    answer: int

    @property
    def prompt(self) -> int:
        return self.shared + self.fresh


@dataclass(frozen=True, slots=True)
class Hosted:
    """A hosted API's prices, per million tokens."""

    name: str
    hit: float
    """For tokens that it has in its cache."""
    miss: float
    output: float
    peak: float
    """All three are multiplied by this during peak hours."""
    peak_hours: float
    """Of a week."""
    date: date
    source: str

    def cold(self, question: Question) -> float:
        """A question of which nothing is in the cache, outside peak hours."""
        return (question.prompt * self.miss + question.answer * self.output) / MILLION

    def warm(self, question: Question) -> float:
        """One whose shared prefix is all there."""
        paid = question.shared * self.hit + question.fresh * self.miss
        return (paid + question.answer * self.output) / MILLION

    def without_cache(self, question: Question, questions: int) -> float:
        return questions * self.cold(question)

    def with_cache(self, question: Question, questions: int) -> float:
        """So many, the first of which fills the cache."""
        if not questions:
            return 0.0
        return self.cold(question) + (questions - 1) * self.warm(question)


@dataclass(frozen=True, slots=True)
class Rent:
    """An hour of one GPU."""

    hour: Range
    date: date | None
    source: str


@dataclass(frozen=True, slots=True)
class Break:
    """From where on renting for some hours costs less than a hosted API."""

    questions: Range | None
    """In these hours, at the lowest and highest rent; None where the API never costs more."""
    capacity: Range
    """Questions, one after another, that the setup answers in these hours."""

    @property
    def reached(self) -> bool:
        """Whether the setup can answer so many at all, at the best."""
        return self.questions is not None and self.questions.low <= self.capacity.high


def capacity(question: Question, speed: Speed, hours: float) -> Range:
    """Warm questions that one server answers in these hours, one at a time."""
    cold, each = speed.prefilling(question.shared), speed.answering(question.fresh, question.answer)
    seconds = hours * 3600
    return Range(
        max(0.0, math.floor((seconds - cold.high) / each.high)),
        max(0.0, math.floor((seconds - cold.low) / each.low)),
    )


def breaks_even(
    hosted: Hosted, question: Question, rent: Range, room: Range, *, cached: bool
) -> Break:
    """Questions from which on `rent` (for all GPUs and hours) is less than the API's bill.

    `room` is the setup's capacity; `cached` says whether the API finds the prefix in its cache.
    """
    each = hosted.warm(question) if cached else hosted.cold(question)
    once = hosted.cold(question) - each
    if each <= 0:
        return Break(None, room)
    needed = rent.times(1 / each)
    shift = once / each
    return Break(Range(_whole(needed.low - shift), _whole(needed.high - shift)), room)


def _whole(questions: float) -> float:
    return max(1.0, math.ceil(questions))

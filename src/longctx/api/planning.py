"""`longctx plan`: whether sources fit a window, and what questions over them cost.

Puts counts and tables together. What must never be known here: options, how a plan is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx import render
from longctx.api.grounds import LATER, MOST_LATER
from longctx.api.levels import Leveled, Levels, leveled, summed
from longctx.api.packing import QUESTION_STEP
from longctx.budget import INDEX_SHARE, Budget, answer_reserve, focus_reserve
from longctx.errors import UsageError
from longctx.pack.growing import CORE
from longctx.prompt import Effort
from longctx.sizing import Break, Question, Range, Rent, breaks_even, fit, fitting, tables
from longctx.sizing.money import capacity
from longctx.sizing.timing import measured_speed, speed_of
from longctx.template import template_for
from longctx.tokens.remembering import Remembering

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from longctx.corpus import Corpus
    from longctx.sizing import Fit, Gpu, Hosted, Model, Setup, Speed, Tables
    from longctx.tokens import Tokenizer
    from longctx.tokens.memo import Memo


@dataclass(frozen=True, slots=True)
class Terms:
    """What a plan is reckoned under."""

    gpus: str = ""
    """A setup; "" for the cheapest one that was measured."""
    prefill: float | None = None
    """Tokens a second that the user, or a kept turn, measured."""
    prefill_source: str = ""
    gpu_hour: float | None = None
    """What the user pays for one GPU."""
    hours: float = 24.0
    """Of a day that the GPUs are rented for."""
    answer: int = 1_000
    """Tokens of a usual answer."""
    prices: Path | None = None


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """One source that was named."""

    name: str
    levels: Levels


@dataclass(frozen=True, slots=True)
class Costs:
    """Time and money of questions on one setup and at a host."""

    cold_seconds: Range | None
    """Until the first answer, nothing being cached; None where no speed is known."""
    warm_seconds: Range | None
    day: Range | None
    """Rent of all GPUs for a day; None where no price is known."""
    room: Range | None
    """Questions that one server answers in that day, one after another."""
    pays: Break | None
    """Against the host's prices with its cache."""
    pays_uncached: Break | None
    """Against them without."""


@dataclass(frozen=True, slots=True)
class ModelPlan:
    """What one model makes of the sources."""

    model: Model
    budget: Budget
    whole: bool
    """Whether everything fits as full text."""
    question: Question
    holding: tuple[Fit, ...]
    """For each kind of GPU the smallest setup that holds the window, by arithmetic."""
    reckoned: Fit | None
    """The setup that times and rent are for; None where none is known."""
    speed: Speed | None
    hosted: Hosted
    rent: Rent | None
    costs: Costs

    @property
    def room(self) -> int:
        """Tokens for documents, without their index."""
        return int(self.budget.corpus * (1 - INDEX_SHARE))

    def fits(self, tokens: int) -> bool:
        return tokens <= self.room


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that there is to say."""

    sources: tuple[SourcePlan, ...]
    documents: tuple[Leveled, ...]
    total: Levels
    models: tuple[ModelPlan, ...]
    terms: Terms
    tables: Tables

    @property
    def unfit(self) -> tuple[Gpu, ...]:
        """GPUs that these models do not run on, whatever their number."""
        return tuple(gpu for gpu in self.tables.gpus.values() if gpu.runs is False)


def planned(
    names: tuple[str, ...],
    corpus: Corpus,
    terms: Terms,
    tokenizer: Tokenizer,
    memo: Memo,
    progress: Callable[[str], None] = lambda line: None,
) -> Plan:
    """The plan for a corpus whose sources have these names.

    With several sources, each one's documents stand below its name. Raises UsageError for a setup
    or prices that are not understood.
    """
    known = tables(terms.prices)
    setup = known.setup(terms.gpus) if terms.gpus else None
    documents = leveled(corpus, tokenizer, memo, progress)
    total = summed(documents)
    return Plan(
        _by_source(names, documents),
        documents,
        total,
        tuple(
            _for_model(model, total.full, setup, terms, known, tokenizer, memo)
            for model in known.models.values()
        ),
        terms,
        known,
    )


def _by_source(names: tuple[str, ...], documents: tuple[Leveled, ...]) -> tuple[SourcePlan, ...]:
    if len(names) == 1:
        return (SourcePlan(names[0], summed(documents)),)
    levels: dict[str, Levels] = {}
    for each in documents:
        source = each.path.partition("/")[0]
        levels[source] = levels.get(source, Levels()).plus(each.levels)
    return tuple(SourcePlan(name, found) for name, found in levels.items())


def _for_model(
    model: Model,
    tokens: int,
    setup: Setup | None,
    terms: Terms,
    known: Tables,
    tokenizer: Tokenizer,
    memo: Memo,
) -> ModelPlan:
    budget = _budget(model.profile, tokenizer, memo)
    room = int(budget.corpus * (1 - INDEX_SHARE))
    whole = tokens <= room
    question = _question(budget, tokens if whole else None, terms.answer)
    reckoned = _reckoned(model, setup, known)
    speed = _speed(model, reckoned, terms, known)
    rent = _rent(reckoned, terms, known)
    hosted = known.hosted.get(model.key)
    if hosted is None:
        raise UsageError(f"the prices have no [hosted.{model.key}]")
    return ModelPlan(
        model,
        budget,
        whole,
        question,
        fitting(model, known.gpus.values(), model.profile, known.cache),
        reckoned,
        speed,
        hosted,
        rent,
        _costs(question, reckoned, speed, hosted, rent, terms),
    )


def _budget(window: int, tokenizer: Tokenizer, memo: Memo) -> Budget:
    """How a new question's window is shared out, as `pack` does it."""
    return Budget(
        window=window,
        answer=answer_reserve(window, thinking=False),
        instructions=len(Remembering(tokenizer, memo).encode(render.instructions())),
        question=QUESTION_STEP,
        encoding=template_for("deepseek-v4").overhead(2, Effort.OFF),
        focus=focus_reserve(window),
    ).checked()


def _question(budget: Budget, tokens: int | None, answer: int) -> Question:
    """A usual question: over all documents, or (None) over a core with parts for each question."""
    fixed = budget.instructions + budget.encoding
    # As much as is reserved for its words and passages: the most that it takes.
    fresh = budget.question + budget.focus
    if tokens is not None:
        index = min(int(INDEX_SHARE * budget.corpus), budget.corpus - tokens)
        return Question(fixed + tokens + index, fresh, answer)
    core = int(CORE * budget.corpus)
    parts = min(int(LATER * (budget.corpus - core)), MOST_LATER)
    return Question(fixed + core, fresh + parts, answer)


def _reckoned(model: Model, setup: Setup | None, known: Tables) -> Fit | None:
    """The user's setup, or the cheapest that somebody measured the model on."""
    if setup is not None:
        return fit(model, setup, model.profile, known.cache)
    found = []
    for each in known.measured:
        price = known.rent.get(each.gpu)
        if each.model == model.key and price is not None:
            gpu = known.gpus[each.gpu]
            tried = known.setup(f"{each.gpus}x{gpu.key}")
            fitted = fit(model, tried, model.profile, known.cache)
            if fitted.holds:
                found.append((price.hour.low * each.gpus, fitted))
    return min(found, key=lambda pair: pair[0])[1] if found else None


def _speed(model: Model, reckoned: Fit | None, terms: Terms, known: Tables) -> Speed | None:
    if terms.prefill is not None:
        return measured_speed(terms.prefill, terms.prefill_source)
    if reckoned is None or not reckoned.holds:
        return None
    setup = reckoned.setup
    return speed_of(model.key, setup.gpu.key, setup.count, known.measured, known.slowest)


def _rent(reckoned: Fit | None, terms: Terms, known: Tables) -> Rent | None:
    if terms.gpu_hour is not None:
        return Rent(Range(terms.gpu_hour, terms.gpu_hour), None, "--gpu-price")
    return None if reckoned is None else known.rent.get(reckoned.setup.gpu.key)


def _costs(
    question: Question,
    reckoned: Fit | None,
    speed: Speed | None,
    hosted: Hosted,
    rent: Rent | None,
    terms: Terms,
) -> Costs:
    holds = reckoned is not None and reckoned.holds
    day = None
    if reckoned is not None and holds and rent is not None:
        day = rent.hour.times(reckoned.setup.count * terms.hours)
    if speed is None or not holds:
        return Costs(None, None, day, None, None, None)
    warm = speed.answering(question.fresh, question.answer)
    room = capacity(question, speed, terms.hours)
    return Costs(
        speed.prefilling(question.shared).plus(warm),
        warm,
        day,
        room,
        None if day is None else breaks_even(hosted, question, day, room, cached=True),
        None if day is None else breaks_even(hosted, question, day, room, cached=False),
    )

"""A plan for the terminal: plain lines of at most 80 columns, nothing told by colour."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from longctx.cli import plan_words as words
from longctx.cli.narration import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longctx.api.planning import ModelPlan, Plan, SourcePlan
    from longctx.sizing.money import Question

WIDTH = 80
NAME = 26
"""Columns of a source's name."""
LABEL = 22
"""Columns of what a line is about."""


def lines(plan: Plan) -> Iterator[str]:
    """The plan, line by line."""
    yield f"{'tokens':<{NAME}}{'documents':>11}{'full':>14}{'outline':>14}{'names':>14}"
    for source in plan.sources:
        yield _source(source)
    if len(plan.sources) > 1:
        total = plan.total
        yield _row("all together", total.documents, total.full, total.outline, total.name)
    yield ""
    yield from _windows(plan)
    for model in plan.models:
        yield ""
        yield from _model(plan, model)
    yield ""
    yield from _wrapped("does not run V4", ", ".join(gpu.name for gpu in plan.unfit))
    yield from _wrapped(
        "prices",
        f"{plan.tables.currency}, looked up {plan.tables.checked}; "
        "correct them with --prices (docs/plan.md)",
    )


def _source(source: SourcePlan) -> str:
    name = plain(source.name.rstrip("/").rpartition("/")[2] or source.name)
    levels = source.levels
    return _row(name, levels.documents, levels.full, levels.outline, levels.name)


def _row(name: str, documents: int, *tokens: int) -> str:
    short = name if len(name) < NAME else f"{name[: NAME - 2]}…"
    return f"{short:<{NAME}}{documents:>11,}" + "".join(f"{count:>14,}" for count in tokens)


def _windows(plan: Plan) -> Iterator[str]:
    models, total = plan.models, plan.total
    yield f"{'window':<{LABEL}}" + "".join(
        f"{f'{model.model.key} {model.model.profile:,}':>29}" for model in models
    )
    yield f"{'room for documents':<{LABEL}}" + "".join(f"{model.room:>29,}" for model in models)
    levels = (("full text", total.full), ("outlines", total.outline), ("names", total.name))
    for label, tokens in levels:
        told = "".join(f"{words.fits(model, tokens):>29}" for model in models)
        yield f"{label:<{LABEL}}{told}"


def _model(plan: Plan, model: ModelPlan) -> Iterator[str]:
    hours, costs = plan.terms.hours, model.costs
    yield f"{model.model.name}, window {model.model.profile:,}"
    yield from _wrapped("a prompt holds", words.shown(model))
    cache, layers = plan.tables.cache, model.model.layers
    token = cache.per_token(layers)
    yield from _wrapped(
        "memory",
        f"{model.model.weights / 1e9:,.0f} GB of weights over all GPUs; on each GPU"
        f" {words.gib(token * model.model.profile)} of cache for the window"
        f" ({token:,.0f} bytes a token)",
    )
    yield from _wrapped("held by", ", ".join(each.setup.name for each in model.holding))
    reckoned = model.reckoned
    if reckoned is None:
        yield from _wrapped("reckoned for", "no setup: name yours with --gpus")
    elif not reckoned.holds:
        from longctx.api.serving import arithmetic

        yield from _wrapped("reckoned for", f"{reckoned.setup.name}: DOES NOT FIT")
        yield from arithmetic(reckoned)
        if reckoned.setup.gpu.why:
            yield from _wrapped("", reckoned.setup.gpu.why)
    else:
        why = f" (V4 does not run on it: {reckoned.setup.gpu.why})"
        yield from _wrapped(
            "reckoned for",
            f"{reckoned.setup.name}, which keeps {reckoned.pool:,} tokens of prefixes warm"
            + (why if reckoned.setup.gpu.runs is False else ""),
        )
    yield from _questions(plan, model)
    if model.rent is not None and costs.day is not None:
        hour = model.rent.hour.times(1 if reckoned is None else reckoned.setup.count)
        yield from _wrapped(
            "rent", f"{words.moneys(hour)} an hour, {words.moneys(costs.day)} for {hours:g} h"
        )
        yield from _wrapped("pays against cache", words.pays(costs.pays, hours, "the cache"))
        yield from _wrapped(
            "against no cache", words.pays(costs.pays_uncached, hours, "the prompt")
        )
        if costs.room is not None:
            yield from _wrapped("it answers", f"{words.counts(costs.room)} in {hours:g} h, warm")


def _questions(plan: Plan, model: ModelPlan) -> Iterator[str]:
    costs, question = model.costs, model.question
    yield f"  {'a question':<{LABEL}}{'nothing cached':>22}{'prefix cached':>22}"
    yield _pair("tokens to prefill", f"{question.prompt:,}", f"{question.fresh:,}")
    yield _pair("time", words.times(costs.cold_seconds), words.times(costs.warm_seconds))
    yield _pair("hosted", *(words.money(cost) for cost in hosted(model, question)))
    if model.speed is not None:
        prefill = model.speed.prefill
        speed = words.counts(prefill)
        yield from _wrapped("speed", f"{speed} tokens a second ({model.speed.source})")
    else:
        yield from _wrapped("speed", "not known for this setup: measure, and give --prefill-speed")
    yield from _wrapped("host", f"{model.hosted.name}, {model.hosted.date}, off peak")


def hosted(model: ModelPlan, question: Question) -> tuple[float, float]:
    return model.hosted.cold(question), model.hosted.warm(question)


def _pair(label: str, cold: str, warm: str) -> str:
    return f"  {label:<{LABEL}}{cold:>22}{warm:>22}"


def _wrapped(label: str, text: str) -> list[str]:
    indent = " " * (LABEL + 2)
    return textwrap.wrap(
        plain(text),
        WIDTH,
        initial_indent=f"  {label:<{LABEL}}",
        subsequent_indent=indent,
        break_on_hyphens=False,
    )

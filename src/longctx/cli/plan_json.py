"""A plan as JSON; docs/json.md names the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx.cli.serve import fit_as_json

if TYPE_CHECKING:
    from longctx.api.levels import Levels
    from longctx.api.planning import ModelPlan, Plan
    from longctx.sizing import Break, Range


def as_json(plan: Plan) -> dict[str, object]:
    """Everything that the terminal shows, and each document."""
    return {
        "sources": [{"name": each.name, **_levels(each.levels)} for each in plan.sources],
        "total": _levels(plan.total),
        "models": [_model(each) for each in plan.models],
        "hours": plan.terms.hours,
        "currency": plan.tables.currency,
        "prices_checked": plan.tables.checked.isoformat(),
        "documents": [
            {
                "path": each.path,
                "full": each.levels.full,
                "outline": each.levels.outline,
                "names": each.levels.name,
            }
            for each in plan.documents
        ],
    }


def _levels(levels: Levels) -> dict[str, int]:
    return {
        "documents": levels.documents,
        "full": levels.full,
        "outline": levels.outline,
        "names": levels.name,
    }


def _model(model: ModelPlan) -> dict[str, object]:
    question, costs, hosted = model.question, model.costs, model.hosted
    return {
        "model": model.model.name,
        "window": model.model.profile,
        "room": model.room,
        "whole": model.whole,
        "question": {
            "shared": question.shared,
            "fresh": question.fresh,
            "answer": question.answer,
        },
        "holding": [fit_as_json(each) for each in model.holding],
        "reckoned": None if model.reckoned is None else fit_as_json(model.reckoned),
        "prefill_tokens_per_second": None if model.speed is None else _range(model.speed.prefill),
        "speed_source": None if model.speed is None else model.speed.source,
        "cold_seconds": _range(costs.cold_seconds),
        "warm_seconds": _range(costs.warm_seconds),
        "hosted": {
            "name": hosted.name,
            "date": hosted.date.isoformat(),
            "source": hosted.source,
            "cold": hosted.cold(question),
            "warm": hosted.warm(question),
        },
        "rent_gpu_hour": None if model.rent is None else _range(model.rent.hour),
        "rent_source": None if model.rent is None else model.rent.source,
        "rent_day": _range(costs.day),
        "answers_day": _range(costs.room),
        "pays_from": _break(costs.pays),
        "pays_from_without_cache": _break(costs.pays_uncached),
    }


def _range(found: Range | None) -> list[float] | None:
    return None if found is None else [found.low, found.high]


def _break(found: Break | None) -> dict[str, object] | None:
    if found is None:
        return None
    return {"questions": _range(found.questions), "reached": found.reached}

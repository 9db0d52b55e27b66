"""What is kept of a turn beside its words: citations, counts, times, as JSON and back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from longctx.citation import Citation, Verdict
from longctx.corpus import Span
from longctx.engines import Usage
from longctx.session import Turn
from longctx.session.asking import Seen, Step

if TYPE_CHECKING:
    from longctx.engines import Served
    from longctx.store import Kept


def facts_of(turn: Turn, served: Served) -> str:
    """JSON of everything but question, answer and reasoning; keys as in docs/json.md."""
    usage = turn.usage
    return json.dumps(
        {
            "engine": served.engine,
            "model": served.model,
            "citations": [_kept_citation(citation) for citation in turn.citations],
            "usage": usage_as_json(turn),
            "finish_reason": usage.finish_reason,
            "cause": turn.cause,
            "best_effort": turn.best_effort,
            "digest": turn.digest,
            "steps": [step_as_json(step) for step in turn.steps],
        }
    )


def step_as_json(step: Step) -> dict[str, object]:
    """What was read in one step, and what its request took."""
    usage = step.usage
    return {
        "said": step.said,
        "seen": [
            {
                "asked": seen.asked,
                "found": seen.found,
                "paths": list(seen.paths),
                "tokens": seen.tokens,
            }
            for seen in step.seen
        ],
        "usage": {
            "prompt_tokens": usage.prompt_tokens,
            "predicted_tokens": step.predicted_tokens,
            "cached_tokens": usage.cached_tokens,
            "predicted_cached_tokens": step.predicted_cached,
            "prefilled_tokens": _difference(usage.prompt_tokens, usage.cached_tokens),
            "completion_tokens": usage.completion_tokens,
            "finish_reason": usage.finish_reason,
            "seconds": step.seconds,
        },
        "cache_miss": step.cause or None,
    }


def _difference(whole: int | None, part: int | None) -> int | None:
    return None if whole is None or part is None else whole - part


def citation_as_json(citation: Citation) -> dict[str, object]:
    return {
        "path": citation.path,
        "verdict": str(citation.verdict),
        "where": citation.where,
        "said": citation.said,
        "lines": citation.lines,
        "claimed": citation.claimed,
        "quote": citation.quote,
        "reason": citation.reason,
    }


def _kept_citation(citation: Citation) -> dict[str, object]:
    return citation_as_json(citation) | {
        "span": None if citation.span is None else _ends(citation.span),
        "place": _ends(citation.place),
        "again": [_ends(span) for span in citation.again],
    }


def _ends(span: Span) -> list[int]:
    return [span.start, span.end]


def usage_as_json(turn: Turn) -> dict[str, object]:
    """All counts of a turn; null is "not reported", never zero."""
    usage = turn.usage
    prompt, cached = usage.prompt_tokens, usage.cached_tokens
    return {
        "prompt_tokens": prompt,
        "predicted_tokens": turn.predicted_tokens,
        "predicted_within": turn.predicted_within,
        "cached_tokens": cached,
        "predicted_cached_tokens": turn.predicted_cached,
        "prefilled_tokens": _difference(prompt, cached),
        "completion_tokens": usage.completion_tokens,
        "finish_reason": usage.finish_reason,
        "first_token_seconds": turn.first_token,
        "seconds": turn.seconds,
    }


def turn_of(kept: Kept) -> Turn:
    """The turn as it was answered."""
    facts = json.loads(kept.facts)
    counts = facts["usage"]
    return Turn(
        question=kept.question,
        answer=kept.answer,
        reasoning=kept.reasoning,
        citations=tuple(_citation(each) for each in facts["citations"]),
        usage=Usage(
            counts["prompt_tokens"],
            counts["completion_tokens"],
            counts["cached_tokens"],
            counts["finish_reason"],
        ),
        predicted_tokens=counts["predicted_tokens"],
        predicted_cached=counts["predicted_cached_tokens"],
        cause=facts["cause"],
        digest=facts["digest"],
        first_token=counts["first_token_seconds"],
        seconds=counts["seconds"],
        id=kept.id,
        session=kept.session,
        # Turns kept by earlier versions say none of these.
        predicted_within=counts.get("predicted_within", 0),
        best_effort=facts.get("best_effort", False),
        steps=tuple(map(_step, facts.get("steps", []))),
    )


def _step(said: dict[str, Any]) -> Step:
    counts = said["usage"]
    return Step(
        said=said["said"],
        seen=tuple(
            Seen(each["asked"], each["found"], tuple(each["paths"]), each["tokens"])
            for each in said["seen"]
        ),
        usage=Usage(
            counts["prompt_tokens"],
            counts["completion_tokens"],
            counts["cached_tokens"],
            counts["finish_reason"],
        ),
        predicted_tokens=counts["predicted_tokens"],
        predicted_cached=counts["predicted_cached_tokens"],
        cause=said["cache_miss"] or "",
        seconds=counts["seconds"],
    )


def _citation(said: dict[str, object]) -> Citation:
    span, again = _pair(said["span"]), said["again"]
    return Citation(
        path=str(said["path"]),
        quote=str(said["quote"]),
        # Turns kept by the first versions have only lines.
        said=str(said.get("said", "")),
        claimed=_pair(said["claimed"]),
        verdict=Verdict(str(said["verdict"])),
        span=None if span is None else Span(*span),
        lines=_pair(said["lines"]),
        where=str(said.get("where", "")),
        reason=str(said["reason"]),
        place=Span(*(_pair(said["place"]) or (0, 0))),
        again=tuple(
            Span(*pair)
            for each in (again if isinstance(again, list) else [])
            if (pair := _pair(each)) is not None
        ),
    )


def _pair(value: object) -> tuple[int, int] | None:
    if not isinstance(value, list):
        return None
    first, last = value
    return int(first), int(last)

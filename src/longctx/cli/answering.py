"""How a checked answer is shown: citations as clickable places, a cache line, or JSON."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from longctx.api.turn_facts import citation_as_json, step_as_json, usage_as_json
from longctx.cli.narration import plain, say
from longctx.cli.output import is_terminal, write, write_link
from longctx.cli.phrasing import cited_at, one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longctx.api import Asked, Loaded
    from longctx.citation import Citation
    from longctx.corpus import Omission
    from longctx.engines import Usage
    from longctx.excerpts import Findings
    from longctx.session import Turn
    from longctx.session.asking import Seen, Step

NAMED = 5
"""Documents that a line names."""

MARKS = {"verified": "✓", "repaired": "~", "not found": "✗"}


def citation_lines(turn: Turn, loaded: Loaded) -> None:
    """A line for each citation: its verdict and its place, from the current folder."""
    if turn.citations:
        write("\n")
    for citation in turn.citations:
        write(f"{MARKS[citation.verdict]} {citation.verdict:9}  ")
        _place(citation, loaded)
        write(f"  ({citation.reason})\n" if citation.reason else "\n")


def _place(citation: Citation, loaded: Loaded) -> None:
    place = cited_at(citation)
    file = loaded.file_of(citation.path) if citation.span is not None else None
    if file is None:
        write(citation.path + place)
        return
    text = plain(os.path.relpath(file) + place)
    if is_terminal():
        write_link(text, f"file://{quote(str(Path(file).absolute()))}")
    else:
        write(text)


def answered(turn: Turn, loaded: Loaded) -> None:
    """What follows a streamed answer: its citations."""
    if not turn.answer.endswith("\n"):
        write("\n")
    citation_lines(turn, loaded)


def unshown(asked: Asked, turn: Turn) -> tuple[str, ...]:
    """Documents that match the question and of which the model saw nothing, in no step either."""
    read = {path for step in turn.steps for seen in step.seen for path in seen.paths}
    return tuple(path for path in asked.unshown if path not in read)


def tell_unshown(asked: Asked, turn: Turn) -> None:
    """What the model could not see although the question is about it."""
    paths = unshown(asked, turn)
    if not paths:
        return
    named = ", ".join(plain(path) for path in paths[:NAMED])
    more = len(paths) - NAMED
    say(
        f"the model saw nothing of {named}{f' and {more} more' if more > 0 else ''}, though the"
        " question matches: name them as sources, or give more room (--budget, --profile pro)"
    )


def tell_step(number: int, step: Step) -> None:
    """What the model read in a step, a line for each thing, and what its request took."""
    for seen in step.seen:
        say(f"step {number}: {seen_line(seen)}")
    if line := counts_line(step.usage, step.predicted_cached):
        say(f"step {number}: {line}")
    if step.cause:
        say(step.cause)


def seen_line(seen: Seen) -> str:
    """`open src/auth.py:10-80: lines 10-80 of 340 (612 tokens)`."""
    tokens = "" if seen.tokens is None else f" ({seen.tokens:,} tokens)"
    return f"{one_line(seen.asked) or 'nothing'}: {one_line(seen.found)}{tokens}"


def tell_kept(asked: Asked) -> None:
    """That an interrupted question is kept for what was read."""
    turn = asked.session.turns[-1]
    say(f"interrupted: what was read is kept as turn {turn.id}, and the next question has it")


def interrupted_as_json(said: str, steps: Sequence[Step]) -> dict[str, object]:
    """What had come of an answer; documented in docs/json.md."""
    told = {"interrupted": True, "answer": said}
    return told | ({"steps": [step_as_json(step) for step in steps]} if steps else {})


def tell(turn: Turn) -> None:
    """What the answer cost, how much of the prompt was cached, and what went wrong."""
    line = cache_line(turn)
    if line:
        say(line)
    if turn.cause:
        say(turn.cause)
    if turn.usage.finish_reason == "length":
        say("the answer was cut off at its limit: raise --answer-reserve")
    counted, predicted, within = (
        turn.usage.prompt_tokens,
        turn.predicted_tokens,
        turn.predicted_within,
    )
    if counted is None or predicted is None or abs(counted - predicted) <= within:
        return
    if within:
        say(
            f"estimated {predicted:,} ± {within:,} prompt tokens, the server counted {counted:,}:"
            " the next estimate goes by that"
        )
    else:
        say(
            f"counted {predicted:,} prompt tokens, the server {counted:,}:"
            " please report this, counts should be equal"
        )


def cache_line(turn: Turn) -> str:
    """Tokens of the prompt, predicted and reported as cached, prefilled; time to first token."""
    usage = turn.usage
    counts = counts_line(usage, turn.predicted_cached, estimate_of(turn), turn.best_effort)
    if not counts:
        return ""
    parts = [counts]
    if turn.first_token is not None:
        parts.append(f"first token after {turn.first_token:.1f} s")
    parts.append(f"answer {usage.completion_tokens or 0:,}")
    return ", ".join(parts)


def estimate_of(turn: Turn) -> str:
    """What its prompt was thought to take; empty where that was counted."""
    if not turn.predicted_within or turn.predicted_tokens is None:
        return ""
    return f" (estimated {turn.predicted_tokens:,} ± {turn.predicted_within:,})"


def counts_line(
    usage: Usage, predicted: int | None, estimate: str = "", best_effort: bool = False
) -> str:
    """Tokens of a prompt: all, cached, prefilled; empty where they are not reported."""
    if usage.prompt_tokens is None:
        return ""
    prompt = f"prompt {usage.prompt_tokens:,} tokens{estimate}"
    if usage.cached_tokens is None:
        return f"{prompt}, cached: not reported"
    kind = ", best effort" if best_effort else ""
    of = "" if predicted is None else f" (predicted {predicted:,}{kind})"
    prefilled = usage.prompt_tokens - usage.cached_tokens
    return f"{prompt}, cached {usage.cached_tokens:,}{of}, prefilled {prefilled:,}"


def turn_as_json(turn: Turn, asked: Asked) -> dict[str, object]:
    """The answer with everything known about it; documented in docs/json.md."""
    served = asked.session.surface.connected.served
    return {
        **kept_as_json(turn),
        "omissions": [omission_as_json(omission) for omission in asked.omissions],
        "engine": served.engine,
        "model": served.model,
        "window": None if asked.budget is None else asked.budget.window,
        "documents": asked.shown,
        "unshown": list(unshown(asked, turn)),
        "found": None if asked.findings is None else findings_as_json(asked.findings),
    }


def findings_as_json(findings: Findings) -> dict[str, object]:
    """What was found of a question's words; documented in docs/json.md."""
    return {
        "certainty": str(findings.certainty),
        "together": list(findings.together),
        "elsewhere": list(findings.elsewhere),
        "missing": list(findings.missing),
        "near": {word: list(names) for word, names in findings.near},
    }


def kept_as_json(turn: Turn) -> dict[str, object]:
    """What is known of a turn for good."""
    return {
        "turn": turn.id,
        "session": turn.session,
        "question": turn.question,
        "answer": turn.answer,
        "reasoning": turn.reasoning,
        "citations": [citation_as_json(citation) for citation in turn.citations],
        "steps": [step_as_json(step) for step in turn.steps],
        "usage": usage_as_json(turn),
        "cache_miss": turn.cause or None,
        "prompt_digest": turn.digest or None,
    }


def omission_as_json(omission: Omission) -> dict[str, object]:
    return {
        "path": omission.path,
        "part": omission.part or None,
        "reason": str(omission.reason),
        "bytes": omission.size,
        "tokens": omission.tokens,
        "detail": omission.detail,
    }

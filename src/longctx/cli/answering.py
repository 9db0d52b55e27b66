"""How a checked answer is shown: citations as clickable places, a cache line, or JSON."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from longctx.api.turn_facts import citation_as_json, usage_as_json
from longctx.cli.narration import plain, say
from longctx.cli.output import is_terminal, write, write_link
from longctx.cli.phrasing import cited_at

if TYPE_CHECKING:
    from longctx.api import Asked, Loaded
    from longctx.citation import Citation
    from longctx.corpus import Omission
    from longctx.session import Turn

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


def tell_unshown(asked: Asked) -> None:
    """What the model could not see although the question is about it."""
    if not asked.unshown:
        return
    named = ", ".join(plain(path) for path in asked.unshown[:NAMED])
    more = len(asked.unshown) - NAMED
    say(
        f"the model saw nothing of {named}{f' and {more} more' if more > 0 else ''}, though the"
        " question matches: name them as sources, or give more room (--budget, --profile pro)"
    )


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
    if usage.prompt_tokens is None:
        return ""
    parts = [f"prompt {usage.prompt_tokens:,} tokens"]
    if turn.predicted_within and turn.predicted_tokens is not None:
        parts[0] += f" (estimated {turn.predicted_tokens:,} ± {turn.predicted_within:,})"
    if usage.cached_tokens is None:
        parts.append("cached: not reported")
    else:
        parts.append(f"cached {usage.cached_tokens:,}")
        if turn.predicted_cached is not None:
            kind = ", best effort" if turn.best_effort else ""
            parts[-1] += f" (predicted {turn.predicted_cached:,}{kind})"
        parts.append(f"prefilled {usage.prompt_tokens - usage.cached_tokens:,}")
    if turn.first_token is not None:
        parts.append(f"first token after {turn.first_token:.1f} s")
    parts.append(f"answer {usage.completion_tokens or 0:,}")
    return ", ".join(parts)


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
        "unshown": list(asked.unshown),
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

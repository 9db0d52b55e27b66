"""How a checked answer is shown: citations as clickable places, usage as one line, or JSON."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from longctx.cli.narration import plain
from longctx.cli.output import is_terminal, write, write_link

if TYPE_CHECKING:
    from longctx.api import Connected, Loaded, Prepared
    from longctx.citation import Citation
    from longctx.corpus import Omission
    from longctx.session import Turn

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
    lines = citation.lines or citation.claimed
    suffix = (
        "" if lines is None else f":{lines[0]}" + (f"-{lines[1]}" if lines[1] > lines[0] else "")
    )
    file = loaded.file_of(citation.path) if citation.span is not None else None
    if file is None:
        write(citation.path + suffix)
        return
    text = plain(os.path.relpath(file) + suffix)
    if is_terminal():
        write_link(text, f"file://{quote(str(Path(file).absolute()))}")
    else:
        write(text)


def usage_line(turn: Turn) -> str:
    """What the answer cost, in tokens as the server counted them."""
    usage = turn.usage
    if usage.prompt_tokens is None:
        return ""
    cached = "not reported" if usage.cached_tokens is None else f"{usage.cached_tokens:,}"
    first = "" if turn.first_token is None else f", first token after {turn.first_token:.1f} s"
    return (
        f"prompt {usage.prompt_tokens:,} tokens (cached: {cached}),"
        f" answer {usage.completion_tokens or 0:,}{first}"
    )


def turn_as_json(turn: Turn, prepared: Prepared, connected: Connected) -> dict[str, object]:
    """The answer with everything known about it; documented in docs/json.md."""
    usage, served, pack = turn.usage, connected.served, prepared.pack
    omissions = prepared.corpus.omissions if pack is None else pack.omissions
    return {
        "question": turn.question,
        "answer": turn.answer,
        "reasoning": turn.reasoning,
        "citations": [_citation_as_json(citation) for citation in turn.citations],
        "usage": {
            "prompt_tokens": usage.prompt_tokens,
            "predicted_tokens": turn.predicted_tokens,
            "cached_tokens": usage.cached_tokens,
            "completion_tokens": usage.completion_tokens,
            "finish_reason": usage.finish_reason,
            "first_token_seconds": turn.first_token,
            "seconds": turn.seconds,
        },
        "omissions": [omission_as_json(omission) for omission in omissions],
        "engine": served.engine,
        "model": served.model,
        "window": None if prepared.budget is None else prepared.budget.window,
        "documents": len(prepared.corpus) if pack is None else len(pack.shown),
        "prompt_digest": turn.digest or None,
    }


def _citation_as_json(citation: Citation) -> dict[str, object]:
    return {
        "path": citation.path,
        "verdict": str(citation.verdict),
        "lines": citation.lines,
        "claimed": citation.claimed,
        "quote": citation.quote,
        "reason": citation.reason,
    }


def omission_as_json(omission: Omission) -> dict[str, object]:
    return {
        "path": omission.path,
        "reason": str(omission.reason),
        "bytes": omission.size,
        "tokens": omission.tokens,
        "detail": omission.detail,
    }

"""One question: the request, the stream, the checked answer.

Pure but for the engine it is handed. What must never be known here: terminals, configuration, how
sources were read.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.engines import (
    Delta,
    Engine,
    Reasoning,
    Request,
    Takes,
    ToolCall,
    Usage,
)
from longctx.errors import BudgetError, EngineError
from longctx.prompt import Effort
from longctx.session.warming import Levers

if TYPE_CHECKING:
    from collections.abc import Generator

    from longctx.citation import Citation
    from longctx.corpus import Corpus
    from longctx.prompt import Prompt
    from longctx.template import Template

INTERRUPTED = "interrupted"
"""The finish reason of an answer that was not waited for."""


@dataclass(frozen=True, slots=True)
class Generation:
    """How to answer."""

    max_tokens: int
    effort: Effort = Effort.OFF
    temperature: float | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look found."""

    asked: str
    """As a person would write it."""
    found: str
    """In one line: what is shown, what is cut and why, or why nothing is."""
    paths: tuple[str, ...] = ()
    """The documents of which something is shown."""
    tokens: int | None = None
    """That it takes in the prompt."""


@dataclass(frozen=True, slots=True)
class Step:
    """A request that the model answered by asking for more, and what it was shown for that."""

    said: str
    """All it said."""
    seen: tuple[Seen, ...]
    """What came of each thing that it asked for; the prompt holds it from then on."""
    usage: Usage
    predicted_tokens: int | None
    predicted_cached: int | None
    cause: str
    """As in `Turn`."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Turn:
    """A question with its checked answer."""

    question: str
    answer: str
    reasoning: str
    citations: tuple[Citation, ...]
    usage: Usage
    predicted_tokens: int | None
    """Tokens of the prompt as counted before sending."""
    predicted_cached: int | None
    """Tokens of it that the server should have had; None where nothing is known of its cache."""
    cause: str
    """Why fewer were cached than predicted; empty where they were not."""
    digest: str
    """The prompt's chained digest, in hex; empty where no prompt was sent."""
    first_token: float | None
    """Seconds from sending to the first token."""
    seconds: float
    id: int | None = None
    """Of the turn as it is kept; what a fork names."""
    session: str = ""
    """Of the session that it was asked in."""
    steps: tuple[Step, ...] = ()
    """What was read before it was answered; counts and times of the turn are the last request's."""
    predicted_within: int = 0
    """Tokens that `predicted_tokens` may be wrong by, either way: 0 where they are counted."""
    best_effort: bool = False
    """Whether the server promises no more of its cache than to try."""

    @property
    def interrupted(self) -> bool:
        """Whether it is kept for its steps alone: the answer is what had come of it."""
        return self.usage.finish_reason == INTERRUPTED


def request_for(
    question: str,
    prompt: Prompt,
    takes: Takes,
    template: Template,
    generation: Generation,
    levers: Levers = Levers(),  # noqa: B008 - a value
) -> Request:
    """The request that carries the prompt in the form that the engine takes."""
    in_ids = takes is Takes.IDS
    return levers.on(
        Request(
            max_tokens=generation.max_tokens,
            effort=generation.effort,
            temperature=generation.temperature,
            question=question,
            ids=template.encode(prompt, generation.effort) if in_ids else None,
            messages=() if in_ids else prompt.messages(),
        )
    )


def refuse_overlong(
    tokens: int | None, answer: int, window: int | None, *, turns: bool = False
) -> None:
    """Raise BudgetError for a prompt that the server would refuse or, worse, cut.

    `turns`: whether earlier questions are in it.
    """
    if tokens is None or window is None or tokens + answer <= window:
        return
    advice = (
        "fork the session at an earlier turn (`longctx sessions show` has their numbers), or ask"
        " without following up"
        if turns
        else f"use --budget {window:,} or a smaller one"
    )
    raise BudgetError(
        f"the prompt takes {tokens:,} tokens and the answer's reserve {answer:,}, but the"
        f" server's window is {window:,}: {advice}"
    )


@dataclass(frozen=True, slots=True)
class Generated:
    """What a model said to one request."""

    text: str
    reasoning: str
    calls: tuple[ToolCall, ...]
    usage: Usage
    first_token: float | None
    """Seconds from sending to the first token."""
    seconds: float


def generated(request: Request, engine: Engine) -> Generator[Delta | Reasoning | Generated]:
    """Send the request; yield what is said as it comes, and the whole of it last.

    Raises EngineError where nothing is said, or where another prompt was read than was sent.
    """
    started = time.monotonic()
    first: float | None = None
    said: list[str] = []
    thought: list[str] = []
    calls: list[ToolCall] = []
    usage = Usage()
    for event in engine.stream(request):
        match event:
            case Usage():
                usage = event
                continue
            case Delta(text):
                said.append(text)
            case Reasoning(text):
                thought.append(text)
            case ToolCall():
                calls.append(event)
        if first is None:
            first = time.monotonic() - started
        if not isinstance(event, ToolCall):
            yield event
    if not said and not thought and not calls:
        raise EngineError(
            f"the {engine.name} engine answered with nothing"
            f" (finish reason: {usage.finish_reason or 'none given'}); ask again, or look at the"
            " server's log"
        )
    if request.ids is not None and usage.prompt_tokens not in (None, len(request.ids)):
        raise EngineError(
            f"the server counted {usage.prompt_tokens:,} prompt tokens where {len(request.ids):,}"
            " ids were sent, so it answered another prompt: update it, or send it messages with"
            " --tokenizer server"
        )
    seconds = time.monotonic() - started
    yield Generated("".join(said), "".join(thought), tuple(calls), usage, first, seconds)


def checked(
    question: str,
    said: Generated,
    corpus: Corpus,
    predicted: int | None = None,
    digest: str = "",
    within: int = 0,
) -> Turn:
    """The turn of what was said, its citations looked up."""
    from longctx.citation import cited  # slow to load, and the request goes out without it

    return Turn(
        question=question,
        answer=said.text,
        reasoning=said.reasoning,
        citations=cited(said.text, corpus),
        usage=said.usage,
        predicted_tokens=predicted,
        predicted_cached=None,
        cause="",
        digest=digest,
        first_token=said.first_token,
        seconds=said.seconds,
        predicted_within=within,
    )

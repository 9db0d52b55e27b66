"""What is wanted of a question, and the budget that follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx import render
from longctx.budget import EXACT, Budget, Profile, answer_reserve, focus_reserve
from longctx.pack.growing import CORE
from longctx.prompt import Effort
from longctx.tokens.remembering import Remembering

if TYPE_CHECKING:
    from collections.abc import Callable

    from longctx.api.connecting import Connected
    from longctx.budget import Gauge
    from longctx.tokens import Tokenizer
    from longctx.tokens.memo import Memo

QUESTION_STEP = 2_048
"""Room for a question comes in steps, so that its length does not change the pack before it."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What the user wants of one question; None leaves it to the profile."""

    effort: Effort = Effort.OFF
    profile: Profile = Profile.FLASH
    window: int | None = None
    """Overrides the profile (tokens)."""
    answer: int | None = None
    """Tokens kept free for the answer."""
    temperature: float | None = None
    focus: int | None = None
    """Tokens of passages repeated before the question; None for a default, 0 for none."""
    core: float = CORE
    """Where not everything fits, the share of the room that all questions have in common."""
    explore: int | None = 0
    """Steps in which a question may read more, at the most; None: some, where the server tells the
    calls of tools."""


def window_for(wanted: Ask, reported: int | None, say: Callable[[str], None]) -> int:
    """The window to use: what was asked for, capped by what the server reports."""
    window = wanted.profile.value if wanted.window is None else wanted.window
    if reported is None:
        if wanted.window is None:
            say(f"the server does not tell its window: {window:,} tokens are assumed (--budget)")
        return window
    if window <= reported:
        return window
    asked = f"--budget {window:,}" if wanted.window else f"profile {wanted.profile.name.lower()}"
    say(f"{asked} is capped at the server's window of {reported:,} tokens")
    return reported


def budget_for(
    wanted: Ask,
    window: int,
    question: int,
    connected: Connected,
    memo: Memo,
    gauge: Gauge = EXACT,
) -> Budget:
    """How the window is shared out; raises BudgetError where nothing is left for documents."""
    thinking = wanted.effort in (Effort.HIGH, Effort.MAX)
    reserve = answer_reserve(window, thinking) if wanted.answer is None else wanted.answer
    encode = Remembering(connected.tokenizer, memo).encode
    step = min(QUESTION_STEP, max(1, window // 16))
    return Budget(
        window=window,
        answer=reserve,
        instructions=len(encode(render.instructions())),
        question=step * -(-question // step),
        encoding=connected.template.overhead(2, wanted.effort),
        # At least the default, so that asking for less does not change the base.
        focus=max(focus_reserve(window), wanted.focus or 0),
        margin=gauge.margin(window - reserve),
    ).checked()


def question_tokens(question: str, tokenizer: Tokenizer) -> int:
    """Tokens of the question with its rules."""
    return len(tokenizer.encode(render.question(question)))

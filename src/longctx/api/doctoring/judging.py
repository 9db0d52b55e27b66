"""What measured prompts mean: pure checks over `Measured`.

What must never be known here: how prompts are sent (`measuring`), a server's settings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.engines.findings import Finding, advice, gravest, ok, trouble, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longctx.engines import Served, Usage

MOSTLY = 0.8
"""Where the server counts, the share of the prompt that must be cached to call its prefix
reused."""

MUCH_FASTER = 3
"""How many times sooner the first token must come where the clock alone tells that."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What one request took."""

    seconds: float
    """To the first token."""
    usage: Usage
    text: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """What the prompts showed; lengths in tokens."""

    sent: int | None
    """Of the first prompt; None where the server counts."""
    expected: int | None
    """Cached for each later question, if the server kept the prefix; None where it counts."""
    cold: Answered
    primed: Usage | None
    warm: tuple[Answered, ...]
    code: str
    """What the sentence in the middle holds."""
    quoted: str
    """What the model answered when it was asked for that."""

    @property
    def tokens(self) -> int | None:
        """Of the first prompt, as the server counted or we sent."""
        told = self.cold.usage.prompt_tokens
        return self.sent if told is None else told

    @property
    def prefilled(self) -> int | None:
        """Of the first prompt, what was computed for it."""
        return None if self.tokens is None else self.tokens - (self.cold.usage.cached_tokens or 0)

    @property
    def rate(self) -> float | None:
        """Tokens a second until the first one of a cold prompt's answer."""
        tokens = self.prefilled
        return None if tokens is None or self.cold.seconds <= 0 else tokens / self.cold.seconds

    @property
    def warm_seconds(self) -> float:
        """To the first token of a warm prompt's answer, the median."""
        return sorted(answered.seconds for answered in self.warm)[len(self.warm) // 2]

    @property
    def cached(self) -> tuple[int | None, ...]:
        """As reported for the warm questions."""
        return tuple(answered.usage.cached_tokens for answered in self.warm)

    @property
    def found(self) -> bool:
        """Whether the sentence was quoted."""
        return self.code in self.quoted


def judged(measured: Measured, served: Served) -> tuple[Finding, ...]:
    """What the measurements mean."""
    return gravest(
        [
            *_counts(measured),
            *_reuse(measured, served),
            *_clock(measured, served),
            *_quoting(measured),
        ]
    )


def _counts(measured: Measured) -> Iterator[Finding]:
    told, sent = measured.cold.usage.prompt_tokens, measured.sent
    if sent is None:
        return
    if told is None:
        yield unknown("prompt tokens", "the server does not say how many tokens it was sent")
    elif told != sent:
        yield trouble(
            "prompt tokens",
            f"the server counts {told:,} tokens where {sent:,} were sent",
            "it answers to another prompt than the one that was sent",
            "update the server, or use a worker's own URL where something stands before it",
        )
    else:
        yield ok("prompt tokens", f"all {sent:,} tokens that were sent are counted")


def _reuse(measured: Measured, served: Served) -> Iterator[Finding]:
    told = [count for count in measured.cached if count is not None]
    if not told:
        yield _by_the_clock(measured)
        return
    share = MOSTLY * (measured.tokens or 0)
    wanted = share if measured.expected is None else measured.expected
    # Where we cannot prime, the window layers keep the prefix from the third request on.
    counted = told if measured.expected is not None else told[-1:]
    missed = [count for count in counted if count < wanted]
    if measured.primed is not None and served.routed and not served.sliding_window:
        # It repeats a prefix that was just asked: only another worker does not have it.
        count = measured.primed.cached_tokens
        missed += [count] if count is not None and count < wanted // 2 else []
    seen = ", ".join(f"{count:,}" for count in told)
    of = "" if measured.expected is None else f" of {measured.expected:,}"
    if not missed:
        yield ok("prefix reuse", f"cached for {len(told)} questions: {seen}{of}")
        return
    cause = (
        "start the router with --policy cache_aware, or name the workers themselves"
        if served.routed
        else "see what is said of the prefix cache, the window pool and the KV cache"
    )
    yield advice(
        "prefix reuse",
        f"a repeated prefix is computed again: cached for {len(told)} questions {seen}{of}",
        "questions that should cost a second cost the whole prefill",
        cause,
    )


def _by_the_clock(measured: Measured) -> Finding:
    """All that can be said where cached tokens are not reported."""
    cold, warm = measured.cold.seconds, measured.warm_seconds
    if cold >= MUCH_FASTER * warm:
        return unknown(
            "prefix reuse", "cached tokens are not reported; by the clock the prefix is reused"
        )
    return advice(
        "prefix reuse",
        f"cached tokens are not reported, and a repeated prefix takes {warm:.2f} s where the first"
        f" time took {cold:.2f} s",
        "it seems to be computed again for each question",
        "have cached tokens reported; see what is said of the prefix cache",
    )


def _clock(measured: Measured, served: Served) -> Iterator[Finding]:
    tokens = "" if measured.tokens is None else f" over {measured.tokens:,} tokens"
    yield ok(
        "first token",
        f"{measured.cold.seconds:.2f} s cold, {measured.warm_seconds:.2f} s warm{tokens}",
    )
    if measured.rate is not None:
        whole = "" if served.window is None else f", {_span(served.window / measured.rate)} or more"
        whole += " for a prompt as long as the window" if whole else ""
        yield ok("prefill rate", f"{measured.rate:,.0f} tokens a second{whole}")


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} minutes"


def _quoting(measured: Measured) -> Iterator[Finding]:
    tokens = "a prompt" if measured.tokens is None else f"{measured.tokens:,} tokens"
    if measured.found:
        yield ok("quoting", f"a sentence in the middle of {tokens} was quoted")
    else:
        yield advice(
            "quoting",
            f"a sentence in the middle of {tokens} was not quoted when asked for",
            "one try proves little; a model that cannot do this will not cite either",
            "if it happens again, look at the model's quantization and chat template",
        )

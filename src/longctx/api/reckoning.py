"""What a prompt that goes out as messages should take and hit, learned from what servers report.

Here may live: how estimates are corrected, and what is kept for that. What must never be known
here: how a prompt is made, sent or shown.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cached_property
from math import ceil
from typing import TYPE_CHECKING

from longctx.api.lineages import key_of
from longctx.api.prefixes import ServerLog
from longctx.budget import EXACT, Gauge, Trust
from longctx.engines import Takes
from longctx.prompt import Effort
from longctx.session.units import Units, answered_with, beginnings_of

if TYPE_CHECKING:
    from longctx.api.surface import Surface
    from longctx.engines import Request, Usage
    from longctx.prompt import Prompt, Segment
    from longctx.session.units import Beginning

OBSERVED = 16
"""Reported counts that are kept, the newest."""

GUESSED_ERROR = 0.03
"""The least that an estimate with a guessed vocabulary may be wrong by, however well it did."""

NAMED_ERROR = 0.005
"""The same for a vocabulary that the user named."""

STEP = 32
TOKENS = 64
"""Margins change in steps of 1/32 and of 64 tokens: another margin may be another base."""

WORTH = 0.85
"""A margin shrinks only where its factor falls below this share."""


class Reckoning:
    """One server's counts and cache, as far as they are known here."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface
        connected = surface.connected
        served, effort = connected.served, surface.wanted.effort
        self._key = key_of(served.base_url, served.model, connected.tokenizer.name, effort)
        self._estimates = (
            connected.takes is Takes.MESSAGES and connected.gauge.trust is Trust.ESTIMATED
        )

    @property
    def gauge(self) -> Gauge:
        """How the server's counts follow from ours, as reported so far."""
        given = self._surface.connected.gauge
        return corrected(given, self._observed()) if self._estimates else given

    @property
    def caution(self) -> str:
        """What a person should know of counts that nothing has confirmed yet; else empty."""
        given, model = self._surface.connected.gauge, self._surface.connected.served.model
        if not self._estimates or given.error < 0.1 or self._observed():
            return ""
        return (
            f"tokens of {model or 'the model'} are estimated with DeepSeek V4's vocabulary,"
            f" ± {given.error:.0%} until it has counted a prompt; --tokenizer names a better one"
        )

    @property
    def margin(self) -> Gauge:
        """The same for sharing out a window: it promises no more room than there is, and changes
        seldom."""
        if not self._estimates:
            return EXACT
        needed, kept = self.gauge, self._surface.store.kept("margin", self._key)
        factor = ceil(needed.factor * STEP) / STEP
        tokens = max(0, -(-(needed.offset + needed.around) // TOKENS) * TOKENS)
        if kept is not None:
            before, around = json.loads(kept)
            if WORTH * before <= factor <= before and tokens <= around:
                return Gauge(Trust.ESTIMATED, ratio=before, around=around)
        self._surface.store.keep("margin", {self._key: json.dumps([factor, tokens]).encode()})
        return Gauge(Trust.ESTIMATED, ratio=factor, around=tokens)

    def measured(self, request: Request, prompt: Prompt) -> Request:
        """The request with what its prompt takes, and by how much that may be wrong."""
        connected = self._surface.connected
        if request.ids is not None:
            return replace(request, tokens=len(request.ids))
        rendered = connected.engine.rendered(request.messages, request.effort)
        if rendered is not None:
            return replace(request, tokens=len(rendered))
        if connected.gauge.trust is Trust.SERVER:
            return request
        counted, gauge = self._own(prompt), self.gauge
        return replace(request, tokens=gauge.expected(counted), within=gauge.within(counted))

    def hit(self, prompt: Prompt) -> int | None:
        """Tokens of it that should be cached, at the least; None where nothing is known of the
        cache."""
        return None if self._units is None else self._units.expected(beginnings_of(prompt))

    def noted(self, prompt: Prompt, answer: Segment, usage: Usage) -> None:
        """Learn from what the server reports of a prompt that went out as messages."""
        if self._estimates and usage.prompt_tokens:
            observed = [*self._observed(), (self._own(prompt), usage.prompt_tokens)][-OBSERVED:]
            self._surface.store.keep("gauge", {self._key: json.dumps(observed).encode()})
        if self._units is None:
            return
        beginnings = beginnings_of(prompt)
        ends: list[Beginning] = []
        # After thinking, later prompts repeat neither the thoughts nor the mark that begins them.
        if self._surface.wanted.effort is Effort.OFF:
            ends.append(beginnings[-1])
            if usage.finish_reason == "stop":
                ends.append(answered_with(beginnings[-1], answer))
        self._units.sent(beginnings, ends)

    def _own(self, prompt: Prompt) -> int:
        """Tokens of the prompt as we count it."""
        return len(self._surface.connected.template.encode(prompt, self._surface.wanted.effort))

    def _observed(self) -> list[tuple[int, int]]:
        kept = self._surface.store.kept("gauge", self._key)
        return [] if kept is None else [(int(ours), int(its)) for ours, its in json.loads(kept)]

    @cached_property
    def _units(self) -> Units | None:
        served = self._surface.connected.served
        if served.prefix_units is None or self._surface.connected.takes is not Takes.MESSAGES:
            return None
        effort = self._surface.wanted.effort
        server = json.dumps(["units", served.base_url, served.model, effort])
        return Units(ServerLog(self._surface.store, server), served.prefix_units)


def corrected(given: Gauge, observed: list[tuple[int, int]]) -> Gauge:
    """A gauge after the server has counted prompts that we counted too: (ours, the server's)."""
    if not observed:
        return given
    if not given.error:
        apart = [its - ours for ours, its in observed]
        spread = max(apart) - min(apart)
        if spread == 0 and apart[-1] == 0:
            return EXACT
        return Gauge(Trust.ESTIMATED, offset=apart[-1], around=max(spread, 16))
    ratio = sum(its for _, its in observed) / sum(ours for ours, _ in observed)
    worst = max(abs(its - ours * ratio) / (ours * ratio) for ours, its in observed)
    least = GUESSED_ERROR if given.error > 0.1 else NAMED_ERROR
    error = max(least, 1.5 * worst)
    return Gauge(Trust.ESTIMATED, ratio=ratio, error=error, around=TOKENS)

"""Showing a prefill: how much there is, how far the server is, whom one waits for."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from longctx.cli.narration import say, waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from longctx.api import Session

QUIET = 5.0
"""Seconds that another process may take before it is worth a word."""


@contextmanager
def priming(lacking: int, session: Session) -> Iterator[Callable[[float], None]]:
    """Narrates while `lacking` tokens are prefilled; yields what to call while another does it."""
    if not lacking:
        yield lambda seconds: None
        return
    engine, started = session.surface.connected.engine, time.monotonic()
    others = _Others()

    def told() -> str:
        if others.waited:
            return "waiting for another process that prefills the same prefix"
        left = engine.waiting()
        if not left or left >= lacking:
            return f"prefilling {lacking:,} tokens"
        rate = (lacking - left) / max(0.001, time.monotonic() - started)
        share = 100 * (lacking - left) // lacking
        return f"prefilling {lacking:,} tokens, {share} %, about {left / rate:.0f} s to go,"

    with waiting(told):
        yield others


class _Others:
    """Notes that another process is at work, and says so once."""

    waited = False

    def __call__(self, seconds: float) -> None:
        if seconds >= QUIET and not self.waited:
            say("another process is prefilling the same prefix: waiting for it")
        self.waited = self.waited or seconds >= QUIET

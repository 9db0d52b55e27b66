"""Warming as a purpose of its own: what it will take, how long, and doing it unseen.

What may live here: prefills that no question waits for. What must never be known here: how a
prefix is primed (`session.warming`), terminals.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.api.rates import keep_rate, rate_of
from longctx.engines import Takes
from longctx.engines.radix_tree import shared as common
from longctx.errors import LongctxError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from longctx.api.asked import Shared
    from longctx.api.sessions import Session
    from longctx.engines import Engine, Request
    from longctx.prompt import Ids
    from longctx.session.forecasts import Forecast
    from longctx.session.prefixes import Prefix
    from longctx.session.warming import Warmth

MOMENT = 2.0
"""Seconds that a question waits for a prefill ahead of it, which does a part of its own work."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What warming a prefix will take."""

    tokens: int
    """Of the whole prefix."""
    lacking: int
    """Of these, what the server should have to prefill; 0 where the prefix is warm."""
    rate: float | None
    """Tokens a second of the last prefill at this server; None before the first."""

    @property
    def seconds(self) -> float | None:
        """How long it may take; None where nothing tells."""
        return self.lacking / self.rate if self.rate else None


@dataclass(frozen=True, slots=True)
class Repacking:
    """What a new base costs and saves, in tokens."""

    base: int
    carried: int
    """Updates since."""
    prefill: int
    """Everything from where the new base differs first."""
    saved: int
    """By every question from then on."""


def repacking(old: Shared, new: Shared) -> Repacking:
    """What it takes to go on over `new` where the server holds `old`."""
    before, after = old.lineage, new.lineage
    ids, fresh = (
        shared.lineage.base.ids if shared.prefix.ids is None else shared.prefix.ids
        for shared in (old, new)
    )
    prefill = len(fresh) - common(ids.data, fresh.data) // new.prefix.page * new.prefix.page
    saved = before.tokens - after.tokens
    return Repacking(before.base.tokens, before.carried, prefill if before.steps else 0, saved)


def refuse_promptless(session: Session) -> None:
    """Raise UsageError for an engine that reads no prompt."""
    if session.surface.connected.takes is Takes.EXCERPTS:
        raise UsageError(
            "there is nothing to warm: without a model the embedded engine answers, which reads no"
            " prompt. Connect a model with --base-url http://HOST:30000 or LONGCTX_BASE_URL;"
            " `longctx doctor` looks for servers"
        )


def refuse_unprimable(session: Session) -> None:
    """Raise UsageError for an engine that cannot be made to hold a prefix."""
    refuse_promptless(session)
    connected = session.surface.connected
    if connected.takes is Takes.MESSAGES:
        raise UsageError(
            f"{connected.served.model or 'the served model'} is sent messages, which its server"
            " encodes itself, so no request can end where questions begin: the first question"
            " warms it"
        )


def outlook(session: Session, prefix: Prefix) -> Outlook:
    """What warming this prefix will take now."""
    surface = session.surface
    return Outlook(
        0 if prefix.ids is None else len(prefix.ids),
        session.lacking(prefix),
        rate_of(surface.store, surface.connected.served),
    )


def warmed(
    session: Session, prefix: Prefix, waiting: Callable[[float], None] = lambda seconds: None
) -> Warmth | None:
    """Make the server hold the prefix, and note how fast it prefilled; None as `Session.warm`."""
    done = session.warm(prefix, waiting)
    if done is None or done.waited or prefix.ids is None:
        return done
    tokens = done.prefilled if done.cached is None else len(prefix.ids) - done.cached
    if done.prefilled:
        surface = session.surface
        keep_rate(surface.store, surface.connected.served, tokens, done.seconds)
    return done


class Ahead:
    """A prefill that nobody waits for, in a thread that touches nothing but the engine."""

    def __init__(
        self,
        prefix: Prefix,
        request: Request,
        engine: Engine,
        forecast: Forecast,
        enough: int,
        tries: int,
    ) -> None:
        """Begins at once and repeats the request until `enough` tokens are reported as cached, or
        `tries` times: a window model may keep only a part at first."""
        self.prefix = prefix
        self.forecast = forecast
        """Of the cache that it goes to."""
        self._request = request
        self._engine = engine
        self._enough = enough
        self._tries = tries
        self._answered = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._prime, name="prime-next", daemon=True)
        self._thread.start()

    @property
    def ids(self) -> Ids:
        assert self._request.ids is not None  # noqa: S101 - only ids are primed
        return self._request.ids

    def settled(self, patience: float = MOMENT) -> int:
        """End it, after at most this many seconds; how many requests the server has answered.

        One that takes longer is left to itself: what it prefills, the server keeps all the same.
        """
        self._over.set()
        self._thread.join(patience)
        return self._answered

    def _prime(self) -> None:
        # Whatever is wrong, the next question will meet it and say so. RuntimeError: closed.
        with suppress(LongctxError, RuntimeError):
            for _ in range(self._tries):
                cached = self._engine.prime(self._request).cached_tokens
                self._answered += 1
                if self._over.is_set() or cached is None or cached >= self._enough:
                    return

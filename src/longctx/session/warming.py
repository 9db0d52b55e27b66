"""Priming: one request fills the server's cache up to the boundary, then everyone asks.

Here may live: what is sent before a question, by whom, and when that is not needed. What must never
be known here: sources, stores, terminals.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from longctx.engines import Request
from longctx.prompt import Ids

if TYPE_CHECKING:
    from collections.abc import Callable

    from longctx.engines import Engine, Served
    from longctx.session.flights import Flights
    from longctx.session.forecasts import Forecast
    from longctx.session.prefixes import Prefix

WORTH = 1_024
"""Missing tokens that are worth a request of their own where no window needs a checkpoint."""

TRIES = 3
"""A window model may keep only what leads to a branching point; the next request keeps the rest."""


@dataclass(frozen=True, slots=True)
class Levers:
    """How requests are marked for the server; the same for all requests of a session."""

    session: str | None = None
    salt: str | None = None
    worker: int | None = None

    def on(self, request: Request) -> Request:
        return replace(request, session=self.session, salt=self.salt, worker=self.worker)


@dataclass(frozen=True, slots=True)
class Warmth:
    """What warming a prefix took."""

    cached: int | None
    """Tokens that the server had already, as reported; None where it does not report."""
    prefilled: int
    """Tokens sent less those expected to be cached."""
    seconds: float
    waited: bool
    """Whether another thread or process did it meanwhile."""


def missing(prefix: Prefix, forecast: Forecast, served: Served) -> int:
    """Tokens of the prefix that the server should have to compute; 0 where it is not worth it."""
    if prefix.ids is None:
        return 0
    lacking = len(prefix.ids) - forecast.held(prefix.ids)
    return lacking if lacking > 0 and (served.sliding_window or lacking >= WORTH) else 0


def warm(
    prefix: Prefix,
    engine: Engine,
    served: Served,
    forecast: Forecast,
    flights: Flights,
    levers: Levers,
    waiting: Callable[[float], None] = lambda seconds: None,
) -> Warmth:
    """Make the server hold the whole prefix, once for all who ask at the same time.

    `waiting` gets the seconds that another has been at it.
    """
    started = time.monotonic()
    if not missing(prefix, forecast, served):
        return Warmth(None, 0, 0.0, waited=False)
    name = f"{prefix.digest.hex()[:32]}-{levers.worker or 0}"
    with flights.alone(name, waiting) as waited:
        lacking = missing(prefix, forecast, served)
        cached = _primed(prefix, engine, served, forecast, levers) if lacking else None
    return Warmth(cached, lacking, time.monotonic() - started, waited)


def _primed(
    prefix: Prefix, engine: Engine, served: Served, forecast: Forecast, levers: Levers
) -> int | None:
    """Tokens that the server had, as it reported for the first of these requests."""
    assert prefix.ids is not None  # noqa: S101 - `missing` saw them
    ends = prefix.checkpoints if served.sliding_window else prefix.checkpoints[-1:]
    reported: list[int | None] = []
    for end in ends:
        for _ in range(TRIES):
            ids = prefix.ids.head(end)
            if forecast.held(ids) >= end:
                break
            request = levers.on(Request(max_tokens=0, effort=prefix.effort, ids=ids))
            reported.append(engine.prime(request).cached_tokens)
            forecast.sent(prefix, ids, Ids())
    if served.session_cache and levers.session and served.sliding_window:
        touch(prefix, engine, forecast, levers)
    return reported[0] if reported else None


def touch(prefix: Prefix, engine: Engine, forecast: Forecast, levers: Levers) -> int | None:
    """Follow a warm prefix with one token; how much of it the server had, as it reports.

    Under a session's tag a window outlives strangers only once a request has followed it
    (seen on SGLang 0.5.23).
    """
    if prefix.ids is None:
        return None
    ids = _followed(prefix.ids)
    usage = engine.prime(levers.on(Request(max_tokens=0, effort=prefix.effort, ids=ids)))
    forecast.sent(prefix, ids, Ids())
    return usage.cached_tokens


def _followed(ids: Ids) -> Ids:
    """These ids and one more: a stand-in for whatever is asked after them."""
    return Ids(ids.data + ids.data[-4:])

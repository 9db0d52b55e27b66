"""How fast a server was when it was last asked, from what is kept of primes and turns."""

from __future__ import annotations

import json
from contextlib import closing
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from longctx.api.rates import MUCH, last_rate
from longctx.store import Store, StoreError

if TYPE_CHECKING:
    from longctx.api.places import Places

SESSIONS = 50
NOT_SERVERS = ("scripted", "extractive")


class Remembered(NamedTuple):
    """A speed that was measured here."""

    speed: float
    """Tokens a second that were prefilled."""
    source: str


def remembered(places: Places) -> Remembered | None:
    """The last large prefill that was timed, by `longctx doctor --measure` or a prime; else the
    median of the last sessions' turns that prefilled many; None where none did."""
    if not (places.data / "longctx.db").exists():
        return None
    try:
        with closing(Store.open(places.data)) as store:
            timed = last_rate(store)
            if timed is not None:
                return Remembered(timed, "the last large prefill that was timed here")
            found = [
                speed
                for session in store.sessions(limit=SESSIONS)
                if session.head is not None
                for turn in store.path_to(session.head)
                if (speed := _speed(turn.facts)) is not None
            ]
    except StoreError:
        return None
    return Remembered(median(found), "your own turns, as kept here") if found else None


def _speed(facts: str) -> float | None:
    told = json.loads(facts)
    usage = told.get("usage", {})
    prefilled, seconds = usage.get("prefilled_tokens"), usage.get("first_token_seconds")
    if told.get("engine") in NOT_SERVERS or not prefilled or not seconds or prefilled < MUCH:
        return None
    return float(prefilled) / float(seconds)

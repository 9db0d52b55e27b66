"""How fast a server was when it was last asked, from the turns that are kept."""

from __future__ import annotations

import json
from contextlib import closing
from statistics import median
from typing import TYPE_CHECKING

from longctx.store import Store, StoreError

if TYPE_CHECKING:
    from longctx.api.places import Places

LEAST = 8_192
"""Prefilled tokens below which a first token says more of waiting than of prefilling."""
SESSIONS = 50
NOT_SERVERS = ("scripted", "extractive")


def remembered(places: Places) -> float | None:
    """Tokens a second that were prefilled, the median of the last sessions' turns that prefilled
    many; None where none did."""
    if not (places.data / "longctx.db").exists():
        return None
    try:
        with closing(Store.open(places.data)) as store:
            found = [
                speed
                for session in store.sessions(limit=SESSIONS)
                if session.head is not None
                for turn in store.path_to(session.head)
                if (speed := _speed(turn.facts)) is not None
            ]
    except StoreError:
        return None
    return median(found) if found else None


def _speed(facts: str) -> float | None:
    told = json.loads(facts)
    usage = told.get("usage", {})
    prefilled, seconds = usage.get("prefilled_tokens"), usage.get("first_token_seconds")
    if told.get("engine") in NOT_SERVERS or not prefilled or not seconds or prefilled < LEAST:
        return None
    return float(prefilled) / float(seconds)

"""The composition root: sources in, answers out. Every face does its work through these names.

What may live here: the order in which the parts are put together. What must never be known here:
how options are spelled or answers are shown. Names are resolved on first use (PEP 562), so that a
command imports only what it needs.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from longctx.api.asked import Asked
    from longctx.api.connecting import Connected, connect
    from longctx.api.opening import open
    from longctx.api.packing import Ask
    from longctx.api.places import Places
    from longctx.api.sessions import Session
    from longctx.api.sources import Loaded, load
    from longctx.engines import Connection, Delta, Reasoning
    from longctx.loaders import Selection
    from longctx.session import Turn
    from longctx.session.asking import Step

HOMES = {
    "Ask": "longctx.api.packing",
    "Asked": "longctx.api.asked",
    "Connected": "longctx.api.connecting",
    "Connection": "longctx.engines",
    "Delta": "longctx.engines",
    "Loaded": "longctx.api.sources",
    "Places": "longctx.api.places",
    "Reasoning": "longctx.engines",
    "Selection": "longctx.loaders",
    "Session": "longctx.api.sessions",
    "Step": "longctx.session.asking",
    "Turn": "longctx.session",
    "connect": "longctx.api.connecting",
    "load": "longctx.api.sources",
    "open": "longctx.api.opening",
}
"""Where each name of the public API is defined."""

__all__ = [
    "Ask",
    "Asked",
    "Connected",
    "Connection",
    "Delta",
    "Loaded",
    "Places",
    "Reasoning",
    "Selection",
    "Session",
    "Step",
    "Turn",
    "connect",
    "load",
    "open",
]


def __getattr__(name: str) -> object:
    if name in HOMES:
        return getattr(importlib.import_module(HOMES[name]), name)
    raise AttributeError(f"module 'longctx.api' has no attribute {name!r}")

"""The composition root: sources in, answers out. Every face does its work through these names.

What may live here: the order in which the parts are put together. What must never be known here:
how options are spelled or answers are shown. Names are resolved on first use (PEP 562), so that a
command imports only what it needs.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from longctx.api.asking import Prepared, prepare
    from longctx.api.connecting import Connected, connect
    from longctx.api.packing import Ask, packed
    from longctx.api.places import Places
    from longctx.api.sources import Loaded, load
    from longctx.engines import Connection, Delta, Reasoning
    from longctx.loaders import Selection
    from longctx.session import Turn

HOMES = {
    "Ask": "longctx.api.packing",
    "Connected": "longctx.api.connecting",
    "Connection": "longctx.engines",
    "Delta": "longctx.engines",
    "Loaded": "longctx.api.sources",
    "Places": "longctx.api.places",
    "Prepared": "longctx.api.asking",
    "Reasoning": "longctx.engines",
    "Selection": "longctx.loaders",
    "Turn": "longctx.session",
    "connect": "longctx.api.connecting",
    "load": "longctx.api.sources",
    "packed": "longctx.api.packing",
    "prepare": "longctx.api.asking",
}
"""Where each name of the public API is defined."""

__all__ = [
    "Ask",
    "Connected",
    "Connection",
    "Delta",
    "Loaded",
    "Places",
    "Prepared",
    "Reasoning",
    "Selection",
    "Turn",
    "connect",
    "load",
    "packed",
    "prepare",
]


def __getattr__(name: str) -> object:
    if name in HOMES:
        return getattr(importlib.import_module(HOMES[name]), name)
    raise AttributeError(f"module 'longctx.api' has no attribute {name!r}")

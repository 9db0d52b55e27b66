"""longctx: ask a whole repository, a shelf of books or a case file, and check the answers.

The package root imports nothing heavy: names of the public API are resolved on first use
(PEP 562), so that `longctx --version` and shell completion stay instant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from longctx.api import (
        Ask,
        Asked,
        Connected,
        Connection,
        Delta,
        Loaded,
        Places,
        Reasoning,
        Selection,
        Session,
        Step,
        Turn,
        connect,
        load,
        open,
    )

__version__ = "0.1.0.dev0"

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
    "__version__",
    "connect",
    "load",
    "open",
]


def __getattr__(name: str) -> object:
    if name in __all__:
        from longctx import api

        return getattr(api, name)
    raise AttributeError(f"module 'longctx' has no attribute {name!r}")

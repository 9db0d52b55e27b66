"""How fast each server prefilled when it was last seen to: one number a server, kept.

What may live here: that number. What must never be known here: who measures it and what for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx.api.lineages import key_of

if TYPE_CHECKING:
    from longctx.engines import Served
    from longctx.store import Store

KIND = "rate"

TELLING = 2_048
"""Fewer tokens than this say nothing of how fast a server prefills."""


MUCH = 8_192
"""Fewer tokens than this say more of waiting than of how fast long prompts are prefilled."""

LAST = b"last"


def last_rate(store: Store) -> float | None:
    """Tokens a second of the last large prefill at any server; None before the first."""
    kept = store.kept(KIND, LAST)
    return None if kept is None else float(kept)


def rate_of(store: Store, served: Served) -> float | None:
    """Tokens a second of the last prefill at this server; None before the first."""
    kept = store.kept(KIND, _server(served))
    return None if kept is None else float(kept)


def keep_rate(store: Store, served: Served, tokens: int, seconds: float) -> None:
    """Note how long a prefill of so many tokens took, where they are enough to tell."""
    if tokens >= TELLING and seconds:
        rate = f"{tokens / seconds:.1f}".encode()
        store.keep(KIND, {_server(served): rate} | ({LAST: rate} if tokens >= MUCH else {}))


def _server(served: Served) -> bytes:
    return key_of(served.base_url, served.model)

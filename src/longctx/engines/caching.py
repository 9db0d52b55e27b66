"""What a server keeps of prompts, as a simulation: the way to predict cached tokens without asking.

Here may live: what every simulation can do. How a kind of server caches is the business of one
module each (`radix`, `blocks`, `slots`); an engine names the one of its server in `Engine.caching`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longctx.prompt import Ids


class SimulatedCache(Protocol):
    """One server's cache, going through one request at a time; the same calls give the same."""

    def ask(self, ids: Ids, generated: Sequence[int] = ()) -> int:
        """Cached tokens that the server reports for this prompt, which is then cached itself.

        `generated` is every token of the answer; the last one is not cached, because nothing was
        computed after it. Raises EngineError for a prompt that the cache cannot hold.
        """
        ...

    def peek(self, ids: Ids) -> int:
        """Cached tokens that `ask` would return for this prompt now; nothing changes."""
        ...

    def holds(self, ids: Ids) -> int:
        """How much of these ids a longer prompt that begins with them would find cached."""
        ...

    def image(self) -> bytes:
        """All of it, for `Caching.restored`."""
        ...


class Caching(Protocol):
    """How a server caches: makes simulations of its cache."""

    @property
    def reads_end(self) -> bool:
        """Whether the token that ended an answer by itself is cached like those before it: a server
        that takes one step more before it sees the end has computed it."""
        ...

    def empty(self) -> SimulatedCache:
        """The cache of a server that was just started."""
        ...

    def restored(self, image: bytes) -> SimulatedCache | None:
        """The cache that an image shows; None for bytes that are damaged, or were written by
        another kind of cache or under other rules."""
        ...

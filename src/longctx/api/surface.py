"""What a session works with: an engine, sources, folders, a store. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from longctx.api.connecting import Connected
    from longctx.api.packing import Ask
    from longctx.api.places import Places
    from longctx.api.sources import Loaded
    from longctx.store import Store


@dataclass(frozen=True)
class Surface:
    """What a session works with; the same for all its questions."""

    connected: Connected
    read: Callable[[], Loaded]
    """The sources as they are now."""
    wanted: Ask
    places: Places
    store: Store
    place: str
    """Which sources, for finding the last session over them."""
    sources: tuple[str, ...]
    salt: str | None = None
    """The user's own cache on the server, where isolation was asked for."""
    say: Callable[[str], None] = lambda line: None
    counting: Callable[[int, int], None] = lambda done, total: None
    reading: Callable[[str], None] = lambda line: None
    """Gets what goes on, each line in place of the last; an empty one ends it."""
    anew: bool = False
    """Begin a base of one's own instead of continuing."""

"""Passages of sources that match a query, without a model and without a prompt.

Knows sources and the index. What must never be known here: options, how passages are shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx.api.finding import Finder
from longctx.api.opening import place_of
from longctx.api.sources import load
from longctx.errors import NothingFound

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from longctx.api.places import Places
    from longctx.loaders import Selection
    from longctx.recall import Passage


def searched(
    sources: Sequence[str],
    query: str,
    places: Places,
    selection: Selection,
    limit: int,
    say: Callable[[str], None] = lambda line: None,
    progress: Callable[[str], None] = lambda line: None,
) -> tuple[Passage, ...]:
    """The best passages, best first. Raises NothingFound where nothing matches."""
    corpus = load(sources, places, selection, say, progress).corpus
    found = Finder(places.memo, place_of(sources), progress).index(corpus).search(query, limit)
    if not found:
        raise NothingFound(
            f"nothing matches {query!r} in {len(corpus):,} documents: use words that they use"
        )
    return found

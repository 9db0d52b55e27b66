"""What runs here and what is kept here, for `longctx doctor`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from longctx.engines.probing import probe
from longctx.engines.urls import bare

if TYPE_CHECKING:
    from pathlib import Path

    from longctx.api.places import Places
    from longctx.engines import Connection, Served

WELL_KNOWN = (
    ("SGLang", "http://127.0.0.1:30000"),
    ("vLLM", "http://127.0.0.1:8000"),
    ("llama.cpp", "http://127.0.0.1:8080"),
    ("Ollama", "http://127.0.0.1:11434"),
)
"""Where each kind of server listens unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Place:
    """A URL that was asked, and what answered."""

    usual: str
    """The kind of server that is usual there, or `configured`."""
    url: str
    served: Served | None


@dataclass(frozen=True, slots=True)
class Cache:
    """A folder of ours, and its size."""

    name: str
    folder: Path
    size: int


def servers(connection: Connection) -> tuple[Place, ...]:
    """Everything that answers at the configured URL and the well-known ports, asked at once."""
    asked = list(WELL_KNOWN)
    if connection.base_url is not None:
        asked = [("configured", connection.base_url), *asked]
    quick = replace(connection, connect_timeout=1.0, retries=0)
    # The key belongs to the configured server alone.
    anonymous = replace(quick, api_key=None, model=None)
    with ThreadPoolExecutor(len(asked)) as pool:
        found = pool.map(
            lambda place: probe(
                replace(quick if place[0] == "configured" else anonymous, base_url=place[1])
            ),
            asked,
        )
        return tuple(
            Place(usual, bare(url), served)
            for (usual, url), served in zip(asked, found, strict=True)
        )


def caches(places: Places) -> tuple[Cache, ...]:
    """Our folders and their sizes."""
    from longctx.api.places import size_of

    folders = {
        "tokens": places.tokens,
        "texts": places.texts,
        "clones": places.clones,
        "sessions": places.data,
    }
    return tuple(Cache(name, folder, size_of(folder)) for name, folder in folders.items())

"""What kept lineages and prefixes are made of, read without loading them.

Looking at them here counts as no use of a base. How the values are written is the knowledge of
`longctx.api.lineages` and `longctx.api.prefixes`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.api.lineages import step_of

if TYPE_CHECKING:
    from longctx.store import Store

_DIGEST = 32


@dataclass(frozen=True, slots=True)
class Made:
    """What a lineage is made of, by digest."""

    base: bytes
    steps: tuple[bytes, ...]


def made_of(store: Store, lineage: bytes) -> Made | None:
    """The parts of a lineage; None where it is not kept."""
    data = store.kept("lineage", lineage)
    if data is None:
        return None
    parts = [data[at : at + _DIGEST] for at in range(0, len(data), _DIGEST)]
    return Made(parts[0], tuple(parts[1:]))


def lineage_of(store: Store, prefix: bytes) -> bytes | None:
    """The lineage that a prefix shows; None where the prefix is not kept."""
    data = store.kept("prefix", prefix)
    return None if data is None else bytes.fromhex(json.loads(data)[0])


def texts_of(store: Store, step: bytes) -> dict[str, bytes | None]:
    """The digest of each text that a step leaves behind, by path; None for one that it removes."""
    data = store.kept("step", step)
    changes = () if data is None else step_of(data).changes
    return {path: None if known is None else known.digest for path, known in changes}

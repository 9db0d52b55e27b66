"""What grew while asking and is not needed any more: found by marking, and removed.

Needed is what a kept turn names (its prefix, its state), what a pointer leads to that was used
lately, what is so young that a question may be on its way with it, and all that these are made of.
What must never be known here: sources, servers, terminals.

Safe beside other processes: a value that one of them keeps again meanwhile stays. At worst a
question finds its base gone, and gets a new one.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from longctx.api.composition import lineage_of, made_of, texts_of
from longctx.api.lineages import Lineages
from longctx.store.text import moment

if TYPE_CHECKING:
    from longctx.api.composition import Made
    from longctx.store import Store

DAY = 86_400
LIVING = 30 * DAY
"""Seconds for which an unused pointer, and the base that it leads to, is worth keeping."""
ON_ITS_WAY = DAY
"""Seconds that a question may take from its prefix to its turn."""
HANDED_OVER = 60
"""Seconds that may pass between writing a step or a text and the lineage that needs it."""


@dataclass(frozen=True, slots=True)
class Swept:
    """How much was removed."""

    values: int
    bases: int


def swept_if_due(store: Store) -> Swept | None:
    """Sweep, at most once a day over all processes; None where it was not due."""
    if store.written("sweep").get(b"last", "") > moment(time.time() - DAY):
        return None
    store.keep("sweep", {b"last": b""})
    return swept(store)


def swept(store: Store) -> Swept:
    """Remove what is not needed."""
    needed, values = _Needed(store, time.time()), 0
    for kind, keys in needed.by_kind.items():
        spare = needed.written[kind].keys() - keys
        if spare:
            store.forget(kind, spare, before=needed.started)
            values += len(spare)
    spare_bases = needed.bases.keys() - needed.used_bases
    for digest in spare_bases:
        store.thaw(digest)
    return Swept(values, len(spare_bases))


class _Needed:
    """Everything that must stay, as things are at one moment."""

    def __init__(self, store: Store, now: float) -> None:
        self._store = store
        self._now = now
        self.started = moment(now)
        # In the order in which things are written, so that nothing is there without its parts.
        self.bases = {base.digest: base.used for base in store.bases()}
        kinds = ("text", "step", "lineage", "prefix", "pointer")
        self.written = {kind: store.written(kind) for kind in kinds}
        self._texts: dict[bytes, dict[str, bytes | None]] = {}
        """Of steps; lineages share most of theirs."""

    @cached_property
    def by_kind(self) -> dict[str, set[bytes]]:
        """The keys to keep."""
        lineages = self._lineages
        texts, steps = (self._since(kind, HANDED_OVER) for kind in ("text", "step"))
        for digest in lineages:
            steps.update(self._made[digest].steps)
            texts.update(self._last_texts(digest))
        return {
            "text": texts,
            "step": steps,
            "lineage": lineages,
            "prefix": {key for key, lineage in self._prefixes.items() if lineage in lineages},
            "pointer": set(self._pointers),
        }

    @cached_property
    def used_bases(self) -> set[bytes]:
        young = moment(self._now - ON_ITS_WAY)
        fresh = {digest for digest, used in self.bases.items() if used > young}
        return fresh | {self._made[digest].base for digest in self._lineages}

    @cached_property
    def _lineages(self) -> set[bytes]:
        """Those that are needed."""
        named = {digest for _, digest in self._store.digests()}
        prefixes = (named & self._prefixes.keys()) | self._since("prefix", ON_ITS_WAY)
        shown = {self._prefixes[key] for key in prefixes if key in self._prefixes}
        young = self._since("lineage", ON_ITS_WAY)
        return (named | shown | young | set(self._pointers.values())) & self._made.keys()

    @cached_property
    def _made(self) -> dict[bytes, Made]:
        """The lineages whose base is there; without it the rest is of no use."""
        made = {digest: made_of(self._store, digest) for digest in self.written["lineage"]}
        return {
            digest: parts
            for digest, parts in made.items()
            if parts is not None and parts.base in self.bases
        }

    @cached_property
    def _prefixes(self) -> dict[bytes, bytes]:
        """The lineage that each prefix shows."""
        shown = {key: lineage_of(self._store, key) for key in self.written["prefix"]}
        return {key: lineage for key, lineage in shown.items() if lineage is not None}

    @cached_property
    def _pointers(self) -> dict[bytes, bytes]:
        """The lineages of those pointers that were written, or whose base was used, lately."""
        lineages, living = Lineages(self._store), moment(self._now - LIVING)
        found: dict[bytes, bytes] = {}
        for key, written in self.written["pointer"].items():
            pointer = lineages.pointed(key)
            made = None if pointer is None else self._made.get(pointer.lineage)
            if pointer and made and max(written, self.bases[made.base]) > living:
                found[key] = pointer.lineage
        return found

    def _since(self, kind: str, seconds: float) -> set[bytes]:
        young = moment(self._now - seconds)
        return {key for key, written in self.written[kind].items() if written > young}

    def _last_texts(self, lineage: bytes) -> set[bytes]:
        """The texts as the last step left them: a later change is compared with these."""
        last: dict[str, bytes | None] = {}
        for step in self._made[lineage].steps:
            if step not in self._texts:
                self._texts[step] = texts_of(self._store, step)
            last |= self._texts[step]
        return {digest for digest in last.values() if digest is not None}

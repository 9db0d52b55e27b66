"""What llama-server's slots would hold: cached tokens, predicted without a server.

Here may live: how one request at a time finds a slot, what the slot had, and what is set aside in
memory. It must never know servers, tokenizers, prompts' meaning or clocks: the same calls always
give the same numbers. tests/live compares it with real servers (llama.cpp build 11549).

A slot holds the tokens of its last request, answer included; the next request in it keeps what both
begin with, all but its last token at most. A request takes the slot that is most like it, where
more than a tenth of it is there, else the one that was used the longest time ago. Where a slot
would lose half of what it holds or more, its tokens are set aside first, and the slot takes what
was set aside instead if that is better. When a request begins, what the other slots hold is set
aside too; with one memory for all slots (the default) they are then empty.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.engines.radix_tree import ID, shared
from longctx.prompt import Ids

if TYPE_CHECKING:
    from collections.abc import Sequence

ALIKE = 0.1
"""The share of a prompt that a slot must hold to be chosen for it (`--slot-prompt-similarity`)."""
KEPT = 0.5
"""The share of a slot's tokens that a request must go on from, else they are set aside first."""
WORTH = 0.25
"""The share of what was set aside that a request must go on from to take it."""

SET_ASIDE = 4_000_000
"""Tokens set aside at the most here. A server has 8 GiB for them (`--cache-ram`), and no page tells
how many tokens that is."""

FORM = 1


@dataclass(frozen=True, slots=True)
class Slots:
    """Caching (`longctx.engines.caching`) as llama.cpp does it."""

    reads_end = False

    count: int = 4
    unified: bool = True
    """Whether the slots share one memory (`--kv-unified`)."""

    def empty(self) -> SlotCache:
        return SlotCache(self)

    def restored(self, image: bytes) -> SlotCache | None:
        try:
            (size,) = struct.unpack_from("<I", image)
            form, count, unified, used, clock, held, aside = json.loads(image[4 : 4 + size])
            if (form, count, unified) != (FORM, self.count, self.unified):
                return None
            cache = SlotCache(self)
            cache.used, cache.clock = used, clock
            at, found = 4 + size, []
            for length in (*held, *aside):
                found.append(image[at : at + ID * length])
                at += ID * length
            if at != len(image) or len(held) != count or len(used) != count:
                return None
        except (ValueError, TypeError, struct.error):
            return None
        cache.held, cache.aside = found[:count], found[count:]
        return cache


@dataclass(frozen=True, slots=True)
class _Placed:
    """Where a prompt would go."""

    slot: int
    held: bytes
    """What the slot holds then."""
    aside: list[bytes]


class SlotCache:
    """One server's slots between two requests."""

    def __init__(self, rules: Slots) -> None:
        self.rules = rules
        self.held = [b""] * rules.count
        """What each slot holds."""
        self.used = [-1] * rules.count
        """When each was used last."""
        self.aside: list[bytes] = []
        """What was set aside, the oldest first."""
        self.clock = 0

    def image(self) -> bytes:
        lengths = [[len(data) // ID for data in kept] for kept in (self.held, self.aside)]
        told = [FORM, self.rules.count, self.rules.unified, self.used, self.clock, *lengths]
        head = json.dumps(told, separators=(",", ":")).encode()
        return b"".join([struct.pack("<I", len(head)), head, *self.held, *self.aside])

    def peek(self, ids: Ids) -> int:
        """Cached tokens that `ask` would return for this prompt now; nothing changes."""
        return min(shared(self._placed(ids).held, ids.data), max(0, len(ids) - 1))

    def holds(self, ids: Ids) -> int:
        """How much of these ids a longer prompt that begins with them would find cached."""
        return min(self.peek(Ids(ids.data + b"\xff" * ID)), len(ids))

    def ask(self, ids: Ids, generated: Sequence[int] = ()) -> int:
        """Cached tokens that the server reports for this prompt, which its slot then holds.

        `generated` is every token of the answer. The last one is not held: nothing was computed
        after it.
        """
        placed = self._placed(ids)
        self.aside = placed.aside
        for slot, held in enumerate(self.held):
            if slot != placed.slot:
                self.aside = set_aside(self.aside, held)
                if self.rules.unified:
                    self.held[slot] = b""
        self._forget()
        self.clock += 1
        self.used[placed.slot] = self.clock
        self.held[placed.slot] = ids.data + Ids.of(generated[:-1]).data
        return min(shared(placed.held, ids.data), max(0, len(ids) - 1))

    def _placed(self, ids: Ids) -> _Placed:
        likeness = [shared(held, ids.data) for held in self.held]
        length = max(1, len(ids))
        slot = max(range(len(likeness)), key=lambda number: likeness[number])
        if likeness[slot] / length > ALIKE:
            held = self.held[slot]
            if likeness[slot] / (len(held) // ID) >= KEPT:
                return _Placed(slot, held, self.aside)
        else:
            # Of those that were never used, the last.
            slot = min(range(len(self.used)), key=lambda number: (self.used[number], -number))
            held = self.held[slot]
        return _Placed(slot, *_better(held, set_aside(self.aside, held), ids.data))

    def _forget(self) -> None:
        while sum(map(len, self.aside)) > SET_ASIDE * ID:
            self.aside = self.aside[1:]


def set_aside(aside: list[bytes], held: bytes) -> list[bytes]:
    """What is set aside when `held` is too; nothing changes where something holds all of it."""
    if not held or any(kept.startswith(held) for kept in aside):
        return aside
    return [*(kept for kept in aside if not held.startswith(kept)), held]


def _better(held: bytes, aside: list[bytes], prompt: bytes) -> tuple[bytes, list[bytes]]:
    """What the slot holds after it took what suits the prompt better, and what is then left."""
    same = shared(held, prompt)
    keep, like = (same / (len(held) // ID) if held else -1.0), same
    chosen = None
    for place, kept in enumerate(aside):
        same = shared(kept, prompt)
        share = same / (len(kept) // ID)
        if share >= WORTH and share > keep and same > like:
            keep, like, chosen = share, same, place
    if chosen is None:
        return held, aside
    return aside[chosen], [*aside[:chosen], *aside[chosen + 1 :]]

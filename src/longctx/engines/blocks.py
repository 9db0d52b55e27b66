"""What vLLM 0.32's prefix cache would hold: cached tokens, predicted without a server.

Here may live: how one request at a time takes, fills and gives back blocks. It must never know
servers, tokenizers, prompts' meaning or clocks: the same calls always give the same numbers.
tests/live compares it with a real server, except for what a full pool forgets.

vLLM divides its cache into blocks of equal size. A full block is known by everything up to its end;
a hit is the longest run of known blocks from the prompt's beginning that leaves at least one token
to compute. What a request gives back goes to the end of the queue of free blocks, the request's
last block first; new blocks come from the queue's front, and are forgotten then. Blocks that were
never filled stand before all others.
"""

from __future__ import annotations

import struct
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from longctx.engines.radix_tree import ID
from longctx.errors import EngineError
from longctx.prompt import Ids

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

KEY = 16
"""Bytes that stand for a block and all before it."""

ENTRY = struct.Struct(f"<Q{KEY}s")
HEAD = struct.Struct("<4sIqqQ")
FORM = b"blk1"


@dataclass(frozen=True, slots=True)
class Blocks:
    """Caching (`longctx.engines.caching`) as vLLM does it."""

    reads_end = True

    size: int
    """Tokens of a block."""
    count: int | None = None
    """How many blocks there are; None for no limit."""

    def counted(self) -> int:
        """`count`, -1 for no limit."""
        return -1 if self.count is None else self.count

    def empty(self) -> BlockCache:
        return BlockCache(self)

    def restored(self, image: bytes) -> BlockCache | None:
        try:
            form, size, count, free, made = HEAD.unpack_from(image)
            if form != FORM or (size, count) != (
                self.size,
                -1 if self.count is None else self.count,
            ):
                return None
            cache = BlockCache(self)
            cache.free, cache.made = free, made
            for block, key in ENTRY.iter_unpack(image[HEAD.size :]):
                cache.idle[block] = key
        except struct.error:
            return None
        for block in sorted(cache.idle):
            cache.known.setdefault(cache.idle[block], []).append(block)
        return cache


class BlockCache:
    """One server's blocks between two requests, and what is in them."""

    def __init__(self, rules: Blocks) -> None:
        self.rules = rules
        self.known: dict[bytes, list[int]] = {}
        """The blocks of each key, the oldest first: two requests may have filled one each."""
        self.idle: OrderedDict[int, bytes] = OrderedDict()
        """Filled blocks that no request uses, the first to be forgotten first."""
        self.free = rules.counted()
        """Blocks with nothing in them."""
        self.made = 0
        """Blocks filled so far, which number them."""

    def image(self) -> bytes:
        head = HEAD.pack(FORM, self.rules.size, self.rules.counted(), self.free, self.made)
        return head + b"".join(ENTRY.pack(block, key) for block, key in self.idle.items())

    def peek(self, ids: Ids) -> int:
        """Cached tokens that `ask` would return for this prompt now; nothing changes."""
        return self.rules.size * len(self._hit(ids, len(ids) - 1))

    def holds(self, ids: Ids) -> int:
        """How much of these ids a longer prompt that begins with them would find cached."""
        return self.rules.size * len(self._hit(ids, len(ids)))

    def ask(self, ids: Ids, generated: Sequence[int] = ()) -> int:
        """Cached tokens that the server reports for this prompt, which is then cached itself.

        `generated` is every token of the answer. The last one is not cached: nothing was computed
        after it.
        """
        size = self.rules.size
        whole = Ids(ids.data + Ids.of(generated[:-1]).data)
        needed = -(-len(whole) // size)
        if self.rules.count is not None and needed > self.rules.count:
            raise EngineError(
                f"{len(ids):,} tokens and the answer do not fit the cache of"
                f" {self.rules.count * size:,} tokens: shorten the prompt"
            )
        used = self._hit(ids, len(ids) - 1)
        cached = len(used)
        taken = [(block, self.idle.pop(block)) for block in used]
        keys = list(_keys(whole, size, len(whole)))
        for key in keys[cached:]:
            self._take()
            self.made += 1
            self.known.setdefault(key, []).append(self.made)
            taken.append((self.made, key))
        if needed > len(keys):
            self._take()
            if self.rules.count is not None:
                self.free += 1
        self.idle.update(reversed(taken))
        return cached * size

    def _take(self) -> None:
        """Make one block empty, for a request to fill."""
        if self.rules.count is None:
            return
        if self.free:
            self.free -= 1
            return
        block, key = self.idle.popitem(last=False)
        self.known[key].remove(block)
        if not self.known[key]:
            del self.known[key]

    def _hit(self, ids: Ids, limit: int) -> list[int]:
        """The blocks that hold the beginning of these ids, `limit` tokens at most."""
        found = []
        for key in _keys(ids, self.rules.size, limit):
            if key not in self.known:
                break
            found.append(self.known[key][0])
        return found


def _keys(ids: Ids, size: int, limit: int) -> Iterator[bytes]:
    """A key for each whole block within the first `limit` ids."""
    key, step = b"", size * ID
    for start in range(0, max(0, limit) // size * step, step):
        key = blake2b(key + ids.data[start : start + step], digest_size=KEY).digest()
        yield key

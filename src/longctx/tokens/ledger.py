"""Token counts by content, many at a time.

An entry a file would make a cold run pay for thousands of writes. So counts are grouped into 256
buckets by the first byte of the content's digest; a bucket is one value of the memo. Two processes
that write one bucket at once may lose each other's entries, which only costs counting again.
"""

from __future__ import annotations

import hashlib
import struct
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from longctx.tokens.memo import Memo

ENTRY = struct.Struct("<16sI")
"""Half of a SHA-256 and the count."""

BUCKET_LIMIT = 20_000
"""Entries a bucket keeps, the newest ones."""


class Ledger:
    """Counts under `scope`, which names everything but the content that they depend on."""

    def __init__(self, memo: Memo, scope: str) -> None:
        self._memo = memo
        self._scope = scope.encode()

    def get(self, digests: Iterable[bytes]) -> dict[bytes, int]:
        """The counts that are known, by digest."""
        found: dict[bytes, int] = {}
        for first, members in by_first_byte(digests).items():
            bucket = self._bucket(first)
            found.update(
                (digest, bucket[digest[:16]]) for digest in members if digest[:16] in bucket
            )
        return found

    def put(self, counts: Mapping[bytes, int]) -> None:
        changed: dict[bytes, bytes] = {}
        for first, members in by_first_byte(counts).items():
            bucket = self._bucket(first)
            bucket.update((digest[:16], counts[digest]) for digest in members)
            newest = list(bucket.items())[-BUCKET_LIMIT:]
            changed[self._key(first)] = b"".join(ENTRY.pack(*entry) for entry in newest)
        self._memo.put(changed)

    def _bucket(self, first: int) -> dict[bytes, int]:
        packed = self._memo.get(self._key(first)) or b""
        if len(packed) % ENTRY.size:
            return {}
        return dict(ENTRY.iter_unpack(packed))

    def _key(self, first: int) -> bytes:
        return hashlib.sha256(b"ledger\0" + self._scope + bytes([0, first])).digest()


def by_first_byte(digests: Iterable[bytes]) -> dict[int, list[bytes]]:
    """The digests of each bucket."""
    groups: dict[int, list[bytes]] = defaultdict(list)
    for digest in digests:
        groups[digest[0]].append(digest)
    return groups

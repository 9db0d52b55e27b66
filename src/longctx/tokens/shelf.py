"""Values by content, many at a time: like `ledger`, for values of any length.

An entry a file would make a cold run pay for thousands of writes, so values are grouped into 256
buckets by the first byte of the content's digest. Two processes that write one bucket at once may
lose each other's entries, which only costs computing again.
"""

from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING

from longctx.tokens.ledger import by_first_byte

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from longctx.tokens.memo import Memo

HEAD = struct.Struct("<16sI")
"""Half of a SHA-256 and the value's length."""

BUCKET_LIMIT = 4 << 20
"""Bytes a bucket keeps, the newest values."""


class Shelf:
    """Values under `scope`, which names everything but the content that they depend on."""

    def __init__(self, memo: Memo, scope: str) -> None:
        self._memo = memo
        self._scope = scope.encode()

    def get(self, digests: Iterable[bytes]) -> dict[bytes, bytes]:
        """The values that are known, by digest."""
        found: dict[bytes, bytes] = {}
        for first, members in by_first_byte(digests).items():
            bucket = self._bucket(first)
            found.update(
                (digest, bucket[digest[:16]]) for digest in members if digest[:16] in bucket
            )
        return found

    def put(self, values: Mapping[bytes, bytes]) -> None:
        changed: dict[bytes, bytes] = {}
        for first, members in by_first_byte(values).items():
            bucket = self._bucket(first)
            for digest in members:
                bucket.pop(digest[:16], None)  # so that it becomes the newest
                bucket[digest[:16]] = values[digest]
            changed[self._key(first)] = _joined(bucket)
        self._memo.put(changed)

    def _bucket(self, first: int) -> dict[bytes, bytes]:
        data = self._memo.get(self._key(first)) or b""
        found: dict[bytes, bytes] = {}
        place = 0
        while place < len(data):
            if len(data) - place < HEAD.size:
                return {}  # damaged: as good as absent
            digest, size = HEAD.unpack_from(data, place)
            place += HEAD.size + size
            if place > len(data):
                return {}
            found[digest] = data[place - size : place]
        return found

    def _key(self, first: int) -> bytes:
        return hashlib.sha256(b"shelf\0" + self._scope + bytes([0, first])).digest()


def _joined(bucket: dict[bytes, bytes]) -> bytes:
    parts: list[bytes] = []
    size = 0
    for digest, value in reversed(bucket.items()):
        size += HEAD.size + len(value)
        if size > BUCKET_LIMIT and parts:
            break
        parts.append(HEAD.pack(digest, len(value)) + value)
    return b"".join(reversed(parts))

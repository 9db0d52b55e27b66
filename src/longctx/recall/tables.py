"""Rows of whole numbers in two flat arrays, and texts in one: compact, quick to load, plain bytes.

What may live here: these two containers and sections of bytes. What must never be known here: what
the numbers mean.
"""

from __future__ import annotations

import struct
import sys
from array import array
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_COUNT = struct.Struct("<I")
_LENGTH = struct.Struct("<Q")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of numbers from 0, by number."""

    places: array[int]
    """Where each row begins in `values`; one more at the end."""
    values: array[int]

    @classmethod
    def of(cls, rows: Iterable[Sequence[int]], code: str = "I") -> Table:
        """`code`: of the values, as `array` names it; I or Q."""
        places, values = array("I", [0]), array(code)
        for row in rows:
            values.extend(row)
            places.append(len(values))
        return cls(places, values)

    def __len__(self) -> int:
        return len(self.places) - 1

    def __getitem__(self, row: int) -> array[int]:
        """The row; none beyond the last one."""
        if row + 1 >= len(self.places):
            return array(self.values.typecode)
        return self.values[self.places[row] : self.places[row + 1]]

    def held(self, rows: Iterable[int]) -> Iterator[tuple[int, array[int]]]:
        """Those of the rows that hold anything."""
        places, values, last = self.places, self.values, len(self.places) - 1
        for row in rows:
            if row < last:
                start, end = places[row], places[row + 1]
                if start != end:
                    yield row, values[start:end]

    def size(self, row: int) -> int:
        """How long the row is."""
        return self.places[row + 1] - self.places[row] if row + 1 < len(self.places) else 0


def little(values: array[int]) -> bytes:
    """The array's bytes, lowest first on any machine."""
    if sys.byteorder == "big":
        values = array(values.typecode, values)
        values.byteswap()
    return values.tobytes()


def from_little(data: bytes, code: str = "I") -> array[int]:
    """The array of these bytes; ValueError where they are cut short."""
    values = array(code)
    values.frombytes(data)
    if sys.byteorder == "big":
        values.byteswap()
    return values


def texts_to_bytes(texts: Sequence[bytes]) -> bytes:
    """Any texts, each with its length."""
    lengths = array("I", map(len, texts))
    return b"".join([_COUNT.pack(len(lengths)), little(lengths), *texts])


def texts_from_bytes(data: bytes) -> list[bytes]:
    (count,) = _COUNT.unpack_from(data)
    lengths = from_little(data[_COUNT.size : _COUNT.size + 4 * count])
    ends = list(accumulate(lengths, initial=_COUNT.size + 4 * count))
    if ends[-1] != len(data):
        raise ValueError("texts cut short")
    return [data[a:b] for a, b in pairwise(ends)]


def joined(version: bytes, sections: Sequence[bytes]) -> bytes:
    """Sections under a version."""
    lengths = array("Q", map(len, sections))
    return b"".join([version, _LENGTH.pack(len(lengths)), little(lengths), *sections])


def parted(version: bytes, count: int, data: bytes) -> list[bytes]:
    """What `joined` joined; ValueError for anything else."""
    at = len(version) + _LENGTH.size
    if data[: len(version)] != version or data[len(version) : at] != _LENGTH.pack(count):
        raise ValueError("other bytes than expected, or of another version")
    lengths = from_little(data[at : at + 8 * count], "Q")
    at += 8 * count
    if at + sum(lengths) != len(data):
        raise ValueError("bytes cut short")
    ends = list(accumulate(lengths, initial=at))
    return [data[a:b] for a, b in pairwise(ends)]

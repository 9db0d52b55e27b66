"""Segments and the prompt they form: pure values.

What may live here: token ids, text, roles and the digests that chain them. What must never be known
here: tokenizers, templates, servers. Two prompts share a prefix exactly as far as their chained
digests agree; nothing else in the program compares prompts.
"""

from __future__ import annotations

import hashlib
from array import array
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import groupby
from sys import byteorder
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Role(StrEnum):
    """Whose words a segment is."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


class Effort(StrEnum):
    """How much the model thinks before it answers."""

    OFF = "off"
    LOW = "low"
    HIGH = "high"
    MAX = "max"


@dataclass(frozen=True, slots=True)
class Ids:
    """Token ids as little-endian uint32: immutable, hashable, 4 bytes each."""

    data: bytes = b""

    def __post_init__(self) -> None:
        if len(self.data) % 4:
            raise ValueError("ids are 4 bytes each")

    @classmethod
    def of(cls, ids: Iterable[int]) -> Ids:
        return cls(_little_endian(array("I", ids)).tobytes())

    @classmethod
    def joined(cls, parts: Iterable[Ids]) -> Ids:
        return cls(b"".join(part.data for part in parts))

    def head(self, count: int) -> Ids:
        """The first `count` ids."""
        return Ids(self.data[: 4 * count])

    def tail(self, start: int) -> Ids:
        """The ids from place `start` on."""
        return Ids(self.data[4 * start :])

    def __len__(self) -> int:
        return len(self.data) // 4

    def __iter__(self) -> Iterator[int]:
        return iter(self.tolist())

    def tolist(self) -> list[int]:
        return _little_endian(array("I", self.data)).tolist()


def _little_endian(numbers: array[int]) -> array[int]:
    """From this machine's byte order to little-endian, or back."""
    if byteorder == "big":
        numbers.byteswap()
    return numbers


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of the prompt that is rendered once and never changes.

    `ids` is None where the served model's tokenizer is not at hand and the server counts.
    """

    role: Role
    name: str
    """What a person calls it: `instructions`, `index`, a document's path, `question`."""
    text: str
    ids: Ids | None = None

    @property
    def tokens(self) -> int | None:
        return None if self.ids is None else len(self.ids)

    def chained(self, parent: bytes) -> bytes:
        """SHA-256 of this segment after the prefix whose digest is `parent`.

        The ids decide where there are ids, the text otherwise; the name is for people only.
        """
        kind, payload = (
            (b"text", self.text.encode("utf-8", "surrogatepass"))
            if self.ids is None
            else (b"ids\0", self.ids.data)
        )
        head = self.role.encode().ljust(16, b"\0") + kind + len(payload).to_bytes(8, "big")
        sha = hashlib.sha256(parent + head)
        sha.update(payload)
        return sha.digest()


@dataclass(frozen=True, slots=True)
class Message:
    """Neighbouring segments of one role, as a chat message."""

    role: Role
    content: str


@dataclass(frozen=True)
class Prompt:
    """Segments in order, from stable to volatile."""

    segments: tuple[Segment, ...]

    @cached_property
    def digests(self) -> tuple[bytes, ...]:
        """The chained digest after each segment.

        Invariant: `a.digests[i] == b.digests[i]` exactly when the first i + 1 segments of both are
        the same in role and ids (or text).
        """
        chain: list[bytes] = []
        parent = bytes(32)
        for segment in self.segments:
            parent = segment.chained(parent)
            chain.append(parent)
        return tuple(chain)

    @property
    def digest(self) -> bytes:
        return self.digests[-1] if self.segments else bytes(32)

    def common(self, other: Prompt) -> int:
        """How many leading segments both prompts share."""
        count = 0
        for mine, theirs in zip(self.digests, other.digests, strict=False):
            if mine != theirs:
                break
            count += 1
        return count

    def messages(self) -> tuple[Message, ...]:
        """Chat messages: neighbours of one role join, so no two in a row share a role."""
        return tuple(
            Message(role, "".join(segment.text for segment in group))
            for role, group in groupby(self.segments, key=lambda segment: segment.role)
        )

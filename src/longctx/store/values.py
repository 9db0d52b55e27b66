"""What the store gives back: sessions, turns, hits and bases as they are kept.

Pure values. What must never be known here: SQL, files, what the JSON texts and digests mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from longctx.prompt import Segment


@dataclass(frozen=True, slots=True)
class Kept:
    """A question with its answer, as it is kept."""

    id: int
    """Assigned by the store and never used twice; what `--fork` names."""
    session: str
    """Id of a session whose path holds this turn: the one it was asked in, while that exists."""
    parent: int | None
    """The turn before it: turns form a tree."""
    created: str
    """ISO 8601, UTC, assigned by the store."""
    question: str
    answer: str
    reasoning: str
    facts: str
    """JSON text, made and read by the caller."""
    prefix: bytes
    """Digest of what it was asked over; b"" for none."""
    state: bytes
    """Digest of the documents' state that the model has seen; b"" for none."""
    segments: tuple[Segment, ...]
    """What the turn added after the prefix, its answer last."""


@dataclass(frozen=True, slots=True)
class KeptSession:
    """A name for a path of turns, with what is needed to go on."""

    id: str
    """Eight random letters and digits, the first a letter."""
    name: str
    """What the user called it; "" until then, unique otherwise."""
    place: str
    """Which sources: a key made by the caller."""
    sources: tuple[str, ...]
    settings: str
    """JSON text, made and read by the caller."""
    head: int | None
    """The newest turn."""
    turns: int
    """How many turns the path to `head` has."""
    created: str
    updated: str
    """When it was begun or last got a turn, ISO 8601, UTC."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A turn that holds the words searched for."""

    session: str
    turn: int
    question: str
    snippet: str
    """The words around the match, on one line."""


@dataclass(frozen=True, slots=True)
class FrozenBase:
    """A base on disk."""

    digest: bytes
    size: int
    """Bytes of all its parts."""
    used: str
    """When it was last read, to the hour; ISO 8601, UTC."""

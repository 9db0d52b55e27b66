"""What is kept on disk: sessions and their turns, frozen bases, small values, one log a server.

Everything lies in one folder (0700): the SQLite database `longctx.db` and the files of `bases/`.
Any number of processes may use it at once, and any of them may be killed at any moment: what a
call has returned is there, what it was doing is not. What must never be known here: where the
folder is, what digests and JSON texts mean, servers, terminals.

Every call may raise StoreError: a disk that is full or read-only, a damaged database, a lock held
for too long. A `Store` is for the thread that opened it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from longctx.store import keeping, searching, sessions, turns
from longctx.store.bases import Bases
from longctx.store.database import Database
from longctx.store.failing import SessionMoved, StoreError
from longctx.store.values import FrozenBase, Hit, Kept, KeptSession

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

__all__ = [
    "FrozenBase",
    "Hit",
    "Kept",
    "KeptSession",
    "SessionMoved",
    "Store",
    "StoreError",
]


class Store:
    """The store in one folder."""

    def __init__(self, folder: Path, database: Database) -> None:
        self._folder = folder
        self._database = database
        self._bases = Bases(folder / "bases")

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The store in `folder`, made where there is none and brought up to date."""
        return cls(folder, Database.open(folder))

    def close(self) -> None:
        self._database.close()

    # Sessions. An unknown id raises UsageError.

    def create(
        self,
        sources: Sequence[str],
        place: str,
        settings: str,
        name: str = "",
        parent: int | None = None,
    ) -> KeptSession:
        """A new session; with `parent` a fork, which shares that turn and those before it.

        Raises UsageError for a name that is taken or cannot be typed.
        """
        return sessions.create(self._database, sources, place, settings, name, parent)

    def session(self, named: str) -> KeptSession:
        """The session of this name, id, or unique beginning of an id; else UsageError."""
        return sessions.find(self._database, named)

    def latest(self, place: str) -> KeptSession | None:
        """The session over these sources that was begun or went on last."""
        return next(iter(self.sessions(place, limit=1)), None)

    def sessions(
        self, place: str | None = None, limit: int | None = None
    ) -> tuple[KeptSession, ...]:
        """All sessions, or those over these sources, newest first."""
        return sessions.newest(self._database, place, limit)

    def first_questions(self) -> dict[str, str]:
        """What each session that has turns began with, by the session's id."""
        return sessions.first_questions(self._database)

    def rename(self, session: str, name: str) -> None:
        """Name the session of this id; "" takes its name away."""
        sessions.rename(self._database, session, name)

    def remove(self, session: str) -> int:
        """Remove the session of this id, and its turns where no other session's path needs them.

        Returns how many turns are gone.
        """
        return sessions.remove(self._database, session)

    # Turns. An unknown id raises UsageError.

    def append(self, session: str, turn: Kept) -> Kept:
        """Keep `turn` as the session's new head; its id, session and time are assigned here.

        Raises SessionMoved, and changes nothing, where the head is no longer `turn.parent`.
        """
        return turns.append(self._database, session, turn)

    def path_to(self, turn: int) -> tuple[Kept, ...]:
        """The turns from the first to this one."""
        return turns.path_to(self._database, turn)

    def turn(self, id: int) -> Kept:
        return turns.one(self._database, id)

    def search(self, text: str, limit: int = 20) -> tuple[Hit, ...]:
        """Turns whose question or answer holds every word of the text (or begins one), best first.

        Any text is a valid query; one without words finds nothing.
        """
        return searching.search(self._database, text, limit)

    def digests(self) -> frozenset[tuple[str, bytes]]:
        """(session id, digest) for every prefix and state that a kept turn names."""
        return turns.digests(self._database)

    # Small values.

    def keep(self, kind: str, items: Mapping[bytes, bytes]) -> None:
        """Keep all items or none; a value may have megabytes and replaces the one before."""
        keeping.keep(self._database, kind, items)

    def kept(self, kind: str, key: bytes) -> bytes | None:
        return keeping.kept(self._database, kind, key)

    def written(self, kind: str) -> dict[bytes, str]:
        """When each value of this kind was last kept, by key: ISO 8601, UTC; "" long ago."""
        return keeping.written(self._database, kind)

    def forget(
        self, kind: str, keys: Iterable[bytes] | None = None, before: str | None = None
    ) -> None:
        """Forget these keys, or all of this kind; `before` spares what was kept since then."""
        keeping.forget(self._database, kind, keys, before)

    # Bases.

    def freeze(self, digest: bytes, parts: Mapping[str, Iterable[bytes]]) -> None:
        """Keep a base, all of its parts or none; where it is kept already, nothing happens.

        A part's name has lower-case letters, digits, `.`, `_` and `-`.
        """
        self._bases.freeze(digest, parts)

    def frozen(self, digest: bytes, part: str) -> memoryview | None:
        """A part, read-only and mapped for as long as the view lives; None where not kept.

        Counts as a use of the base, noted at most once an hour.
        """
        return self._bases.frozen(digest, part)

    def peeked(self, digest: bytes, part: str) -> memoryview | None:
        """A part as `frozen` gives it, without counting as a use."""
        return self._bases.frozen(digest, part, noted=False)

    def thaw(self, digest: bytes) -> None:
        """Remove a base; views of it stay valid, in every process."""
        self._bases.thaw(digest)

    def bases(self) -> tuple[FrozenBase, ...]:
        """Every base, last used first."""
        return self._bases.all()

    # What was sent to a server.

    def record(self, server: str, entry: bytes, keep_last: int) -> int:
        """Log an entry, drop all of this server's but the last `keep_last`; the entry's number.

        Numbers only grow, over all servers and also after `erase_records`.
        """
        return keeping.record(self._database, server, entry, keep_last)

    def recorded(self, server: str, after: int = 0) -> tuple[tuple[int, bytes], ...]:
        """The server's entries with their numbers, those above `after`, oldest first."""
        return keeping.recorded(self._database, server, after)

    def erase_records(self, server: str) -> None:
        keeping.erase_records(self._database, server)

    def size(self) -> int:
        """Bytes on disk."""
        return self._database.size() + sum(base.size for base in self.bases())

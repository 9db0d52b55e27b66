"""What a server should have cached, from everything this machine has sent to it.

Here may live: replaying what was sent through a simulation of the server's cache
(`engines.caching`), and naming why a prediction failed. What must never be known here: where the
log is kept, or servers.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from longctx.errors import EngineError
from longctx.prompt import Ids

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from longctx.engines.caching import Caching
    from longctx.session.prefixes import Prefix

PICTURE_EVERY = 16
"""Requests after which a picture of the cache is kept: a new process replays no more than these."""

NEXT = 0
"""Stands for the token that came last: it was not read again, so which it was does not matter."""

PICTURE_TOKENS = 100_000
"""Tokens prefilled since the last picture after which there is another: replaying them costs more
than looking at it."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as the server saw it."""

    prefix: bytes
    """Digest of the prefix that it begins with; b"" for none."""
    cut: int
    """How many tokens of that prefix."""
    tail: Ids
    """What followed."""
    said: Ids
    """What was generated and read again by the model, so that it is cached; as far as known."""
    salt: str
    """Its own cache, where isolation was asked for."""
    incarnation: str
    """Of the server: a restarted one has nothing cached."""

    def packed(self) -> bytes:
        head = json.dumps(
            [self.prefix.hex(), self.cut, len(self.tail), self.salt, self.incarnation]
        ).encode()
        return struct.pack("<I", len(head)) + head + self.tail.data + self.said.data

    @classmethod
    def unpacked(cls, data: bytes) -> Sent:
        (size,) = struct.unpack_from("<I", data)
        prefix, cut, tail, salt, incarnation = json.loads(data[4 : 4 + size])
        ids = Ids(data[4 + size :])
        return cls(bytes.fromhex(prefix), cut, ids.head(tail), ids.tail(tail), salt, incarnation)


class Log(Protocol):
    """What was sent to one server, by every process of this user on this machine."""

    def since(self, place: int) -> Iterable[tuple[int, bytes]]:
        """(place, entry) of everything after `place`, oldest first."""
        ...

    def append(self, entry: bytes) -> None: ...

    def image(self) -> tuple[int, bytes] | None:
        """The last picture of the cache, and the place in the log that it was made at."""
        ...

    def picture(self, place: int, image: bytes) -> None:
        """Keep a picture instead of the one before."""
        ...


class Forecast:
    """A model of one server's cache, kept up to date from the log."""

    def __init__(
        self,
        caching: Caching,
        log: Log,
        prefix_ids: Callable[[bytes], Ids | None],
        salt: str = "",
        incarnation: str = "",
    ) -> None:
        """`prefix_ids` gives a prefix by digest, None where it is not kept any more."""
        self._caching = caching
        self._log = log
        self._prefix_ids = prefix_ids
        self._salt = salt
        self._incarnation = incarnation
        self._own = f"{salt} {incarnation}".encode()
        """Whose cache it is: another salt or a restart makes another."""
        self._cache = caching.empty()
        self._seen = self._pictured = self._replayed = 0
        self._begun = False

    @property
    def reads_end(self) -> bool:
        """As `Caching.reads_end`."""
        return self._caching.reads_end

    def expected(self, ids: Ids) -> int:
        """Tokens of this prompt that the server should report as cached."""
        self._catch_up()
        return self._cache.peek(ids)

    def held(self, ids: Ids) -> int:
        """Tokens of these that a longer prompt should find cached."""
        self._catch_up()
        return self._cache.holds(ids)

    def sent(self, prefix: Prefix | None, ids: Ids, said: Ids) -> None:
        """Note a request that the server has answered; `ids` begin with the prefix or a part."""
        length = 0 if prefix is None or prefix.ids is None else min(len(prefix.ids), len(ids))
        digest = b"" if prefix is None or not length else prefix.digest
        entry = Sent(digest, length, ids.tail(length), said, self._salt, self._incarnation)
        self._log.append(entry.packed())
        self._catch_up()
        if self._seen - self._pictured >= PICTURE_EVERY or self._replayed >= PICTURE_TOKENS:
            self._log.picture(self._seen, self._own + b"\n" + self._cache.image())
            self._pictured, self._replayed = self._seen, 0

    def _catch_up(self) -> None:
        if not self._begun:
            self._begin()
        for place, entry in self._log.since(self._seen):
            self._seen = place
            sent = Sent.unpacked(entry)
            if sent.salt != self._salt:
                continue  # a cache of its own
            if sent.incarnation != self._incarnation:
                continue  # forgotten since
            ids = self._ids(sent)
            if ids is None:
                continue
            try:
                cached = self._cache.ask(ids, [*sent.said, NEXT] if len(sent.said) else ())
            except EngineError:
                continue  # larger than the cache: nothing of it stayed
            self._replayed += len(ids) - cached

    def _begin(self) -> None:
        """Start from the last picture rather than from the whole log."""
        self._begun = True
        kept = self._log.image()
        if kept is None:
            return
        place, image = kept
        own, _, rest = image.partition(b"\n")
        cache = self._caching.restored(rest) if own == self._own else None
        if cache is not None:
            self._cache, self._seen, self._pictured = cache, place, place

    def _ids(self, sent: Sent) -> Ids | None:
        if not sent.prefix:
            return sent.tail
        prefix = self._prefix_ids(sent.prefix)
        return None if prefix is None else Ids.joined([prefix.head(sent.cut), sent.tail])


def cause_of_miss(expected: int | None, reported: int | None, prefix: Prefix, turns: bool) -> str:
    """Why fewer tokens were cached than expected; empty where they were not fewer, or unknown."""
    if expected is None or reported is None or reported >= expected:
        return ""
    length = 0 if prefix.ids is None else len(prefix.ids)
    where = prefix.name_at(reported) if reported < length else "the turns"
    if reported <= 1:
        why = "the server was restarted or flushed, or its cache was needed for others"
    elif reported >= length and turns:
        why = "an answer was tokenized otherwise than it was generated, or evicted"
    else:
        why = "evicted by other requests"
    return f"cache miss from {where} on: {expected - reported:,} tokens more than predicted; {why}"

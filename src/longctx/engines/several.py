"""Several servers of one model as one engine: the same prefix always goes to the same of them.

Here may live: which server answers for a prefix, and which are believed to be gone. What must never
be known here: what any of them speaks, prefixes, what is done when one is lost.

A server is chosen by rendezvous hashing (Thaler and Ravishankar, 1996): each server's weight for a
key is a digest of both, the heaviest that answers wins. Everyone with the same URLs chooses alike
without talking, and a server that comes or goes moves only its own keys.
"""

from __future__ import annotations

import hashlib
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import lcm
from threading import Lock, Thread
from typing import TYPE_CHECKING

from longctx.engines import Engine, Event, Request, Served, Takes, Usage, Worker
from longctx.engines.findings import gravest
from longctx.errors import EngineError, EngineUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from longctx.engines.caching import Caching
    from longctx.prompt import Effort, Ids, Message

RANKS = 1_024
"""`Request.worker` is `server * RANKS + rank`: a server may have several caches of its own."""

AGAIN = 15.0
"""Seconds after which a server that was gone is asked once more whether it is back."""

MOMENT = 0.5
"""Seconds that a question waits for that while others answer."""


@dataclass
class _Server:
    """One of the servers, and what is known of it."""

    url: str
    engine: Engine
    told: Served | None = None
    """What it said of itself when it was last found; None while it is gone."""
    lost_at: float = 0.0


class Several(Engine):
    """Servers that serve the same model; each request goes to `Request.worker`'s."""

    def __init__(
        self, engines: Mapping[str, Engine], now: Callable[[], float] = time.monotonic
    ) -> None:
        """`engines` by the URL of their server, which decides what each is chosen for."""
        self._servers = [_Server(url, engine) for url, engine in engines.items()]
        self.name = self._servers[0].engine.name
        self._now = now
        self._lock = Lock()
        self._alike = False
        """Whether all were seen to encode chats alike."""

    def close(self) -> None:
        for server in self._servers:
            server.engine.close()

    def takes(self) -> tuple[Takes, ...]:
        return self._servers[0].engine.takes()

    def served(self) -> Served:
        """What all that answer have in common; raises EngineUnavailable where none does."""
        with ThreadPoolExecutor(len(self._servers)) as pool:
            failed = [error for error in pool.map(self._look, self._servers) if error is not None]
        here = self._here()
        if not here:
            raise EngineUnavailable("; ".join(str(error) for error in failed))
        told = [server.told for server in here if server.told is not None]
        models = {each.model for each in told}
        if len(models) > 1:
            which = ", ".join(f"{each.base_url}: {each.model}" for each in told)
            raise EngineError(
                f"the servers do not serve the same model ({which}): name it with --model, or"
                " leave out the others"
            )
        return _common(told, [str(error) for error in failed], self._servers)

    def workers_for(self, key: bytes) -> tuple[Worker, ...]:
        """All that answer, the heaviest first; one that was lost is looked for again."""
        self._look_again()
        here = self._here()
        if not here:
            urls = ", ".join(server.url for server in self._servers)
            raise EngineUnavailable(
                f"none of the servers answers ({urls}): start one, or see `longctx doctor`"
            )
        ordered = sorted(here, key=lambda server: _weight(key, server.url), reverse=True)
        return tuple(self._worker(server, key) for server in ordered)

    def _worker(self, server: _Server, key: bytes) -> Worker:
        within = server.engine.workers_for(key)
        rank = within[0].number if within else 0
        return Worker(self._servers.index(server) * RANKS + rank, server.told or Served(self.name))

    def caching(self, served: Served) -> Caching:
        return self._servers[0].engine.caching(served)

    def stream(self, request: Request) -> Iterator[Event]:
        server = self._of(request)
        with self._noticing(server):
            yield from server.engine.stream(_inner(request))

    def prime(self, request: Request) -> Usage:
        server = self._of(request)
        with self._noticing(server):
            return server.engine.prime(_inner(request))

    def release(self, session: str) -> None:
        for server in self._here():
            server.engine.release(session)

    def waiting(self) -> int | None:
        counts = [server.engine.waiting() for server in self._here()]
        known = [count for count in counts if count is not None]
        return sum(known) if known else None

    def rendered(self, messages: Sequence[Message], effort: Effort) -> Ids | None:
        """As any of them renders; raises EngineError where they differ, which is looked at once."""
        asked = self._here()[: 1 if self._alike else None]
        found = [server.engine.rendered(messages, effort) for server in asked]
        known = [ids for ids in found if ids is not None]
        if any(ids != known[0] for ids in known):
            raise EngineError(
                "the servers encode the same chat differently, so an answer would depend on which"
                f" is asked: run one model with one chat template on {self._urls()}"
            )
        self._alike = True
        return known[0] if len(known) == len(found) and known else None

    def tokenized(self, text: str) -> Ids | None:
        here = self._here()
        return here[0].engine.tokenized(text) if here else None

    def _of(self, request: Request) -> _Server:
        if request.worker is not None:
            return self._servers[request.worker // RANKS]
        here = self._here()
        return here[0] if here else self._servers[0]

    def _here(self) -> list[_Server]:
        return [server for server in self._servers if server.told is not None]

    def _urls(self) -> str:
        return ", ".join(server.url for server in self._here())

    def _look(self, server: _Server) -> EngineError | None:
        """Find out whether a server is there, and what it says; the error where it is not."""
        try:
            told = server.engine.served()
        except EngineUnavailable as error:
            self._lose(server)
            return error
        with self._lock:
            server.told = told
        return None

    def _look_again(self) -> None:
        """Look for those that were lost a while ago, for a moment only: one may never answer."""
        looks = []
        for server in self._servers:
            if server.told is None and self._now() - server.lost_at >= AGAIN:
                server.lost_at = self._now()
                looks.append(Thread(target=self._look, args=(server,), daemon=True))
        for look in looks:
            look.start()
        for look in looks:
            look.join(MOMENT if self._here() else None)

    def _lose(self, server: _Server) -> None:
        with self._lock:
            server.told, server.lost_at = None, self._now()

    @contextmanager
    def _noticing(self, server: _Server) -> Iterator[None]:
        """A server that does not answer, or breaks off, is not chosen again until it is back."""
        try:
            yield
        except EngineUnavailable:
            self._lose(server)
            raise
        except EngineError:
            if self._look(server) is not None:
                raise EngineUnavailable(f"{server.url} broke off and is gone") from None
            raise


def _inner(request: Request) -> Request:
    """The request as the chosen server sees it."""
    return request if request.worker is None else replace(request, worker=request.worker % RANKS)


def _weight(key: bytes, url: str) -> bytes:
    return hashlib.sha256(url.encode() + b"\0" + key).digest()


def _common(told: Sequence[Served], failed: Sequence[str], servers: Sequence[_Server]) -> Served:
    """What holds for whichever of these answers."""

    def least(values: Sequence[int | None]) -> int | None:
        return min((value for value in values if value is not None), default=None)

    def all_of(values: Sequence[bool | None]) -> bool | None:
        return False if False in values else None if None in values else True

    notes = [f"{each.base_url}: {note}" for each in told for note in each.notes]
    return replace(
        told[0],
        base_url=" ".join(server.url for server in servers),
        window=least([each.window for each in told]),
        page_size=lcm(*(each.page_size or 1 for each in told)),
        pool=least([each.pool for each in told]),
        window_pool=least([each.window_pool for each in told]),
        incarnation=None,
        session_cache=all_of([each.session_cache for each in told]),
        workers=sum(each.workers for each in told),
        routed=any(each.routed for each in told),
        reports_cached=all_of([each.reports_cached for each in told]),
        notes=(*notes, *(f"not used until it answers: {error}" for error in failed)),
        findings=gravest(each for server in told for each in server.findings),
    )

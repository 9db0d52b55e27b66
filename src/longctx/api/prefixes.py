"""Prefixes of one session's server: made from lineages, kept by digest, forecast from the log."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from longctx.engines import Takes
from longctx.engines.several import RANKS
from longctx.prompt import Effort
from longctx.session.flights import Flights
from longctx.session.forecasts import Forecast
from longctx.session.prefixes import padding_of, prefix_of
from longctx.session.warming import Levers
from longctx.tokens.remembering import Remembering

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longctx.api.lineages import Lineages
    from longctx.api.surface import Surface
    from longctx.engines import Served, Worker
    from longctx.prompt import Ids
    from longctx.session.prefixes import Prefix
    from longctx.store import Store
    from longctx.updates import Lineage

WARM = 0.9
"""The share of a prefix that makes a server a home for it."""

REMEMBERED = 1_000
"""Requests to one server that predictions may have to be replayed from, the newest."""


class ServerLog:
    """What was sent to one server (`longctx.session.forecasts.Log`)."""

    def __init__(self, store: Store, server: str) -> None:
        self._store = store
        self._server = server

    def since(self, place: int) -> Iterable[tuple[int, bytes]]:
        return self._store.recorded(self._server, place)

    def append(self, entry: bytes) -> None:
        self._store.record(self._server, entry, REMEMBERED)

    def image(self) -> tuple[int, bytes] | None:
        data = self._store.kept("picture", self._server.encode())
        return None if data is None else (int.from_bytes(data[:8], "big"), data[8:])

    def picture(self, place: int, image: bytes) -> None:
        self._store.keep("picture", {self._server.encode(): place.to_bytes(8, "big") + image})


@dataclass(frozen=True, slots=True)
class Home:
    """The cache that a prefix is kept in, and how to reach it."""

    number: int | None
    """Of the worker; None where a server has but one cache."""
    served: Served
    levers: Levers
    """How requests over the prefix are marked: alike for everyone who shares its base."""
    forecast: Forecast
    """What it should have cached of what this machine sent to it."""


class Prefixes:
    """Makes, keeps and finds prefixes."""

    def __init__(self, surface: Surface, lineages: Lineages) -> None:
        self._surface = surface
        self._lineages = lineages
        self._kept: dict[bytes, Prefix] = {}
        self._forecasts: dict[tuple[str, str], Forecast] = {}

    def over(self, lineage: Lineage) -> Prefix:
        """The prefix of this lineage for the session's server and effort."""
        connected = self._surface.connected
        in_ids = connected.takes is Takes.IDS
        return prefix_of(
            lineage,
            connected.template if in_ids else None,
            self._surface.wanted.effort,
            Remembering(connected.tokenizer, self._surface.places.memo).encode,
            lambda: "".join(self._lineages.base_texts(lineage.base)),
            connected.served.page_size or 1,
        )

    def padding(self, lineage: Lineage) -> int:
        """Tokens that fill its last page."""
        connected = self._surface.connected
        return padding_of(
            lineage,
            connected.template if connected.takes is Takes.IDS else None,
            self._surface.wanted.effort,
            Remembering(connected.tokenizer, self._surface.places.memo).encode,
            connected.served.page_size or 1,
        )

    def keep(self, prefix: Prefix) -> None:
        """Write what is needed to make it again."""
        if prefix.digest in self._kept:
            return
        self._lineages.keep(prefix.lineage)
        lineage, tokenizer = prefix.lineage.digest.hex(), self._surface.connected.tokenizer.name
        made_of = json.dumps([lineage, prefix.effort, prefix.page, tokenizer])
        self._surface.store.keep("prefix", {prefix.digest: made_of.encode()})
        self._kept[prefix.digest] = prefix

    def lineage_of(self, digest: bytes) -> Lineage | None:
        """The lineage of a prefix; None where it is not kept, or was counted otherwise."""
        if digest in self._kept:
            return self._kept[digest].lineage
        made_of = self._made_of(digest)
        return None if made_of is None else self._lineages.lineage(bytes.fromhex(made_of[0]))

    def _made_of(self, digest: bytes) -> tuple[str, str, int] | None:
        """Lineage, effort and page of a prefix that is in this tokenizer's ids."""
        data = self._surface.store.kept("prefix", digest)
        if data is None:
            return None
        lineage, effort, page, tokenizer = json.loads(data)
        same = tokenizer == self._surface.connected.tokenizer.name
        return (lineage, effort, page) if same else None

    @cached_property
    def flights(self) -> Flights:
        return Flights(self._surface.places.flights)

    def home(self, prefix: Prefix) -> Home:
        """Where this prefix is kept: at the worker that everyone prefers for its base, but where it
        was moved to, as long as it is warm there and not at the preferred one.

        Raises EngineUnavailable where no server answers.
        """
        workers = self._surface.connected.engine.workers_for(prefix.lineage.base.digest)
        homes = [self._at(prefix, worker) for worker in workers or (None,)]
        if prefix.ids is None or len(homes) == 1:
            return homes[0]
        # The instructions are every prefix's beginning, and say nothing of where this one was.
        enough = WARM * len(prefix.ids)
        return next((home for home in homes if home.forecast.held(prefix.ids) >= enough), homes[0])

    def _at(self, prefix: Prefix, worker: Worker | None) -> Home:
        base = prefix.lineage.base.digest
        served = self._surface.connected.served if worker is None else worker.served
        number = None if worker is None else worker.number
        tag = tag_of(base) if served.session_cache else None
        levers = Levers(session=tag, salt=self._surface.salt, worker=number)
        return Home(number, served, levers, self._forecast(served, number))

    def _forecast(self, served: Served, worker: int | None) -> Forecast:
        named = [served.base_url, served.model]
        server = json.dumps(
            named if worker is None or served.workers == 1 else [*named, worker % RANKS]
        )
        incarnation = served.incarnation or ""
        if (server, incarnation) not in self._forecasts:
            self._forecasts[server, incarnation] = Forecast(
                self._surface.connected.engine.caching(served),
                ServerLog(self._surface.store, server),
                self._ids,
                self._surface.salt or "",
                incarnation,
            )
        return self._forecasts[server, incarnation]

    def _ids(self, digest: bytes) -> Ids | None:
        """The ids of a prefix as it was sent; None where it cannot be made again to the token."""
        if digest in self._kept:
            return self._kept[digest].ids
        made_of = self._made_of(digest)
        found = None if made_of is None else self._lineages.lineage(bytes.fromhex(made_of[0]))
        if made_of is None or found is None:
            return None
        connected = self._surface.connected
        prefix = prefix_of(
            found,
            connected.template,
            Effort(made_of[1]),
            Remembering(connected.tokenizer, self._surface.places.memo).encode,
            lambda: "",
            made_of[2],
        )
        if prefix.digest != digest:
            return None
        self._kept[digest] = prefix
        return prefix.ids


def tag_of(base: bytes) -> str:
    """The session that a server's cache knows a base by."""
    return f"longctx-{base.hex()[:24]}"

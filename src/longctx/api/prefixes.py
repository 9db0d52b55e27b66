"""Prefixes of one session's server: made from lineages, kept by digest, forecast from the log."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING

from longctx.engines import Takes
from longctx.prompt import Effort
from longctx.session.flights import Flights
from longctx.session.forecasts import Forecast
from longctx.session.prefixes import padding_of, prefix_of
from longctx.tokens.remembering import Remembering

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longctx.api.lineages import Lineages
    from longctx.api.surface import Surface
    from longctx.prompt import Ids
    from longctx.session.prefixes import Prefix
    from longctx.store import Store
    from longctx.updates import Lineage

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


class Prefixes:
    """Makes, keeps and finds prefixes."""

    def __init__(self, surface: Surface, lineages: Lineages) -> None:
        self._surface = surface
        self._lineages = lineages
        self._kept: dict[bytes, Prefix] = {}

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

    @cached_property
    def forecast(self) -> Forecast:
        """What the server should have cached of what this machine sent to it."""
        served = self._surface.connected.served
        server = json.dumps([served.base_url, served.model])
        return Forecast(
            self._surface.connected.engine.caching(served),
            ServerLog(self._surface.store, server),
            self._ids,
            self._surface.salt or "",
            served.incarnation or "",
        )

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

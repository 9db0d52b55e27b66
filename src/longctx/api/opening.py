"""Opening a session: sources, an engine and a store become one thing to ask."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from longctx.api.connecting import AUTO, connect
from longctx.api.packing import Ask
from longctx.api.places import Places
from longctx.api.sessions import Session
from longctx.api.sources import load
from longctx.api.surface import Surface
from longctx.errors import UsageError
from longctx.loaders import Selection
from longctx.loaders.git_url import is_url, without_password
from longctx.prompt import Effort
from longctx.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from longctx.engines import Connection
    from longctx.store import KeptSession


def open(
    *sources: str,
    engine: str = AUTO,
    connection: Connection | None = None,
    tokenizer: str | None = None,
    ask: Ask | None = None,
    effort: Effort | None = None,
    selection: Selection | None = None,
    places: Places | None = None,
    session: str | None = None,
    fork: int | None = None,
    continued: bool = False,
    fresh: bool = False,
    isolate: bool = False,
    say: Callable[[str], None] = lambda line: None,
    counting: Callable[[int, int], None] = lambda done, total: None,
    reading: Callable[[str], None] = lambda line: None,
) -> Session:
    """A session over these sources; without any, over those of the session that goes on.

    `session` names one to go on with (by name or id), `continued` takes the last one over these
    sources, `fork` begins a new one after a turn. `effort` overrides that of a session that goes
    on, which costs its prefix. `fresh` begins a base of one's own; `isolate`
    shares nothing on the server with anyone else. `say` gets lines for a person, `counting`
    characters counted and to count, `reading` how far reading is, each line in place of the last
    and an empty one at the end. Raises errors of `longctx.errors`; nothing is sent yet.
    """
    places, wanted = places or Places.default(), ask or Ask()
    store = Store.open(places.data)
    try:
        kept = _kept(store, sources, session, fork, continued)
        named = sources or (() if kept is None else kept.sources)
        if not named:
            raise UsageError("name at least one source to ask")
        wanted = replace(wanted, effort=effort or _effort_of(kept) or wanted.effort)
        chosen = selection or Selection()
        connected = connect(engine, connection, tokenizer, wanted.effort, say)
        surface = Surface(
            connected,
            lambda: load(named, places, chosen, say, reading),
            wanted,
            places,
            store,
            place_of(named),
            tuple(absolute(source) for source in named),
            _salt(store) if isolate else None,
            say,
            counting,
            reading,
            fresh,
        )
        return Session(surface, kept)
    except BaseException:
        store.close()
        raise


def absolute(source: str) -> str:
    """The source under a name that holds in every folder, and holds no password."""
    if is_url(source) and not Path(source).exists():
        return without_password(source)
    return str(Path(source).resolve())


def place_of(sources: Sequence[str]) -> str:
    """What sessions over the same sources have in common."""
    return json.dumps([absolute(source) for source in sources])


def _kept(
    store: Store, sources: Sequence[str], session: str | None, fork: int | None, continued: bool
) -> KeptSession | None:
    if session is not None:
        return store.session(session)
    if fork is not None:
        origin = store.session(store.turn(fork).session)
        return store.create(origin.sources, origin.place, origin.settings, parent=fork)
    if not continued:
        return None
    found = store.latest(place_of(sources)) if sources else latest_here(store)
    if found is None:
        raise UsageError(
            "no session to continue here: ask without --continue first;"
            " `longctx sessions list` shows those elsewhere"
        )
    return found


def latest_here(store: Store) -> KeptSession | None:
    """The last session over a source that holds, or lies in, the current folder."""
    here = Path.cwd().resolve()
    for kept in store.sessions():
        for source in kept.sources:
            if not is_url(source) and (
                here.is_relative_to(source) or Path(source).is_relative_to(here)
            ):
                return kept
    return None


def _effort_of(kept: KeptSession | None) -> Effort | None:
    """What a session that goes on was asked with."""
    said = None if kept is None or not kept.turns else json.loads(kept.settings).get("effort")
    return None if said is None else Effort(said)


def _salt(store: Store) -> str:
    """A secret of this user's store: the same for all isolated questions."""
    kept = store.kept("isolation", b"salt")
    if kept is None:
        kept = secrets.token_hex(16).encode()
        store.keep("isolation", {b"salt": kept})
    return kept.decode()

"""What is kept on this machine: sessions as they can be read again, folders, bases and their users.

Reading only. What must never be known here: how any of it is shown; what removes it
(`longctx.api.clearing`, `longctx.api.sweeping`).
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from longctx.api.composition import lineage_of, made_of
from longctx.api.opening import absolute
from longctx.api.places import size_of
from longctx.api.turn_facts import turn_of
from longctx.errors import UsageError
from longctx.loaders.git_url import is_url
from longctx.store.database import NAME
from longctx.store.text import moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longctx.api.places import Places
    from longctx.session import Turn
    from longctx.store import FrozenBase, Kept, KeptSession, Store


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """A turn, with when, after which one and by which model it was answered."""

    turn: Turn
    parent: int | None
    created: str
    engine: str
    model: str | None


@dataclass(frozen=True, slots=True)
class KeptBase:
    """A base on disk, and the sessions with turns over it."""

    frozen: FrozenBase
    documents: int | None
    """None where its manifest cannot be read."""
    sessions: tuple[KeptSession, ...]


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder or file of ours, with its size in bytes."""

    name: str
    path: Path
    size: int


@dataclass(frozen=True, slots=True)
class Holdings:
    """Everything that is kept."""

    folders: tuple[Folder, ...]
    bases: tuple[KeptBase, ...]
    sessions: int


def sessions_over(store: Store, sources: Sequence[str]) -> tuple[KeptSession, ...]:
    """The sessions that have all of these sources, newest first."""
    named = {absolute(source) for source in sources}
    return tuple(kept for kept in store.sessions() if named <= {*kept.sources})


def sessions_here(store: Store) -> tuple[KeptSession, ...]:
    """The sessions over a source that holds, or lies in, the current folder; newest first."""
    here = Path.cwd().resolve()
    return tuple(
        kept
        for kept in store.sessions()
        if any(_near(source, here) for source in kept.sources if not is_url(source))
    )


def named_or_last(store: Store, named: str) -> KeptSession:
    """The session of this name, id or beginning of an id; `-` means the last one here."""
    if named != "-":
        return store.session(named)
    last = next(iter(sessions_here(store)), None)
    if last is None:
        raise UsageError(
            "there is no session over sources here: name one;"
            " `longctx sessions list --all` shows those elsewhere"
        )
    return last


def turns_of(store: Store, session: KeptSession) -> tuple[KeptTurn, ...]:
    """The session's turns, the first first."""
    return () if session.head is None else tuple(map(_turn, store.path_to(session.head)))


def holdings(places: Places, store: Store) -> Holdings:
    """Everything that is kept in these places."""
    bases = kept_bases(store)
    in_bases = sum(base.frozen.size for base in bases)
    return Holdings(
        (
            *cache_folders(places),
            Folder("database", places.data / NAME, store.size() - in_bases),
            Folder("bases", places.data / "bases", in_bases),
        ),
        bases,
        len(store.sessions()),
    )


def cache_folders(places: Places) -> tuple[Folder, ...]:
    """What may be deleted at any time."""
    named = {"tokens": places.tokens, "texts": places.texts, "clones": places.clones}
    return tuple(Folder(name, path, size_of(path)) for name, path in named.items())


def kept_bases(store: Store) -> tuple[KeptBase, ...]:
    """Every base, last used first."""
    users = _users(store)
    sessions = {kept.id: kept for kept in store.sessions()}
    return tuple(
        KeptBase(
            base,
            _documents(store, base.digest),
            tuple(kept for id, kept in sessions.items() if id in users[base.digest]),
        )
        for base in store.bases()
    )


def bases_unused_since(store: Store, before: float | None) -> tuple[KeptBase, ...]:
    """The bases last used before that moment (seconds since 1970; None: all)."""
    return tuple(
        base for base in kept_bases(store) if before is None or base.frozen.used < moment(before)
    )


def _turn(kept: Kept) -> KeptTurn:
    facts = json.loads(kept.facts)
    return KeptTurn(turn_of(kept), kept.parent, kept.created, facts["engine"], facts["model"])


def _near(source: str, here: Path) -> bool:
    return here.is_relative_to(source) or Path(source).is_relative_to(here)


def _users(store: Store) -> defaultdict[bytes, set[str]]:
    """The ids of the sessions whose turns need each base."""
    users: defaultdict[bytes, set[str]] = defaultdict(set)
    for session, digest in store.digests():
        made = made_of(store, lineage_of(store, digest) or digest)
        if made is not None:
            users[made.base].add(session)
    return users


def _documents(store: Store, base: bytes) -> int | None:
    manifest = store.peeked(base, "manifest")
    return None if manifest is None else len(json.loads(bytes(manifest))["shown"])

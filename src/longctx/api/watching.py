"""Keeping a base warm while its sources change.

What may live here: telling cheaply that sources changed, and when warming is worth it. What must
never be known here: how a prefix is primed, terminals. Every look opens a session of its own, so
that a server which was restarted meanwhile is met as it is, and nothing piles up over days.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.api.warming import warmed
from longctx.errors import EngineError, LoadError
from longctx.loaders.git_place import find_top, place_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from longctx.api.asked import Shared
    from longctx.api.sessions import Session
    from longctx.api.sources import Loaded
    from longctx.session.warming import Warmth
    from longctx.updates import Lineage

SETTLED = 1.0
"""Seconds without an edit after which a change is taken for whole."""

LONGEST_EDIT = 30.0
"""Seconds after which edits that never rest are taken as they are."""

SLOW = 60.0
"""Seconds between two looks at everything, for what no stat signature shows."""

REMOTE = 300.0
"""The same where no source is on this machine: a look asks the network."""

SHARE = 50
"""Looking at everything may take 1/50 of the time."""

PATIENCE = 30.0
"""Seconds until a server that failed, or a source that could not be read, is tried again."""

WORTH_KEEPING = 4_096
"""Tokens of updates that the server may prefill again and again before they become a step of their
own. Until then an edit replaces the update before it, so that saving often does not make the
prompt long, and a question finds the same prefix: it grows from where this did."""

GIT_FILES = ("HEAD", "index", "logs/HEAD", "packed-refs")


@dataclass(frozen=True, slots=True)
class Sight:
    """What can be seen of loaded sources without reading them."""

    places: tuple[Path, ...]
    """Their files, the folders that hold these, and git's own files."""

    @classmethod
    def of(cls, sources: tuple[str, ...], loaded: Loaded) -> Sight:
        paths = [*loaded.corpus, *loaded.corpus.omissions]
        files = {file for each in paths if (file := loaded.file_of(each.path)) is not None}
        tops = {top for _, top in loaded.folders}
        folders = {
            folder
            for file in files
            for folder in file.parents
            if any(folder.is_relative_to(top) for top in tops)
        }
        own = {path for source in sources for path in _git_files(source)}
        return cls(tuple(sorted(files | folders | tops | own)))

    def signature(self) -> tuple[int, int]:
        """Equal for equal files; and the newest change among them, in ns since 1970."""
        seen, newest = [], 0
        for place in self.places:
            try:
                found = place.stat()
            except OSError:
                seen.append((0, 0, 0))
                continue
            seen.append((found.st_mtime_ns, found.st_size, found.st_ino))
            newest = max(newest, found.st_mtime_ns)
        return hash(tuple(seen)), newest


def _git_files(source: str) -> Iterator[Path]:
    """What git writes when it commits, switches or stages."""
    top = find_top(source)
    if top is None:
        return
    try:
        place = place_at(top)
    except LoadError:
        return
    yield from (place.git_dir / name for name in GIT_FILES)


@dataclass(frozen=True, slots=True)
class Warming:
    """One time that the base was made warm, or found so."""

    reason: str
    """`start`, `edit`, `going` (the server was giving it up) or `touch` (it was all there)."""
    changed: tuple[str, ...]
    """Documents that are not as they were at the last time."""
    tokens: int
    """Of the prefix."""
    warmth: Warmth | None
    """None where nothing was sent, or only a touch."""


class Watch:
    """Warms at once, after edits, and again before the server forgets; endless."""

    def __init__(
        self,
        begin: Callable[[], Session],
        interval: float,
        keep_alive: float,
        say: Callable[[str], None],
        waiting: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        """`begin` opens a session; `interval`: seconds between two looks at signatures;
        `keep_alive`: seconds after which a prefix that nobody used is touched."""
        self._begin = begin
        self._interval = interval
        self._keep_alive = keep_alive
        self._say = say
        self._waiting = waiting
        self._lineage: Lineage | None = None
        """What was warmed last."""
        self._kept: Lineage | None = None
        """What questions go on from."""
        self._sight = Sight(())
        self._signature: int | None = None
        """None where the next look must be at everything."""
        self._failed = False
        self._touched = self._looked = 0.0
        self._reading = 0.0
        """Seconds that the last look took."""

    def __iter__(self) -> Iterator[Warming]:
        """Each time that it was warmed or touched. The first error is raised, later ones are told
        and tried again."""
        yield self._warmed("start")
        while True:
            try:
                reason = self._next()
                if reason == "touch":
                    yield self._touch()
                elif (done := self._warmed(reason)).changed or done.warmth is not None:
                    yield done
            except (EngineError, LoadError) as error:
                self._say(f"{error}; trying again in {PATIENCE:g} s")
                self._signature, self._failed = None, True
                time.sleep(PATIENCE)

    def _next(self) -> str:
        """Wait for a reason to look."""
        slow = max(SLOW if self._sight.places else REMOTE, SHARE * self._reading)
        while True:
            time.sleep(self._interval)
            if self._sight.signature()[0] != self._signature:
                self._settle()
                return "edit"
            now = time.monotonic()
            if now - self._touched >= self._keep_alive:
                return "touch"
            if now - self._looked >= slow:
                return "edit"

    def _settle(self) -> None:
        """Wait until edits rest."""
        deadline = time.monotonic() + LONGEST_EDIT
        before = self._sight.signature()
        while time.monotonic() < deadline:
            time.sleep(SETTLED)
            after = self._sight.signature()
            if after == before:
                return
            before = after

    def _warmed(self, reason: str) -> Warming:
        with self._begin() as session:
            shared = self._shown(session)
            before, lineage = self._lineage, shared.lineage
            done = None
            if before is None or before.digest != lineage.digest or self._failed:
                done = warmed(session, shared.prefix, self._waiting)
                self._touched = time.monotonic()
                if self._worth_keeping(lineage):
                    session.keep(shared.continued)
                    self._kept = lineage
                self._lineage, self._failed = lineage, False
            return Warming(reason, _changed(before, lineage), _tokens(shared), done)

    def _touch(self) -> Warming:
        with self._begin() as session:
            shared = self._shown(session)
            self._touched = time.monotonic()
            if session.lacking(shared.prefix):
                done = warmed(session, shared.prefix, self._waiting)
                return Warming("going", (), _tokens(shared), done)
            cached = session.touch(shared.prefix)
            page = session.surface.connected.served.page_size or 1
            there = cached is None or cached >= _tokens(shared) // page * page
            return Warming("touch" if there else "going", (), _tokens(shared), None)

    def _shown(self, session: Session) -> Shared:
        """The sources as they are; what is edited from here on is a change again."""
        began, started = time.time_ns(), time.monotonic()
        shared = session.shown()
        self._sight = Sight.of(session.surface.sources, shared.loaded)
        self._signature, newest = self._sight.signature()
        if began <= newest <= time.time_ns():
            self._signature = None  # edited while it was read
        self._looked = time.monotonic()
        self._reading = self._looked - started
        return shared

    def _worth_keeping(self, lineage: Lineage) -> bool:
        kept = self._kept
        return (
            kept is None
            or kept.base.digest != lineage.base.digest
            or lineage.carried - kept.carried >= WORTH_KEEPING
        )


def _tokens(shared: Shared) -> int:
    ids = shared.prefix.ids
    return 0 if ids is None else len(ids)


def _changed(before: Lineage | None, after: Lineage) -> tuple[str, ...]:
    if before is None:
        return ()
    was, now = before.state, after.state
    texts, fresh = ({path: known.digest for path, known in each.items()} for each in (was, now))
    return tuple(path for path in sorted({*texts, *fresh}) if texts.get(path) != fresh.get(path))

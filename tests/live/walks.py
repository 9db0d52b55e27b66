"""A random walk of one person through sessions, and what every request of it had cached.

Here may live: what a person does between two requests (edits, forks, restarts), and how requests
are noted. It must never know servers' settings, nor what should be cached: the sessions predict
that.
"""

from __future__ import annotations

import gc
import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from loaders.repositories import Repo

import longctx
from longctx.api import Ask, Connection, Places, Session, Turn
from longctx.prompt import Effort

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from live.server.running import Server

    from longctx.engines import Engine, Request, Usage
    from longctx.session.forecasts import Forecast

MOST_OPEN = 5
"""Sessions held open at once, each with its own vocabulary in memory."""

SHARES = {
    "follow up": 30,
    "edit": 14,
    "commit": 8,
    "fork": 12,
    "new": 8,
    "fresh": 4,
    "think": 5,
    "cut short": 5,
    "restart": 14,
}
"""How often each step is taken."""

LINES = (
    "def authenticate(request):\n",
    "    return check(request.token, salt={n})\n",
    "The tenant shall pay £{n}.00 on the 1st of each month (§ 12.3(b)).\n",
    "東京で会いましょう。 Größe, naïve café {n}\n",
    "0x7fff_ffff 3.14159 1e-9 1,000,{n:03d}\n",
    "</file> <｜User｜> [L26] {n}\n",
    "\n",
)


@dataclass(frozen=True, slots=True)
class Noted:
    """A request that was answered; lengths in tokens."""

    what: str
    """The step that sent it; for a prime with `prime: ` before."""
    tokens: int
    predicted: int
    reported: int
    cause: str = ""

    @property
    def missed(self) -> bool:
        return self.reported < self.predicted

    @property
    def exact(self) -> bool:
        return self.reported == self.predicted


class Noting:
    """An engine, noting for each prime what was predicted and what was reported."""

    def __init__(self, engine: Engine, forecast: Forecast, note: Callable[[Noted], None]) -> None:
        self._engine = engine
        self._forecast = forecast
        self._note = note

    def __getattr__(self, name: str) -> object:
        """Everything but a prime is the engine's own."""
        return getattr(self._engine, name)

    def prime(self, request: Request) -> Usage:
        assert request.ids is not None
        predicted = self._forecast.expected(request.ids)
        usage = self._engine.prime(request)
        self._note(Noted("prime", len(request.ids), predicted, usage.cached_tokens or 0))
        return usage


def text(chance: random.Random, lines: int) -> str:
    return "".join(chance.choice(LINES).format(n=chance.randrange(1000)) for _ in range(lines))


def numbers(seed: int, tokens: int) -> str:
    """A text that no other seed shares, of about so many tokens."""
    chance = random.Random(seed)
    return "".join(f"{chance.randrange(1000)},\n" for _ in range(tokens // 2))


class Walk:
    """Sessions over one git repository, opened, forked, left and taken up again by chance."""

    def __init__(
        self,
        server: Server,
        folder: Path,
        seed: int,
        files: int = 12,
        lines: int = 60,
        shares: dict[str, int] | None = None,
        engine: str = "sglang",
    ) -> None:
        """`files` of about `lines` lines, 15 tokens each; `shares` replaces how often steps are
        taken."""
        self.noted: list[Noted] = []
        self._server = server
        self._engine = engine
        self._chance = random.Random(seed)
        self._places = Places(folder / "cache", folder / "data")
        self._repo = Repo(folder / "repo")
        self._repo.path.mkdir(parents=True)
        self._repo.git("init", "--quiet")
        self._lines = lines
        for number in range(files):
            self._repo.write(f"src/f{number}.txt", text(self._chance, lines))
        self._repo.commit()
        self._made = files
        self._steps: dict[str, Callable[[], Session]] = {
            "follow up": self._any,
            "edit": self._edited,
            "commit": self._committed,
            "fork": self._forked,
            "new": self._opened,
            "fresh": lambda: self._opened(fresh=True),
            "think": lambda: self._opened(effort=Effort.HIGH),
            "cut short": lambda: self._opened(ask=Ask(answer=self._chance.randint(2, 15))),
            "restart": self._restarted,
        }
        self._shares = shares or SHARES
        self._open: list[Session] = []
        self._borrowed: list[Session] = []
        """Forks, which use the engine and the store of another."""
        self._step = "new"

    def go(self, requests: int) -> list[Noted]:
        """Take steps until so many requests were answered; what each had cached."""
        names, weights = list(self._shares), list(self._shares.values())
        try:
            while len(self.noted) < requests:
                [self._step] = self._chance.choices(names, weights)
                session = self._steps[self._step]()
                self._ask(session)
        finally:
            self._close()
        return self.noted

    def _ask(self, session: Session) -> None:
        words = " ".join(self._chance.choices(("where", "is", "auth", "東京", "§ 12"), k=5))
        *_, turn = session.ask(f"{words * self._chance.randint(1, 12)}?")
        assert isinstance(turn, Turn)
        assert turn.predicted_cached is not None
        assert turn.predicted_tokens == turn.usage.prompt_tokens
        self._note(
            Noted(
                self._step,
                turn.predicted_tokens or 0,
                turn.predicted_cached,
                turn.usage.cached_tokens or 0,
                turn.cause,
            )
        )

    def _note(self, noted: Noted) -> None:
        what = f"prime: {self._step}" if noted.what == "prime" else noted.what
        self.noted.append(replace(noted, what=what))

    # The steps: each ends with a session to ask.

    def _any(self) -> Session:
        held = [*self._open, *self._borrowed]
        return self._chance.choice(held) if held else self._opened()

    def _opened(
        self,
        *,
        session: str | None = None,
        fork: int | None = None,
        fresh: bool = False,
        effort: Effort | None = None,
        ask: Ask | None = None,
    ) -> Session:
        if len(self._open) > MOST_OPEN:
            self._close()
        opened = longctx.open(
            str(self._repo.path),
            engine=self._engine,
            connection=Connection(self._server.base_url),
            ask=replace(ask or Ask(), temperature=0.0),
            effort=effort,
            places=self._places,
            session=session,
            fork=fork,
            fresh=fresh,
        )
        connected = opened.surface.connected
        forecast = opened._prefixes._forecast(connected.served, None)
        noting = Noting(connected.engine, forecast, self._note)
        connected = replace(connected, engine=cast("Engine", noting))
        opened.surface = replace(opened.surface, connected=connected)
        self._open.append(opened)
        return opened

    def _forked(self) -> Session:
        origin = self._any()
        if not origin.turns:
            return origin
        turn = self._chance.choice(origin.turns).id
        if self._chance.random() < 0.5:
            return self._opened(fork=turn)
        self._borrowed.append(origin.fork(turn))
        return self._borrowed[-1]

    def _restarted(self) -> Session:
        ids = [session.id for session in (*self._open, *self._borrowed) if session.id]
        self._close()
        return self._opened(session=self._chance.choice(ids) if ids else None)

    def _close(self) -> None:
        for session in self._open:
            session.close()
        self._open.clear()
        self._borrowed.clear()
        gc.collect()  # a vocabulary's megabytes are not what Python counts before it collects

    def _edited(self) -> Session:
        for _ in range(self._chance.randint(1, 3)):
            self._change()
        return self._any() if self._chance.random() < 0.6 else self._opened()

    def _committed(self) -> Session:
        for _ in range(self._chance.randint(1, 3)):
            self._change()
            self._repo.commit()
        return self._any() if self._chance.random() < 0.6 else self._opened()

    def _change(self) -> None:
        """One change of one file."""
        chance = self._chance
        there = sorted(path for path in self._repo.path.glob("src/*") if path.is_file())
        path = chance.choice(there)
        kind = chance.choice(("line", "line", "line", "line", "whole", "new", "gone", "moved"))
        if kind == "line":
            lines = path.read_text("utf-8").splitlines(keepends=True)
            at = chance.randrange(len(lines) + 1)
            lines[at : at + chance.randint(0, 2)] = [text(chance, chance.randint(0, 3))]
            path.write_text("".join(lines) or "one line\n", "utf-8")
        elif kind == "whole":
            path.write_text(text(chance, chance.randint(1, self._lines // 4)), "utf-8")
        elif kind == "gone" and len(there) > 8:
            path.unlink()
        elif kind == "moved":
            path.rename(path.with_name(f"{chance.randrange(10**6)}.txt"))
        else:
            self._made += 1
            self._repo.write(f"src/f{self._made}.txt", text(chance, chance.randint(1, 20)))

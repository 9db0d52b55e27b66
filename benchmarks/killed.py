"""Asking and repacking, killed at random moments: what is kept, and what the next question hits.

    python -m benchmarks.killed --kills 300
    python -m benchmarks.killed --kills 300 --base-url http://127.0.0.1:30000   # an SGLang server

After each `kill -9` the database must be whole and every turn there but the one in flight, and the
next question must begin with the prefix that it would have begun with had nothing been started, or
with the one that the killed command was about to make. On a real server what was prefilled for the
base must be reported as cached. Without --base-url the scripted engine answers. Ends with status 1
at the first that is not so.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import longctx
from benchmarks.measuring import setting
from longctx.api import Ask, Connection, Places, Turn
from longctx.prompt import Effort
from longctx.store import Store

if TYPE_CHECKING:
    from longctx.api import Session

WORK = ("ask", "ask", "follow up", "fresh", "repack", "repack")
"""What is killed, by chance."""
FILES = 12
ANSWER = 'The documents say so. [part1.txt:1] "number"\n' * 20
LATER = 1.1
"""Moments are drawn up to so many times the time that the command takes when it is left alone."""


class Broken(Exception):
    """Something is not as promised."""


@dataclass
class Person:
    """Someone whose commands are killed: a corpus, a store, a server."""

    home: Path
    base_url: str | None
    chance: random.Random
    held: set[bytes] = field(default_factory=set)
    """Bases that a question has been answered over."""
    asked: int = 0

    def __post_init__(self) -> None:
        self.corpus = self.home / "corpus"
        self.corpus.mkdir()
        (self.home / "answer.txt").write_text(ANSWER)
        for part in range(FILES):
            (self.corpus / f"part{part}.txt").write_text(self.text(400))

    @property
    def url(self) -> str:
        return self.base_url or str(self.home / "answer.txt")

    @property
    def engine(self) -> str:
        return "sglang" if self.base_url else "scripted"

    @property
    def places(self) -> Places:
        return Places(self.home / "cache", self.home / "data")

    def text(self, lines: int) -> str:
        return "".join(f"number {self.chance.randrange(10**6)}\n" for _ in range(lines))

    def edit(self) -> None:
        path = self.corpus / f"part{self.chance.randrange(FILES)}.txt"
        lines = path.read_text().splitlines(keepends=True)
        lines.insert(self.chance.randrange(len(lines)), self.text(3))
        path.write_text("".join(lines))

    def opened(self, *, fresh: bool = False) -> Session:
        return longctx.open(
            str(self.corpus),
            engine=self.engine,
            connection=Connection(self.url),
            ask=Ask(temperature=0.0),
            effort=Effort.OFF,
            places=self.places,
            fresh=fresh,
        )

    def command(self, work: str) -> list[str]:
        self.asked += 1
        words = [str(self.corpus)] if work == "repack" else [str(self.corpus), self.question()]
        more = {"follow up": ["--continue"], "fresh": ["--fresh"], "ask": [], "repack": []}[work]
        if work != "repack":
            more = [*more, "--json", "--temperature", "0"]
        server = ["--engine", self.engine, "--base-url", self.url]
        places = ["--cache-dir", str(self.places.cache), "--data-dir", str(self.places.data)]
        name = "repack" if work == "repack" else "ask"
        return [sys.executable, "-m", "longctx", name, *words, *more, *server, *places]

    def question(self) -> str:
        return f"Where does number {self.asked} stand?"


@dataclass(frozen=True, slots=True)
class Known:
    """What is kept, and what the next question over it begins with."""

    turns: int
    sessions: int
    prefix: bytes


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--base-url", help="an SGLang server instead of the scripted engine")
    args = parser.parse_args()
    print(f"{args.kills} kills, seed {args.seed}. {setting()}", flush=True)
    with tempfile.TemporaryDirectory() as home:
        person = Person(Path(home), args.base_url, random.Random(args.seed))
        try:
            told = killed_often(person, args.kills)
        except Broken as error:
            raise SystemExit(f"broken: {error}") from error
    for what, count in sorted(told.items()):
        print(f"{count:5} {what}")


def killed_often(person: Person, kills: int) -> Counter[str]:
    """How often what was seen; raises Broken at the first broken promise."""
    told: Counter[str] = Counter()
    durations = {work: left_alone(person, work) for work in dict.fromkeys(WORK)}
    for _ in range(kills):
        work = person.chance.choice(WORK)
        if work == "repack" or person.chance.random() < 0.4:
            person.edit()
        before, about = known(person), made_by(person, work)
        said = killed(person, work, person.chance.uniform(0, LATER * durations[work]))
        whole(person)
        after = known(person)
        told[f"{work}, {'ended before' if said else 'killed'}"] += 1
        told["turns that were in flight and are kept"] += after.turns - before.turns
        if not 0 <= after.turns - before.turns <= 1 or (said and after.turns == before.turns):
            raise Broken(f"{before.turns} turns before {work}, {after.turns} after")
        if after.prefix not in (before.prefix, about):
            raise Broken(f"after {work} a question begins with another prefix")
        told["prefixes of the killed command itself"] += after.prefix != before.prefix
        next_question(person, after)
    return told


def left_alone(person: Person, work: str) -> float:
    """Seconds that the command takes."""
    person.edit()
    started = time.monotonic()
    subprocess.run(person.command(work), check=True, capture_output=True, env=clean())
    return time.monotonic() - started


def killed(person: Person, work: str, seconds: float) -> bool:
    """Kill the command after so many seconds; whether it had told its turn by then."""
    process = subprocess.Popen(
        person.command(work), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=clean()
    )
    time.sleep(seconds)
    process.kill()
    said, _ = process.communicate()
    if process.returncode not in (0, -9):
        raise Broken(f"{work} ended with {process.returncode} by itself")
    try:
        return bool(json.loads(said))
    except ValueError:
        return False


def clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("LONGCTX_")}


def made_by(person: Person, work: str) -> bytes:
    """The prefix that the command would make its own."""
    with person.opened(fresh=work == "fresh") as session:
        shared = session.shown()
        return (session.repacked(shared) if work == "repack" else shared).prefix.digest


def known(person: Person) -> Known:
    with person.opened() as session:
        prefix = session.shown().prefix.digest
    with closing(Store.open(person.places.data)) as store:
        sessions = store.sessions()
        turns = 0
        for each in sessions:
            path = () if each.head is None else store.path_to(each.head)
            if len(path) != each.turns:
                raise Broken(f"session {each.id} has {len(path)} of {each.turns} turns")
            turns += len(path)
        for base in store.bases():
            for part in ("ids", "texts", "manifest"):
                if store.frozen(base.digest, part) is None:
                    raise Broken(f"base {base.digest.hex()[:12]} has no {part}")
    return Known(turns, len(sessions), prefix)


def whole(person: Person) -> None:
    with closing(sqlite3.connect(person.places.data / "longctx.db")) as database:
        for pragma, fine in (("integrity_check", [("ok",)]), ("foreign_key_check", [])):
            found = database.execute(f"PRAGMA {pragma}").fetchall()
            if found != fine:
                raise Broken(f"{pragma}: {found}")


def next_question(person: Person, now: Known) -> None:
    """Ask it; it begins as foretold, and the server has what was prefilled for its base."""
    person.asked += 1
    with person.opened() as session:
        asked = session.prepare(person.question())
        if asked.conversation is None or asked.conversation.prefix.digest != now.prefix:
            raise Broken("the next question begins with another prefix than was shown")
        prefix = asked.conversation.prefix
        warmth = asked.warm()
        *_, turn = asked.send()
        if not isinstance(turn, Turn) or turn.cause:
            raise Broken(turn.cause if isinstance(turn, Turn) else "no answer")
        base = prefix.lineage.base
        first = warmth.cached if warmth and warmth.cached is not None else turn.usage.cached_tokens
        page = session.surface.connected.served.page_size or 1
        held = (base.tokens // page - 1) * page if base.digest in person.held else 0
        if person.base_url and (first or 0) < held:
            raise Broken(f"{first} tokens of a base of {base.tokens} were cached")
        person.held.add(base.digest)


if __name__ == "__main__":
    main()

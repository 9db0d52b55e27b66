"""What a group of servers prefills when one of them is killed and comes back.

    python tests/live/server/install.py    # once: a real SGLang with a tiny model
    PYTHONPATH=tests python -m benchmarks.workers

Two SGLang servers are started here. Every question goes to whichever of 8 corpora chance names, as
a session of its own over both servers. In the middle of an answer its server is killed; it is
started again at once, and is back some questions later. What was prefilled is counted from the
answers and primes as the servers report them; the least that there is to prefill is each base once
and each question's own tokens.
"""

from __future__ import annotations

import random
import tempfile
import threading
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from live.server.running import running_sglang

import longctx
from benchmarks.measuring import arguments, setting, show
from longctx.api import Ask, Connection, Places, Session, Turn
from longctx.engines import Delta, Request, Usage
from longctx.errors import LongctxError

TOOLS = ("longctx",)
CORPORA, TOKENS, QUESTIONS = 8, 6_000, 200
KILLED_AT = 80
"""The question in the middle of whose answer its server is killed."""
TARGET = 1.1
HEADER = (
    "questions",
    "answered",
    "moved in the middle",
    "prefilled",
    "least",
    "held by the dead",
    "(prefilled - held) / least",
    "target met?",
)


@dataclass
class Count:
    """What has been sent so far."""

    answered: int = 0
    moved: int = 0
    prefilled: int = 0
    bases: dict[int, int] = field(default_factory=dict)
    """Tokens of each corpus' prefix."""
    tails: int = 0
    homes: dict[int, str | None] = field(default_factory=dict)
    """Where each corpus was asked last."""
    dead: int = 0
    """Tokens of the prefixes that the killed server held."""
    unlike: int = 0
    """Answers whose cached tokens were not as predicted."""


class Group:
    """The servers, one of which dies."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.servers = [stack.enter_context(running_sglang("dsv4")) for _ in range(2)]
        self._starting: threading.Thread | None = None

    def connection(self) -> Connection:
        return Connection(" ".join(server.base_url for server in self.servers))

    def kill(self, url: str | None) -> None:
        """End it, and start another at the same place."""
        dead = next(server for server in self.servers if server.base_url == url)
        dead.kill()
        port = int(dead.base_url.rpartition(":")[2])
        self._starting = threading.Thread(target=self._start, args=(port,), daemon=True)
        self._starting.start()

    def _start(self, port: int) -> None:
        self._stack.enter_context(running_sglang("dsv4", port=port))

    def back(self) -> None:
        if self._starting is not None:
            self._starting.join()


def main() -> None:
    parser = arguments(__doc__, TOOLS, 1)
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    args = parser.parse_args()
    print(f"{CORPORA} corpora of some {TOKENS:,} tokens. {setting()}\n")
    with tempfile.TemporaryDirectory() as home, ExitStack() as stack:
        count = asked(Group(stack), Path(home), args.questions)
    least = sum(count.bases.values()) + count.tails
    share = (count.prefilled - count.dead) / least
    met = count.answered == args.questions and share <= TARGET
    show(
        HEADER,
        [
            [
                args.questions,
                count.answered,
                count.moved,
                f"{count.prefilled:,}",
                f"{least:,}",
                f"{count.dead:,}",
                f"{share:.3f}",
                "yes" if met else "no",
            ]
        ],
    )
    print(f"\nAnswers whose cached tokens were not as predicted: {count.unlike}")


def asked(group: Group, home: Path, questions: int) -> Count:
    chance, count = random.Random(1), Count()
    folders = [corpus(home, number, chance) for number in range(CORPORA)]
    for number in range(questions):
        which = chance.randrange(CORPORA)
        try:
            one(group, home, folders[which], which, number, count)
        except LongctxError as error:
            print(f"question {number}: {error}")
        if number == questions * 3 // 4:
            group.back()
    return count


def one(group: Group, home: Path, folder: Path, which: int, number: int, count: Count) -> None:
    """One question, in a session of its own."""
    lines: list[str] = []
    with longctx.open(
        str(folder),
        engine="sglang",
        connection=group.connection(),
        ask=Ask(temperature=0.0, focus=0),
        places=Places(home / "cache", home / "data"),
        say=lines.append,
    ) as session:
        counting(session, count)
        asked = session.prepare(f"What does line {number} of the file say?")
        assert asked.conversation is not None
        prefix = asked.conversation.prefix
        asked.warm()
        where = session.home(prefix).base_url
        for event in asked.send():
            if isinstance(event, Delta) and number == KILLED_AT and lines == []:
                held = [base for base, url in count.homes.items() if url == where]
                count.dead = sum(count.bases[base] for base in held)
                group.kill(where)
                lines.append("killed")
            if isinstance(event, Turn):
                turn = event
        usage = turn.usage
        assert usage.prompt_tokens is not None
        assert usage.cached_tokens is not None
        count.answered += 1
        count.moved += number == KILLED_AT and session.home(prefix).base_url != where
        count.prefilled += usage.prompt_tokens - usage.cached_tokens
        count.unlike += usage.cached_tokens != turn.predicted_cached
        count.bases[which] = len(prefix.ids or ())
        count.tails += usage.prompt_tokens - len(prefix.ids or ())
        count.homes[which] = session.home(prefix).base_url


def counting(session: Session, count: Count) -> None:
    """Add what each prime prefills, also one in the middle of an answer."""
    engine = session.surface.connected.engine
    prime = engine.prime

    def counted(request: Request) -> Usage:
        usage = prime(request)
        count.prefilled += len(request.ids or ()) - (usage.cached_tokens or 0)
        return usage

    engine.prime = counted  # type: ignore[method-assign]  # counts, and changes nothing


def corpus(home: Path, number: int, chance: random.Random) -> Path:
    folder = home / f"corpus{number}"
    folder.mkdir()
    for part in range(6):
        text = "".join(f"{chance.randrange(1000)},\n" for _ in range(TOKENS // 12))
        (folder / f"part{part}.txt").write_text(text, "utf-8")
    return folder


if __name__ == "__main__":
    main()

"""What many who ask one cold prefix at once make a server prefill.

    python tests/live/server/running.py --port 30000 -- --enable-metrics   # in another terminal
    python -m benchmarks.flight --base-url http://127.0.0.1:30000

`processes`: 8 times `longctx ask`, started at once, of one user; `raw`: the same 8 prompts sent at
once by 8 threads without our session layer. Before each run the server's cache is emptied, so point
this at a server of your own, an SGLang with --enable-metrics. What was prefilled is what the server
counts; the answers' usage is added up beside it.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import longctx
from benchmarks.measuring import arguments, middle_and_best, setting, show
from benchmarks.measuring import longctx as command
from longctx.api import Connection, Places
from longctx.engines import Usage
from longctx.engines.sglang import SGLang

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longctx.engines import Request

TOOLS = ("processes", "raw")
MANY = 8
SIZES = (3_000, 20_000, 60_000)
"""Of the corpus, in tokens."""
TARGET = 1.01
COMPUTED = re.compile(
    r'^sglang:realtime_tokens_total\{[^}]*mode="prefill_compute"[^}]*\} (\S+)$', re.M
)
HEADER = (
    "who asks",
    "prefix, tokens",
    "questions after it",
    "prefilled, by the server, median (best)",
    "by the answers' usage",
    "times the prefix",
    "target met?",
)


class Server(NamedTuple):
    """A server that does nothing else."""

    url: str

    def prefilled(self) -> int:
        """Tokens that it has computed of prompts so far."""
        time.sleep(1)  # it counts a moment after it answers
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=10) as page:
            found = COMPUTED.findall(page.read().decode())
        if not found:
            raise SystemExit(f"{self.url} does not count: start it with --enable-metrics")
        return round(sum(map(float, found)))

    def flush(self) -> None:
        request = urllib.request.Request(f"{self.url}/flush_cache", method="POST")
        urllib.request.urlopen(request, timeout=30).close()
        time.sleep(0.5)


class Asking(NamedTuple):
    """One corpus and its questions."""

    server: Server
    home: Path
    requests: Sequence[Request]
    prefix: int
    """Tokens that all of them share."""

    @property
    def folder(self) -> Path:
        return self.home / "corpus"

    @property
    def tails(self) -> int:
        return sum(len(request.ids or ()) - self.prefix for request in self.requests)

    def processes(self) -> int:
        """Tokens prefilled as the answers tell it, the prime's as predicted."""
        places = ["--cache-dir", self.home / "cache", "--data-dir", self.home / "data"]
        settings = ["--base-url", self.server.url, "--temperature", "0", "--json", *places]
        running = [
            subprocess.Popen(
                [command(), "ask", str(self.folder), words(number), *map(str, settings)],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={k: v for k, v in os.environ.items() if not k.startswith("LONGCTX_")},
            )
            for number in range(MANY)
        ]
        told = self.prefix
        for process in running:
            said, errors = process.communicate()
            if process.returncode:
                raise SystemExit(f"exit status {process.returncode}:\n{errors.decode()}")
            told += json.loads(said)["usage"]["prefilled_tokens"]
        return told

    def raw(self) -> int:
        """Tokens prefilled as the answers tell it."""
        with ThreadPoolExecutor(MANY) as pool:
            return sum(pool.map(self._sent, self.requests))

    def _sent(self, request: Request) -> int:
        engine = SGLang(Connection(self.server.url))
        *_, usage = engine.stream(request)
        engine.close()
        if not isinstance(usage, Usage):
            raise SystemExit(f"{self.server.url} told no usage")
        return (usage.prompt_tokens or 0) - (usage.cached_tokens or 0)


def main() -> None:
    parser = arguments(__doc__, TOOLS, 3)
    parser.add_argument("--base-url", required=True, help="an SGLang server of your own")
    args = parser.parse_args()
    server = Server(args.base_url)
    print(f"Runs of each row: {args.repeat}. {setting()}\n")
    rows: list[list[object]] = []
    for size in SIZES:
        rows += [row(tool, server, size, args.repeat) for tool in args.tools]
    show(HEADER, rows)


def row(tool: str, server: Server, size: int, repeat: int) -> list[object]:
    counted, told, asking = [], [], None
    for number in range(repeat):
        with tempfile.TemporaryDirectory() as home:
            asking = prepared(server, Path(home), f"{size} {number}")
            server.flush()
            before = server.prefilled()
            told.append(asking.processes() if tool == "processes" else asking.raw())
            counted.append(server.prefilled() - before)
    if asking is None:
        raise SystemExit("nothing was run")
    shares = [(count - asking.tails) / asking.prefix for count in counted]
    met = "" if tool == "raw" else "yes" if max(shares) <= TARGET else "no"
    figures = [middle_and_best(values, "{:,.0f}") for values in (counted, told)]
    share = middle_and_best(shares, "{:.3f}")
    return [f"{MANY} {tool}", f"{asking.prefix:,}", f"{asking.tails:,}", *figures, share, met]


def prepared(server: Server, home: Path, seed: str) -> Asking:
    """A corpus of as many tokens as the seed's first word says; nothing is sent."""
    chance, tokens = random.Random(seed), int(seed.split()[0])
    (home / "corpus").mkdir()
    for part in range(10):
        text = "".join(f"{chance.randrange(1000)},\n" for _ in range(tokens // 20))
        (home / "corpus" / f"part{part}.txt").write_text(text, "utf-8")
    places, prefix = Places(home / "cache", home / "data"), 0
    requests = []
    with longctx.open(
        str(home / "corpus"), connection=Connection(server.url), places=places
    ) as session:
        for number in range(MANY):
            asked = session.prepare(words(number))
            if asked.conversation is None or asked.conversation.prefix.ids is None:
                raise SystemExit(f"{server.url} takes no token ids")
            requests.append(asked.request)
            prefix = len(asked.conversation.prefix.ids)
    return Asking(server, home, requests, prefix)


def words(number: int) -> str:
    return f"Where is number {number} of {MANY}?"


if __name__ == "__main__":
    main()

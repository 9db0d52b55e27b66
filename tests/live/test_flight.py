"""Many who ask one cold prefix at once: it is prefilled once, whatever becomes of who does it."""

import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from live.counters import flush, prefilled
from live.server.running import Server
from live.test_levers import client
from live.walks import numbers

import longctx
from longctx.api import Ask, Connection, Places, Turn
from longctx.engines import Request, Usage

MANY = 8
TOKENS = 20_000
SLACK = 1.01
"""How much more than the prefix and the questions may be prefilled."""


def source(folder: Path, seed: int, tokens: int = TOKENS) -> Path:
    folder.mkdir()
    for part in range(10):
        (folder / f"part{part}.txt").write_text(numbers(seed * 10 + part, tokens // 10))
    return folder


def asking(server: Server, folder: Path, number: int) -> subprocess.Popen[bytes]:
    """A process that asks; all of one test belong to one user."""
    home = folder.parent
    words = ["ask", str(folder), f"Where is number {number}?", "--base-url", server.base_url]
    places = ["--cache-dir", str(home / "cache"), "--data-dir", str(home / "data")]
    return subprocess.Popen(
        [sys.executable, "-m", "longctx", *words, *places, "--temperature", "0", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={name: value for name, value in os.environ.items() if not name.startswith("LONGCTX_")},
    )


def answered(processes: Sequence[subprocess.Popen[bytes]]) -> list[Usage]:
    """What each was told by the server."""
    usages = []
    for process in processes:
        out, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors.decode()
        usage = json.loads(out)["usage"]
        assert usage["cached_tokens"] >= usage["predicted_cached_tokens"]
        usages.append(Usage(usage["prompt_tokens"], None, usage["cached_tokens"]))
    return usages


def prompts(server: Server, folder: Path) -> Iterator[tuple[Request, int]]:
    """The questions' requests and the length of the prefix that they share; nothing is sent."""
    places = Places(folder.parent / "cache", folder.parent / "data")
    connection = Connection(server.base_url)
    with longctx.open(str(folder), connection=connection, places=places) as session:
        for number in range(MANY):
            asked = session.prepare(f"Where is number {number}?")
            assert asked.conversation is not None
            assert asked.conversation.prefix.ids is not None
            yield asked.request, len(asked.conversation.prefix.ids)


def fresh(server: Server, folder: Path) -> int:
    """Empty the cache; the tokens of the folder's prefix and of all questions after it."""
    lengths = [(len(request.ids or ()), prefix) for request, prefix in prompts(server, folder)]
    flush(server)
    prefix = lengths[0][1]
    return round(SLACK * prefix + sum(prompt - prefix for prompt, _ in lengths))


def test_processes_prefill_a_cold_prefix_once(sglang: Server, tmp_path: Path) -> None:
    folder = source(tmp_path / "numbers", seed=101)
    bound = fresh(sglang, folder)
    before = prefilled(sglang)
    usages = answered([asking(sglang, folder, number) for number in range(MANY)])
    ours = prefilled(sglang) - before
    assert ours <= bound
    assert all((usage.cached_tokens or 0) >= 20_000 for usage in usages)


def test_without_flights_it_is_prefilled_more_than_once(sglang: Server, tmp_path: Path) -> None:
    folder = source(tmp_path / "numbers", seed=102)
    bound = fresh(sglang, folder)
    requests = [request for request, _ in prompts(sglang, folder)]
    before = prefilled(sglang)
    with client(sglang) as engine, ThreadPoolExecutor(MANY) as pool:
        list(pool.map(lambda request: list(engine.stream(request)), requests))
    assert prefilled(sglang) - before > bound


def test_threads_prefill_a_cold_prefix_once(sglang: Server, tmp_path: Path) -> None:
    folder = source(tmp_path / "numbers", seed=103)
    bound = fresh(sglang, folder)
    places = Places(tmp_path / "cache", tmp_path / "data")

    def ask(number: int) -> Turn:
        with longctx.open(
            str(folder),
            connection=Connection(sglang.base_url),
            ask=Ask(temperature=0.0),
            places=places,
        ) as session:
            *_, turn = session.ask(f"Where is number {number}?")
        assert isinstance(turn, Turn)
        return turn

    before = prefilled(sglang)
    with ThreadPoolExecutor(MANY) as pool:
        turns = list(pool.map(ask, range(MANY)))
    assert prefilled(sglang) - before <= bound
    assert all((turn.usage.cached_tokens or 0) >= 20_000 for turn in turns)


def held(flights: Path) -> bool:
    """Whether somebody is at a prefill."""
    for path in flights.glob("*.lock"):
        with path.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
    return False


@pytest.mark.parametrize("patience", [0.1, 2.0])
def test_who_waits_for_a_killed_process_goes_on(
    sglang: Server, tmp_path: Path, patience: float
) -> None:
    """`patience`: seconds that it has had for its prefill when it is killed."""
    folder = source(tmp_path / "numbers", seed=round(104 + patience), tokens=100_000)
    bound = fresh(sglang, folder)
    before = prefilled(sglang)
    with asking(sglang, folder, 0) as holder:
        while not held(tmp_path / "cache" / "flights"):
            assert holder.poll() is None
            time.sleep(0.02)
        others = [asking(sglang, folder, number) for number in range(1, 4)]
        time.sleep(patience)
        assert holder.poll() is None
        holder.kill()
    usages = answered(others)
    assert all((usage.cached_tokens or 0) >= 100_000 for usage in usages)
    assert prefilled(sglang) - before <= 2 * bound

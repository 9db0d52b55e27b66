"""What keeps, frees and predicts a prefix on a real server, pulled through our own client."""

import os
import random
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest
from live.conftest import installed_or_skip
from live.server.running import Server, running_sglang

from longctx.api import Connection
from longctx.engines import Engine, Request, Served, Usage
from longctx.engines.radix import RadixCache
from longctx.engines.radix_tree import rules_of
from longctx.engines.sglang import SGLang
from longctx.prompt import Effort, Ids

CHANCE = random.Random(20_261_124)


def noise(tokens: int) -> list[int]:
    """Ordinary tokens that no other test has sent."""
    return [CHANCE.randrange(1_000, 100_000) for _ in range(tokens)]


def request_of(ids: Sequence[int], **levers: object) -> Request:
    request = Request(1, Effort.OFF, ids=Ids.of(ids))
    return replace(request, **levers)  # type: ignore[arg-type]  # session, salt or worker


def cached(engine: SGLang, ids: Sequence[int], **levers: object) -> int | None:
    """Cached tokens of a question, as reported."""
    *_, usage = engine.stream(request_of(ids, **levers))
    assert isinstance(usage, Usage)
    return usage.cached_tokens


@contextmanager
def client(server: Server) -> Iterator[SGLang]:
    with closing(SGLang(Connection(server.base_url))) as engine:
        yield engine


def primed(server: Server, tokens: int) -> tuple[Served, list[int | None], list[int]]:
    """What three questions on a primed prefix have cached, and what we predict."""
    with client(server) as engine:
        served = engine.served()
        prefix = noise(tokens)
        cache = RadixCache(rules_of(served))
        assert engine.prime(request_of(prefix)).cached_tokens in (0, None)
        cache.prime(Ids.of(prefix))
        questions = [prefix + noise(300) for _ in range(3)]
        predicted = [cache.ask(Ids.of(question), [0]) for question in questions]
        return served, [cached(engine, question) for question in questions], predicted


def test_an_ordinary_server_hits_all_of_a_primed_prefix(sglang: Server) -> None:
    served, seen, predicted = primed(sglang, 20_000)
    assert seen == predicted == [20_000] * 3
    assert (served.page_size, served.chunk, served.pool) == (1, 4_096, 400_000)
    assert (served.sliding_window, served.window_pool) == (None, None)
    assert (served.session_cache, served.workers, served.routed) == (False, 1, False)


def test_a_sliding_window_server_hits_all_pages_of_a_primed_prefix() -> None:
    installed_or_skip()
    flags = ("--page-size", "256", "--chunked-prefill-size", "8192")
    with running_sglang("swa", flags) as server:
        served, seen, predicted = primed(server, 20_000)
    assert seen == predicted == [19_968] * 3
    assert (served.page_size, served.chunk, served.sliding_window) == (256, 8_192, 128)
    assert served.pool is not None
    assert served.window_pool is not None
    assert 0 < served.window_pool < served.pool < 400_001


def test_an_incarnation_lasts_until_a_restart() -> None:
    """The same command twice, its random seed too; with pages of 256 for once."""
    installed_or_skip()
    flags = ("--page-size", "256", "--random-seed", "7")
    seen = []
    for _ in range(2):
        with running_sglang("dsv4", flags) as server:
            served, hits, predicted = primed(server, 20_000)
            assert hits == predicted == [19_968] * 3
            with client(server) as engine:
                assert engine.served() == served
            seen.append(served.incarnation)
    assert None not in seen
    assert seen[0] != seen[1]


@pytest.fixture(scope="module")
def small() -> Iterator[Server]:
    """A server that protects sessions and holds three prefixes of 20,000 tokens at most."""
    installed_or_skip()
    flags = ("--enable-session-radix-cache", "--max-total-tokens", "70000")
    with running_sglang("dsv4", flags) as server:
        yield server


def press(engine: SGLang) -> None:
    """Prompts of strangers that need all of the cache."""
    for _ in range(5):
        engine.prime(request_of(noise(20_000)))


def test_a_session_outlives_pressure_until_it_is_released(small: Server) -> None:
    ours, strangers = noise(20_000), noise(20_000)
    with client(small) as engine:
        assert engine.served().session_cache is True
        engine.prime(request_of(strangers))
        engine.prime(request_of(ours, session="ours"))
        press(engine)
        assert cached(engine, strangers + noise(50)) == 0
        assert cached(engine, ours + noise(50), session="ours") == 20_000
        engine.release("ours")
        engine.release("nobody's")
        press(engine)
        assert cached(engine, ours + noise(50)) == 0


def test_a_salt_keeps_prompts_apart(small: Server) -> None:
    prefix = noise(5_000)
    with client(small) as engine:
        engine.prime(request_of(prefix, salt="mine"))
        assert cached(engine, prefix + noise(50), salt="mine") == 5_000
        assert cached(engine, prefix + noise(50), salt="yours") == 0
        assert cached(engine, prefix + noise(50)) == 0
        assert cached(engine, prefix + noise(50)) == 5_000, "without a salt all share"


def test_a_worker_is_chosen_and_has_a_cache_of_its_own() -> None:
    installed_or_skip()
    with running_sglang("dsv4", ranks=2) as server, client(server) as engine:
        assert engine.served().workers == 2
        prefix = noise(5_000)
        engine.prime(request_of(prefix, worker=1))
        assert cached(engine, prefix + noise(50), worker=0) == 0
        assert [cached(engine, prefix + noise(50), worker=1) for _ in range(3)] == [5_000] * 3
        assert engine.waiting() == 0


def test_a_long_prefill_is_watched_from_another_thread(sglang: Server) -> None:
    seen: list[int | None] = []
    with client(sglang) as engine:
        request = request_of(noise(120_000))
        thread = threading.Thread(target=engine.prime, args=(request,))
        thread.start()
        while thread.is_alive():
            began = time.monotonic()
            seen.append(engine.waiting())
            assert time.monotonic() - began < 1
            time.sleep(0.1)
        assert engine.waiting() == 0
    counts = [count for count in seen if count]
    assert None not in seen
    assert len(set(counts)) > 5
    assert counts == sorted(counts, reverse=True)
    assert 60_000 < counts[0] < 120_000


def interrupt_prime(engine: Engine, tokens: int) -> None:
    """Prime so many tokens, as a person does who presses Ctrl-C after two seconds."""
    timer = threading.Timer(2, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            engine.prime(request_of(noise(tokens)))
    finally:
        timer.cancel()


def interrupted_prime(engine: SGLang, tokens: int) -> int:
    """Tokens of an interrupted prime that the server had yet to prefill, and will not."""
    interrupt_prime(engine, tokens)
    left, before = 1, 0
    deadline = time.monotonic() + 60
    while left and time.monotonic() < deadline:
        before, left = left, engine.waiting() or 0
        time.sleep(0.05)
    assert left == 0
    return before


def test_an_interrupted_prime_frees_the_server(sglang: Server) -> None:
    with client(sglang) as engine:
        engine.served()
        assert interrupted_prime(engine, 350_000) > 20_000, "counted down to nothing, it was done"
        prefix = noise(500)
        assert cached(engine, prefix) == 0, "the client is as good as before"
        assert cached(engine, [*prefix, 5_000]) == 500

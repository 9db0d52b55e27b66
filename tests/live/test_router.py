"""Two real workers, through a real router and without one."""

import os
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from live.conftest import installed_or_skip
from live.server import install
from live.server.answer import ANSWER, REASONING
from live.server.running import Server, running_router, running_sglang
from live.test_engine import ids_of
from live.test_levers import cached, client, interrupted_prime, noise, request_of

import longctx
from longctx.api import Ask, Connection, Places, Session, Turn, connect
from longctx.api.doctoring import Aim, measure, servers
from longctx.engines import Delta, Reasoning, Request, Takes, Usage
from longctx.engines.findings import Finding, Severity
from longctx.engines.http import field, integer
from longctx.engines.probing import probe
from longctx.engines.sglang import CHAT
from longctx.prompt import Effort

PREFIXES, TOKENS, ROUNDS = 6, 3_000, 3

WORKERS = ((), ("--incremental-streaming-output",))
"""The flags of each: both ways in which `/generate` streams."""


@pytest.fixture(scope="module")
def workers() -> Iterator[list[Server]]:
    installed_or_skip()
    there = (install.router_home() / "venv" / install.DONE).exists()
    if not there and os.environ.get("LONGCTX_LIVE") != "required":
        pytest.skip("the router is not installed: run python tests/live/server/install.py --router")
    with ExitStack() as stack:
        # On one seed, started alike: only the time that it took tells them apart.
        yield [stack.enter_context(running_sglang("dsv4", flags)) for flags in WORKERS]


@pytest.fixture(scope="module")
def router(workers: list[Server]) -> Iterator[Server]:
    with running_router(workers) as server:
        yield server


def test_it_says_what_its_workers_serve(router: Server, workers: list[Server]) -> None:
    served = probe(Connection(router.base_url))
    assert served is not None
    assert served.routed
    assert (served.engine, served.version, served.model) == ("sglang", "0.5.23", "tiny")
    assert (served.window, served.page_size, served.chunk) == (400_000, 1, 4_096)
    assert (served.pool, served.workers, served.session_cache) == (400_000, 1, False)
    assert served.reports_cached is True
    alone = []
    for worker in workers:
        with client(worker) as engine:
            alone.append(engine.served().incarnation)
    assert len({served.incarnation, *alone}) == 3


def test_the_encoding_is_agreed_on_through_the_router(router: Server) -> None:
    connected = connect("sglang", Connection(router.base_url))
    connected.engine.close()
    assert connected.takes is Takes.IDS


@pytest.mark.parametrize("effort", [Effort.OFF, Effort.HIGH])
def test_answers_to_ids_are_those_of_a_server(router: Server, effort: Effort) -> None:
    with client(router) as engine, ThreadPoolExecutor(4) as pool:
        # At once, so that both workers answer.
        requests = [
            Request(80, effort, ids=ids_of(f"{number} why?", effort), temperature=0.0)
            for number in range(8)
        ]
        answers = list(pool.map(lambda request: list(engine.stream(request)), requests))
    for request, events in zip(requests, answers, strict=True):
        assert "".join(e.text for e in events if isinstance(e, Delta)) == ANSWER
        thought = REASONING if effort is Effort.HIGH else ""
        assert "".join(e.text for e in events if isinstance(e, Reasoning)) == thought
        usage = events[-1]
        assert isinstance(usage, Usage)
        assert usage.prompt_tokens == len(request.ids or ())
        assert usage.finish_reason == "stop"


@pytest.mark.parametrize("at_once", [1, PREFIXES])
def test_a_prefix_stays_on_the_worker_that_has_it(router: Server, at_once: int) -> None:
    prefixes = [noise(TOKENS) for _ in range(PREFIXES)]
    with client(router) as engine, ThreadPoolExecutor(at_once) as pool:
        engine.served()
        list(pool.map(lambda prefix: engine.prime(request_of(prefix)), prefixes))
        for _ in range(ROUNDS):
            questions = [prefix + noise(50) for prefix in prefixes]
            hits = list(pool.map(lambda question: cached(engine, question), questions))
            assert hits == [TOKENS] * PREFIXES


def test_prefixes_asked_at_once_are_spread_over_the_workers(
    router: Server, workers: list[Server]
) -> None:
    prefixes = [noise(TOKENS) for _ in range(PREFIXES)]
    with client(router) as engine, ThreadPoolExecutor(PREFIXES) as pool:
        engine.served()
        list(pool.map(lambda prefix: engine.prime(request_of(prefix)), prefixes))
    homes = []
    for worker in workers:
        with client(worker) as engine:
            homes.append([cached(engine, prefix + noise(50)) == TOKENS for prefix in prefixes])
    assert all(any(home) for home in homes)
    assert all(sum(home) == 1 for home in zip(*homes, strict=True)), "each prefix on one worker"


def test_a_router_drops_the_ids_of_a_chat(router: Server) -> None:
    """Why `/generate` is used: once this fails, chats may go through a router as well."""
    with client(router) as engine:
        reply = engine._http.post(CHAT, engine._body(request_of(noise(TOKENS))))
    assert integer(field(reply, "usage", "prompt_tokens")) == 5


def test_a_salt_passes_the_router(router: Server) -> None:
    prefix = noise(TOKENS)
    with client(router) as engine:
        engine.prime(request_of(prefix, salt="mine"))
        assert cached(engine, prefix + noise(50), salt="mine") == TOKENS
        assert cached(engine, prefix + noise(50), salt="yours") == 0


def test_levers_that_a_router_has_not_are_left_out(router: Server) -> None:
    prefix = noise(TOKENS)
    with client(router) as engine:
        engine.prime(request_of(prefix, session="s", worker=1))
        assert cached(engine, prefix + noise(50), session="s", worker=0) == TOKENS
        engine.release("s")


def examined(router: Server) -> dict[str, Finding]:
    """What is said of the router once a few prompts have gone through it."""
    aim = Aim(262_144, "flash")
    place, *_ = servers("auto", Connection(router.base_url), aim)
    place = measure(place, aim, TOKENS)
    return {each.about: each for each in (*place.findings, *place.tried)}


def test_doctor_sees_whether_a_router_keeps_a_prefix_on_one_worker(
    router: Server, workers: list[Server]
) -> None:
    found = examined(router)
    assert found["router"].severity is Severity.UNKNOWN, "no page tells its policy"
    assert found["streaming"].severity is Severity.ADVICE
    assert found["tokenizer"].severity is Severity.OK
    assert found["prefix reuse"].severity is Severity.OK, found["prefix reuse"]
    with running_router(workers, ("--policy", "round_robin")) as other:
        reuse = examined(other)["prefix reuse"]
    assert reuse.severity is Severity.ADVICE, reuse
    assert "--policy cache_aware" in reuse.fix


def test_an_interrupted_prime_frees_the_worker(router: Server) -> None:
    with client(router) as engine:
        engine.served()
        assert interrupted_prime(engine, 350_000) > 20_000


def opened(workers: list[Server], folder: Path, home: Path) -> Session:
    """A session over both workers without the router, of one user."""
    return longctx.open(
        str(folder),
        connection=Connection(" ".join(worker.base_url for worker in workers)),
        ask=Ask(temperature=0.0),
        places=Places(home / "cache", home / "data"),
    )


def sources(home: Path, count: int, seed: int) -> list[Path]:
    """Corpora of some 4,000 tokens, each its own."""
    chance = random.Random(seed)
    made = []
    for number in range(count):
        folder = home / f"corpus{number}"
        folder.mkdir()
        text = "".join(f"{chance.randrange(1000)},\n" for _ in range(2_000))
        (folder / "numbers.txt").write_text(text)
        made.append(folder)
    return made


def turn_of(session: Session, question: str) -> tuple[str | None, Turn]:
    """Where the question's base lives, and the turn; what was cached is what was predicted."""
    asked = session.prepare(question)
    assert asked.conversation is not None
    asked.warm()
    *_, turn = asked.send()
    assert isinstance(turn, Turn)
    assert (turn.usage.cached_tokens, turn.cause) == (turn.predicted_cached, "")
    assert turn.answer == ANSWER
    return session.home(asked.conversation.prefix).base_url, turn


def test_without_a_router_each_base_has_its_home(workers: list[Server], tmp_path: Path) -> None:
    homes: list[str | None] = []
    for folder in sources(tmp_path, 10, seed=1):
        places = set()
        for number in range(2):
            with opened(workers, folder, tmp_path) as session:
                places.add(turn_of(session, f"Question {number}?")[0])
        assert len(places) == 1
        homes += places
    assert set(homes) == {worker.base_url for worker in workers}


def test_a_killed_worker_is_replaced_in_the_middle_of_an_answer(
    workers: list[Server], tmp_path: Path
) -> None:
    """The last test of this module: it leaves one worker."""
    (folder,) = sources(tmp_path, 1, seed=2)
    with opened(workers, folder, tmp_path) as session:
        home, before = turn_of(session, "What is first?")
        (worker,) = (each for each in workers if each.base_url == home)
        asked = session.prepare("What is second?")
        asked.warm()
        events = asked.send()
        first = next(events)
        assert isinstance(first, Delta)
        worker.kill()
        *deltas, turn = events
        assert isinstance(turn, Turn)
        said = [first.text, *(each.text for each in deltas if isinstance(each, Delta))]
        assert "".join(said) == turn.answer == before.answer
        elsewhere, _ = turn_of(session, "What is third?")
        assert elsewhere not in (home, None)

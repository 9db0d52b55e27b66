"""The llama.cpp client against real servers: counts, cached tokens, slots, answers, aborts.

LONGCTX_PROMPTS and LONGCTX_LLAMACPP_WALK are how many prompts and requests (40 and 30 unless set);
`benchmarks/servers.py` takes 200 and 100.
"""

import json
import os
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from live.conftest import installed_or_skip
from live.server import install
from live.server.answer import ANSWER, REASONING
from live.server.running import Server, running_llamacpp
from live.test_counts import counted, mismatches_in_ids, prepared
from live.test_engine import ids_of
from live.test_levers import interrupt_prime, noise, request_of
from live.walks import SHARES, Walk, numbers

import longctx
from longctx.api import Ask, Connection, Places, Session, Turn, connect
from longctx.engines import Delta, Reasoning, Request, Takes, Usage
from longctx.engines.llamacpp import LlamaCpp
from longctx.engines.llamacpp_saved import WORTH
from longctx.engines.probing import probe
from longctx.errors import EngineError
from longctx.prompt import Effort, Ids, Message, Role

PROMPTS = int(os.environ.get("LONGCTX_PROMPTS", "40"))
WALK = int(os.environ.get("LONGCTX_LLAMACPP_WALK", "30"))
EFFORTS = (Effort.OFF, Effort.LOW)
"""What the model's own template knows."""
UNTHINKING = {**SHARES, "think": 0}


def client(server: Server, **settings: object) -> closing[LlamaCpp]:
    connection = replace(Connection(server.base_url), **settings)  # type: ignore[arg-type]
    return closing(LlamaCpp(connection))


def slots(server: Server) -> list[dict[str, object]]:
    with urllib.request.urlopen(f"{server.base_url}/slots", timeout=30) as page:
        found: list[dict[str, object]] = json.load(page)
    return found


def at_work(server: Server) -> int:
    return sum(slot["is_processing"] is True for slot in slots(server))


def until(server: Server, working: int) -> None:
    deadline = time.monotonic() + 30
    while at_work(server) != working and time.monotonic() < deadline:
        time.sleep(0.1)
    assert at_work(server) == working


def test_it_says_what_it_serves(llamacpp: Server) -> None:
    served = probe(Connection(llamacpp.base_url))
    assert served is not None
    assert (served.engine, served.model, served.page_size) == ("llamacpp", "tiny", 1)
    assert served.window in (32_768, 65_536)
    with client(llamacpp) as engine:
        assert engine.served().incarnation == served.incarnation is not None


def test_auto_sends_it_our_own_ids(llamacpp: Server) -> None:
    connected = connect("auto", Connection(llamacpp.base_url))
    assert (connected.engine.name, connected.takes) == ("llamacpp", Takes.IDS)
    connected.engine.close()


def test_every_request_of_a_walk_has_cached_what_was_predicted(
    llamacpp: Server, tmp_path: Path
) -> None:
    noted = Walk(
        llamacpp, tmp_path, seed=1, files=9, lines=30, shares=UNTHINKING, engine="llamacpp"
    ).go(WALK)
    assert [each for each in enumerate(noted) if not each[1].exact] == []
    assert sum(each.reported for each in noted) > 0.5 * sum(each.tokens for each in noted)


@pytest.fixture(scope="module")
def saving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One with slots of 262,144 tokens, which it may write to disk."""
    installed_or_skip()
    installed_or_skip("llama.cpp", install.llamacpp_home, " --llamacpp (130 MB)")
    folder = tmp_path_factory.mktemp("slots")
    flags = ("--slot-save-path", str(folder), "--parallel", "2", "--ctx-size", "524288")
    with running_llamacpp(flags) as server:
        yield server


def test_predicted_is_counted(saving: Server, tmp_path: Path) -> None:
    assert mismatches_in_ids(saving, tmp_path, "llamacpp", EFFORTS, PROMPTS) == []


def test_a_model_with_another_vocabulary_is_counted_by_its_server(
    saving: Server, tmp_path: Path
) -> None:
    connected = connect("llamacpp", Connection(saving.base_url), tokenizer="server")
    assert connected.takes is Takes.MESSAGES
    for seed in range(4):
        ready = prepared(seed, connected, tmp_path, Ask(answer=1))
        assert counted(connected, ready.request).prompt_tokens == ready.predicted_tokens
    connected.engine.close()


def test_thoughts_and_the_answer_are_told_apart(saving: Server) -> None:
    request = Request(100, Effort.LOW, ids=ids_of("why?", Effort.LOW), temperature=0.0)
    with client(saving) as engine:
        engine.served()
        events = list(engine.stream(request))
    assert "".join(each.text for each in events if isinstance(each, Reasoning)) == REASONING
    assert "".join(each.text for each in events if isinstance(each, Delta)) == ANSWER
    assert isinstance(events[-1], Usage)
    assert events[-1].finish_reason == "stop"


def test_messages_are_answered_too(saving: Server) -> None:
    message = Message(Role.USER, "why?")
    request = Request(100, Effort.OFF, messages=(message,), temperature=0.0)
    with client(saving) as engine:
        engine.served()
        events = list(engine.stream(request))
        rendered = engine.rendered((message,), Effort.OFF)
    assert rendered == ids_of("why?")
    assert "".join(each.text for each in events if isinstance(each, Delta)) == ANSWER
    assert isinstance(events[-1], Usage)
    assert events[-1].prompt_tokens == len(rendered)


def test_how_far_a_prefill_is_can_be_asked_meanwhile(saving: Server) -> None:
    seen: list[int | None] = []
    with client(saving) as engine, ThreadPoolExecutor(1) as pool:
        engine.served()
        prime = pool.submit(engine.prime, request_of(noise(30_000)))
        while not prime.done():
            seen.append(engine.waiting())
            time.sleep(0.02)
        assert prime.result().prompt_tokens == 30_000
        assert engine.waiting() is None
    told = [tokens for tokens in seen if tokens is not None]
    assert told == sorted(told, reverse=True)
    assert len(set(told)) >= 3, "2,048 tokens at a time"


def test_a_question_waits_for_its_bases_slot(saving: Server) -> None:
    base = noise(3_000)
    with client(saving) as engine, ThreadPoolExecutor(1) as pool:
        engine.served()
        engine.prime(request_of(base, session="base"))
        long = pool.submit(engine.prime, request_of(base + noise(40_000), session="base"))
        until(saving, working=1)
        *_, usage = engine.stream(request_of(base + noise(5), session="base"))
        long.result()
    assert isinstance(usage, Usage)
    assert usage.cached_tokens == 3_000


def test_closing_a_stream_aborts_the_request(saving: Server) -> None:
    with client(saving) as engine:
        engine.served()
        body = engine._body(Request(20_000, Effort.OFF, ids=Ids.of(noise(10))), None)
        events = engine.events(body | {"ignore_eos": True})
        next(events)
        assert at_work(saving) == 1
        events.close()  # type: ignore[attr-defined]  # a generator
        until(saving, working=0)


def test_an_interrupted_prime_frees_the_server(saving: Server) -> None:
    with client(saving) as engine:
        engine.served()
        interrupt_prime(engine, 250_000)  # which take more than a minute
        until(saving, working=0)
        assert engine.prime(request_of(noise(10))).prompt_tokens == 10


def test_refusals_are_told_in_its_words(saving: Server) -> None:
    with client(saving) as engine:
        engine.served()
        with pytest.raises(EngineError, match=r"status 400.*context size"):
            list(engine.stream(request_of(noise(262_145))))
    with client(saving, model="pro") as engine, pytest.raises(EngineError, match="serves tiny"):
        engine.served()


@contextmanager
def opened(server: Server, folder: Path) -> Iterator[Session]:
    with longctx.open(
        str(folder / "source"),
        connection=Connection(server.base_url),
        places=Places(folder / "cache", folder / "data"),
    ) as session:
        yield session


def last(session: Session, question: str) -> Turn:
    *_, turn = session.ask(question)
    assert isinstance(turn, Turn)
    return turn


def test_a_base_outlives_a_restart(tmp_path: Path) -> None:
    installed_or_skip()
    installed_or_skip("llama.cpp", install.llamacpp_home, " --llamacpp (130 MB)")
    source, kept = tmp_path / "source", tmp_path / "slots"
    source.mkdir()
    kept.mkdir()
    (source / "numbers.txt").write_text(numbers(seed=3, tokens=2 * WORTH))
    flags = ("--slot-save-path", str(kept))
    with running_llamacpp(flags) as server, opened(server, tmp_path) as session:
        cold = last(session, "what is the first?")
        port = int(server.base_url.rsplit(":", 1)[1])
    assert (cold.usage.cached_tokens or 0) > 2 * WORTH
    assert len(list(kept.iterdir())) == 1
    with running_llamacpp(flags, port) as server, opened(server, tmp_path) as session:
        shared = session.shown()
        assert shared.prefix.ids is not None
        done = session.warm(shared.prefix)
        assert done is not None
        assert done.prefilled == len(shared.prefix.ids), "nothing was expected to be there"
        assert done.cached == len(shared.prefix.ids) - 1
        warm = last(session, "what is the last?")
    assert warm.usage.cached_tokens == warm.predicted_cached == len(shared.prefix.ids)

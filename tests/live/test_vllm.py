"""The vLLM client against a real server: counts, cached tokens, answers, aborts, refusals.

LONGCTX_PROMPTS and LONGCTX_VLLM_WALK are how many prompts and requests (40 and 60 unless set);
`benchmarks/servers.py` takes 200 and 100.
"""

import os
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from live.counters import metric, reset
from live.server.answer import ANSWER, REASONING
from live.server.running import Server
from live.test_counts import counted, mismatches_in_ids, prepared
from live.test_engine import ids_of
from live.test_levers import interrupt_prime, noise, request_of
from live.walks import Walk

from longctx.api import Ask, Connection, connect
from longctx.engines import Delta, Reasoning, Request, Takes, Usage
from longctx.engines.probing import probe
from longctx.engines.vllm import VLLM
from longctx.errors import EngineError
from longctx.prompt import Effort, Ids, Message, Role

PROMPTS = int(os.environ.get("LONGCTX_PROMPTS", "40"))
WALK = int(os.environ.get("LONGCTX_VLLM_WALK", "60"))


def client(server: Server, **settings: object) -> closing[VLLM]:
    connection = replace(Connection(server.base_url), **settings)  # type: ignore[arg-type]
    return closing(VLLM(connection))


def test_it_says_what_it_serves(vllm: Server) -> None:
    served = probe(Connection(vllm.base_url))
    assert served is not None
    assert (served.engine, served.version, served.model) == ("vllm", "0.32.0", "tiny")
    assert (served.window, served.page_size, served.workers) == (400_000, 128, 1)
    assert served.pool is not None
    assert served.pool > 400_000
    assert served.notes == ()
    with client(vllm) as engine:
        assert engine.served().incarnation == served.incarnation is not None


def test_auto_sends_it_our_own_ids(vllm: Server) -> None:
    connected = connect("auto", Connection(vllm.base_url), effort=Effort.HIGH)
    assert (connected.engine.name, connected.takes) == ("vllm", Takes.IDS)
    connected.engine.close()


def test_predicted_is_counted(vllm: Server, tmp_path: Path) -> None:
    assert mismatches_in_ids(vllm, tmp_path, "vllm", prompts=PROMPTS) == []


def test_a_model_with_another_vocabulary_is_counted_by_its_server(
    vllm: Server, tmp_path: Path
) -> None:
    connected = connect("vllm", Connection(vllm.base_url), tokenizer="server")
    assert connected.takes is Takes.MESSAGES
    for seed in range(4):
        ready = prepared(seed, connected, tmp_path, Ask(answer=1))
        assert counted(connected, ready.request).prompt_tokens == ready.predicted_tokens
    connected.engine.close()


def test_every_request_of_a_walk_has_cached_what_was_predicted(
    vllm: Server, tmp_path: Path
) -> None:
    reset(vllm)
    noted = Walk(vllm, tmp_path, seed=1, engine="vllm").go(WALK)
    assert [each for each in enumerate(noted) if not each[1].exact] == []
    assert sum(each.reported for each in noted) > 0.5 * sum(each.tokens for each in noted)


@pytest.mark.parametrize("takes", [Takes.IDS, Takes.MESSAGES])
def test_thoughts_and_the_answer_are_told_apart(vllm: Server, takes: Takes) -> None:
    request = Request(100, Effort.LOW, ids=ids_of("why?", Effort.LOW), temperature=0.0)
    with client(vllm) as engine:
        engine.served()
        if takes is Takes.MESSAGES:
            request = replace(request, ids=None, messages=(Message(Role.USER, "why?"),))
        events = list(engine.stream(request))
    assert "".join(each.text for each in events if isinstance(each, Reasoning)) == REASONING
    assert "".join(each.text for each in events if isinstance(each, Delta)) == ANSWER
    assert isinstance(events[-1], Usage)
    assert events[-1].finish_reason == "stop"


def test_salts_keep_prompts_apart(vllm: Server) -> None:
    ids = noise(1_000)
    with client(vllm) as engine:
        engine.served()
        seen = [
            engine.prime(request_of(ids, salt=salt)).cached_tokens
            for salt in (None, None, "one", "two", "one")
        ]
    assert seen == [0, 896, 0, 0, 896]


def running(server: Server) -> float:
    return metric(server, "vllm:num_requests_running") + metric(server, "vllm:num_requests_waiting")


def test_closing_a_stream_aborts_the_request(vllm: Server) -> None:
    with client(vllm) as engine:
        engine.served()
        body = engine._body(Request(100_000, Effort.OFF, ids=Ids.of(noise(10))))
        events = engine._http.events("/v1/completions", body | {"ignore_eos": True, "stream": True})
        next(events)
        assert running(vllm) == 1
        events.close()  # type: ignore[attr-defined]  # a generator
        ended(vllm)


def test_an_interrupted_prime_frees_the_server(vllm: Server) -> None:
    with client(vllm) as engine:
        engine.served()
        interrupt_prime(engine, 350_000)  # which take more than a minute
        ended(vllm)
        assert engine.prime(request_of(noise(10))).prompt_tokens == 10


def ended(server: Server) -> None:
    deadline = time.monotonic() + 30
    while running(server) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert running(server) == 0


def test_refusals_are_told_in_its_words(vllm: Server) -> None:
    with client(vllm) as engine:
        engine.served()
        with pytest.raises(EngineError, match=r"status 400.*400000"):
            list(engine.stream(request_of(noise(400_001))))
    with client(vllm, model="pro") as engine, pytest.raises(EngineError, match="serves tiny"):
        engine.served()

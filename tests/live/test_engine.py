"""The SGLang client against a real server."""

import json
import time
import urllib.request
from contextlib import closing

import pytest
from live.server.answer import ANSWER, REASONING
from live.server.running import Server, running_sglang

from longctx.api import Connection
from longctx.engines import Delta, Reasoning, Request, Usage
from longctx.engines.probing import probe
from longctx.engines.sglang import SGLang
from longctx.errors import EngineError
from longctx.prompt import Effort, Ids, Message, Prompt, Role, Segment
from longctx.template import template_for
from longctx.tokens import tokenizer_for


def ids_of(question: str, effort: Effort = Effort.OFF) -> Ids:
    text = tokenizer_for("deepseek-v4").encode(question)
    prompt = Prompt((Segment(Role.USER, "question", question, text),))
    return template_for("deepseek-v4").encode(prompt, effort)


def test_it_says_what_it_serves(sglang: Server) -> None:
    served = probe(Connection(sglang.base_url))
    assert served is not None
    assert (served.engine, served.version) == ("sglang", "0.5.23")
    assert served.models == ("tiny",)
    assert served.window == 400_000, "the KV pool is smaller than the context length"
    assert served.page_size == 1
    assert served.reports_cached is True
    (pool,) = [each for each in served.findings if each.about == "KV cache"]
    assert pool.severity == "advice"
    assert "400,000" in pool.seen


def test_text_streams_and_usage_follows(sglang: Server) -> None:
    engine = SGLang(Connection(sglang.base_url))
    request = Request(50, Effort.OFF, ids=ids_of("where is auth?"), temperature=0.0)
    events = list(engine.stream(request))
    engine.close()
    deltas = [event.text for event in events if isinstance(event, Delta)]
    assert "".join(deltas) == ANSWER
    assert len(deltas) > 3, "the answer came in pieces"
    usage = events[-1]
    assert isinstance(usage, Usage)
    assert usage.prompt_tokens == len(request.ids or Ids())
    assert usage.finish_reason == "stop"


@pytest.mark.parametrize("effort", [Effort.LOW, Effort.HIGH, Effort.MAX])
def test_reasoning_is_kept_apart_from_the_answer(sglang: Server, effort: Effort) -> None:
    engine = SGLang(Connection(sglang.base_url))
    events = list(engine.stream(Request(80, effort, ids=ids_of("why?", effort), temperature=0.0)))
    engine.close()
    assert "".join(e.text for e in events if isinstance(e, Reasoning)).strip() == REASONING
    assert "".join(e.text for e in events if isinstance(e, Delta)).strip() == ANSWER


def test_a_prime_prefills_and_says_nothing(sglang: Server) -> None:
    engine = SGLang(Connection(sglang.base_url))
    ids = Ids.of(range(1_000, 9_000))
    primed = engine.prime(Request(9, Effort.OFF, ids=ids))
    assert (primed.prompt_tokens, primed.completion_tokens) == (8_000, 0)
    *_, usage = engine.stream(Request(1, Effort.OFF, ids=Ids.of([*ids, 5, 6, 7])))
    engine.close()
    assert isinstance(usage, Usage)
    assert usage.cached_tokens == 8_000


def test_without_cache_report_cached_tokens_are_unknown() -> None:
    from live.conftest import installed_or_skip

    installed_or_skip()
    # The last of two contradicting flags wins, but there is no --disable-cache-report.
    with running_sglang("dsv4", model_name="other", cache_report=False) as server:
        engine = SGLang(Connection(server.base_url))
        served = engine.served()
        *_, usage = engine.stream(Request(1, Effort.OFF, ids=ids_of("why?")))
        engine.close()
    assert served.reports_cached is False
    assert any("--enable-cache-report" in each.fix for each in served.findings)
    assert isinstance(usage, Usage)
    assert usage.cached_tokens is None


def test_rendered_messages_are_our_encoding(sglang: Server) -> None:
    engine = SGLang(Connection(sglang.base_url))
    for effort in Effort:
        rendered = engine.rendered((Message(Role.USER, "Hi <think>"),), effort)
        assert rendered == ids_of("Hi <think>", effort)
    assert engine.tokenized("where is auth?") == tokenizer_for("deepseek-v4").encode(
        "where is auth?"
    )
    engine.close()


def test_the_servers_refusal_is_told_in_its_words(sglang: Server) -> None:
    engine = SGLang(Connection(sglang.base_url))
    with pytest.raises(EngineError, match="status 400"):
        list(engine.stream(Request(2_000_000, Effort.OFF, ids=ids_of("why?"))))
    engine.close()


def running_requests(server: Server) -> float:
    with urllib.request.urlopen(f"{server.base_url}/metrics", timeout=10) as reply:
        lines = reply.read().decode().splitlines()
    return sum(
        float(line.rsplit(" ", 1)[1])
        for line in lines
        if line.startswith(("sglang:num_running_reqs{", "sglang:num_queue_reqs{"))
    )


def test_closing_a_stream_aborts_the_request(sglang: Server) -> None:
    engine = SGLang(Connection(sglang.base_url))
    body = {
        "model": "tiny",
        "messages": [{"role": "user", "content": "."}],
        "input_ids": ids_of("why?").tolist(),
        "max_tokens": 100_000,
        "ignore_eos": True,
        "stream": True,
    }
    events = engine._http.events("/v1/chat/completions", body)
    for _ in range(5):
        json.dumps(next(events))
    events.close()  # type: ignore[attr-defined]  # a generator
    engine.close()
    deadline = time.monotonic() + 30
    while running_requests(sglang) and time.monotonic() < deadline:
        time.sleep(0.5)
    assert running_requests(sglang) == 0, "100,000 tokens would take minutes"


@pytest.mark.parametrize(("key", "fine"), [("right", True), ("wrong", False), (None, False)])
def test_a_wrong_key_is_refused(sglang_misconfigured: Server, key: str | None, fine: bool) -> None:
    with closing(SGLang(Connection(sglang_misconfigured.base_url, api_key=key))) as engine:
        if fine:
            assert engine.served().models == ("tiny",)
            return
        with pytest.raises(EngineError, match="LONGCTX_API_KEY"):
            engine.served()

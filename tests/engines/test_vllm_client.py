"""The vLLM client's part of the conversation, against a double: what it sends, reads and says."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from engines.scripted_server import Double, Reply, double

from longctx.engines import Connection, Delta, Reasoning, Request, Usage
from longctx.engines.blocks import Blocks
from longctx.engines.radix import Radix
from longctx.engines.vllm import CHAT, COMPLETIONS, RANK, VLLM
from longctx.errors import EngineError, UsageError
from longctx.prompt import Effort, Ids, Message, Role

INFO = (
    "# TYPE vllm:cache_config_info gauge\n"
    'vllm:cache_config_info{block_size="128",enable_prefix_caching="True",engine="0",'
    'num_gpu_blocks="1001"} 1.0\n'
)
METRICS = f"process_start_time_seconds 1.7e+09\n{INFO}"
USAGE = {
    "prompt_tokens": 2,
    "completion_tokens": 3,
    "prompt_tokens_details": {"cached_tokens": 1},
}


def said(text: str, finish: str | None = None) -> dict[str, object]:
    return {"choices": [{"text": text, "finish_reason": finish}]}


ANSWER: list[object] = [
    said("hm"),
    said("</think>"),
    said("It is"),
    said("", "stop"),
    {"choices": [], "usage": USAGE},
]
ASKED = Request(5, Effort.LOW, ids=Ids.of([0, 7]))


CLIENTS: list[VLLM] = []


@pytest.fixture
def server() -> Iterator[Double]:
    replies = {
        "/version": [Reply(body={"version": "0.32.0"})],
        "/v1/models": [Reply(body={"data": [{"id": "tiny", "max_model_len": 90_000}]})],
        "/metrics": [Reply(text=METRICS)],
        COMPLETIONS: [Reply(events=ANSWER)],
    }
    with double(replies) as running:
        yield running
        while CLIENTS:
            CLIENTS.pop().close()


def client(server: Double, **settings: object) -> VLLM:
    """A client that is closed when the server's fixture ends."""
    CLIENTS.append(VLLM(Connection(server.url, retries=0, **settings)))  # type: ignore[arg-type]
    CLIENTS[-1].served()
    return CLIENTS[-1]


def test_what_rules_its_cache_is_told(server: Double) -> None:
    engine = client(server)
    served = engine.served()
    assert (served.page_size, served.pool, served.window) == (128, 128_000, 90_000)
    assert served.reports_cached is None, "no page tells"
    assert engine.caching(served) == Blocks(128, 1_000)
    assert isinstance(engine.caching(replace(served, sliding_window=128)), Radix)


def test_an_incarnation_is_one_start_of_the_server(server: Double) -> None:
    first = client(server).served().incarnation
    assert first is not None
    assert client(server).served().incarnation == first
    server.replies["/metrics"] = [Reply(text=METRICS.replace("1.7e+09", "1.8e+09"))]
    assert client(server).served().incarnation not in (first, None)
    server.replies["/metrics"] = [Reply(text=INFO)]
    assert client(server).served().incarnation is None


def test_trouble_is_noted_with_what_to_do(server: Double) -> None:
    server.replies["/metrics"] = [Reply(text=METRICS.replace('ing="True"', 'ing="False"'))]
    assert "--no-enable-prefix-caching" in client(server).served().notes[0]
    del server.replies["/metrics"]
    served = client(server).served()
    assert "--disable-log-stats" in served.notes[0]
    assert served.page_size is None


def test_ids_go_out_as_they_are_and_thoughts_come_apart(server: Double) -> None:
    engine = client(server)
    events = list(engine.stream(replace(ASKED, temperature=0.5, salt="pepper")))
    assert events == [Reasoning("hm"), Delta("It is"), Usage(2, 3, 1, "stop")]
    assert server.bodies(COMPLETIONS) == [
        {
            "model": "tiny",
            "max_tokens": 5,
            "prompt": [0, 7],
            "skip_special_tokens": False,
            "temperature": 0.5,
            "cache_salt": "pepper",
            "stream": True,
            "stream_options": {"include_usage": True},
        }
    ]


def test_without_thinking_a_mark_is_text(server: Double) -> None:
    engine = client(server)
    events = list(engine.stream(replace(ASKED, effort=Effort.OFF)))
    assert "".join(e.text for e in events if isinstance(e, Delta)) == "hm</think>It is"


@pytest.mark.parametrize("name", ["reasoning", "reasoning_content"])
def test_messages_are_rendered_by_the_server(server: Double, name: str) -> None:
    server.replies[CHAT] = [
        Reply(
            events=[
                {"choices": [{"delta": {name: "hm"}}]},
                {"choices": [{"delta": {"content": "It is"}, "finish_reason": "length"}]},
                {"choices": [], "usage": USAGE},
            ]
        )
    ]
    engine = client(server)
    told = replace(ASKED, ids=None, messages=(Message(Role.USER, "why?"),), effort=Effort.MAX)
    assert list(engine.stream(told)) == [Reasoning("hm"), Delta("It is"), Usage(2, 3, 1, "length")]
    (body,) = server.bodies(CHAT)
    assert isinstance(body, dict)
    assert body["chat_template_kwargs"] == {"thinking": True, "reasoning_effort": "max"}
    assert body["messages"] == [{"role": "user", "content": "why?"}]


def test_a_prime_generates_one_token(server: Double) -> None:
    server.replies[COMPLETIONS] = [Reply(body={"choices": [{}], "usage": USAGE})]
    engine = client(server)
    assert engine.prime(ASKED).cached_tokens == 1
    (body,) = server.bodies(COMPLETIONS)
    assert isinstance(body, dict)
    assert body["max_tokens"] == 1


def test_unreported_cached_tokens_are_said_once(server: Double) -> None:
    bare = {"prompt_tokens": 2, "completion_tokens": 3}
    server.replies[COMPLETIONS] = [Reply(events=[said("x", "stop"), {"usage": bare}])]
    lines: list[str] = []
    engine = client(server, say=lines.append)
    for _ in range(2):
        *_, usage = engine.stream(ASKED)
        assert isinstance(usage, Usage)
        assert usage.cached_tokens is None
    assert len(lines) == 1
    assert "--enable-prompt-tokens-details" in lines[0]
    assert engine.served().reports_cached is False


def test_one_of_several_engines_is_named_in_a_header(server: Double) -> None:
    server.replies["/metrics"] = [Reply(text=METRICS + INFO.replace('"0"', '"1"'))]
    engine = client(server)
    assert engine.served().workers == 2
    list(engine.stream(replace(ASKED, worker=1)))
    list(engine.stream(ASKED))
    named = [headers.get(RANK) for path, headers, _ in server.asked if path == COMPLETIONS]
    assert named == ["1", None]


def test_something_else_is_no_vllm(server: Double) -> None:
    with pytest.raises(EngineError, match="does not serve 'big'; it serves tiny"):
        client(server, model="big")
    del server.replies["/version"]
    with pytest.raises(EngineError, match="is not vLLM"):
        client(server)
    with pytest.raises(UsageError, match="not a server's URL"):
        VLLM(Connection("localhost:8000"))

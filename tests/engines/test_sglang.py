"""What the SGLang client does with what servers say, the bad days included."""

from collections.abc import Iterator

import pytest
from engines.scripted_server import Double, Reply, double

from longctx.engines import Connection, Delta, Reasoning, Request, Usage, engine_for
from longctx.engines.probing import probe
from longctx.engines.sglang import CHAT, SGLang
from longctx.errors import EngineError, EngineUnavailable, UsageError
from longctx.prompt import Effort, Ids, Message, Role

ASKED = Request(max_tokens=5, effort=Effort.OFF, ids=Ids.of([0, 7]), messages=())


def piece(**delta: object) -> dict[str, object]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}


ENDED = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
COUNTED = {
    "choices": [],
    "usage": {
        "prompt_tokens": 2,
        "completion_tokens": 1,
        "prompt_tokens_details": {"cached_tokens": 0},
    },
}
GOOD = Reply(events=[piece(role="assistant", content=""), piece(content="hi"), ENDED, COUNTED])


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waits: list[float] = []
    monkeypatch.setattr("longctx.engines.http.time.sleep", waits.append)
    return waits


CLIENTS: list[SGLang] = []


@pytest.fixture
def server() -> Iterator[Double]:
    with double({CHAT: [GOOD]}) as running:
        yield running
        while CLIENTS:
            CLIENTS.pop().close()


def client(server: Double, **more: object) -> SGLang:
    """A client that is closed when the server's fixture ends."""
    connection = Connection(base_url=server.url, **more)  # type: ignore[arg-type]  # test values
    CLIENTS.append(SGLang(connection))
    return CLIENTS[-1]


def test_a_stream_becomes_deltas_and_usage(server: Double) -> None:
    assert list(client(server).stream(ASKED)) == [Delta("hi"), Usage(2, 1, 0, "stop")]
    (body,) = server.bodies(CHAT)
    assert isinstance(body, dict)
    assert body["input_ids"] == [0, 7]
    assert body["stream_options"] == {"include_usage": True}
    assert "temperature" not in body


def test_messages_are_sent_where_there_are_no_ids(server: Double) -> None:
    request = Request(3, Effort.HIGH, messages=(Message(Role.USER, "hé"),), temperature=0.0)
    list(client(server).stream(request))
    (body,) = server.bodies(CHAT)
    assert isinstance(body, dict)
    assert body["messages"] == [{"role": "user", "content": "hé"}]
    assert "input_ids" not in body
    assert body["reasoning_effort"] == "high"
    assert body["temperature"] == 0.0


def test_reasoning_is_kept_apart(server: Double) -> None:
    server.replies[CHAT] = [
        Reply(events=[piece(reasoning_content="hm", content=None), piece(content="hi"), ENDED])
    ]
    events = list(client(server).stream(ASKED))
    assert events == [Reasoning("hm"), Delta("hi"), Usage(finish_reason="stop")]


@pytest.mark.parametrize(
    ("details", "cached"), [(None, None), ({}, None), ({"cached_tokens": 0}, 0)]
)
def test_not_reported_is_not_zero(server: Double, details: object, cached: int | None) -> None:
    usage = {"usage": {"prompt_tokens": 2, "prompt_tokens_details": details}, "choices": []}
    server.replies[CHAT] = [Reply(events=[piece(content="x"), usage])]
    *_, last = client(server).stream(ASKED)
    assert isinstance(last, Usage)
    assert last.cached_tokens is cached or last.cached_tokens == cached


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_passing_errors_are_retried_before_the_first_token(
    server: Double, status: int, no_waiting: list[float]
) -> None:
    server.replies[CHAT] = [Reply(status, {"message": "busy"}), Reply(status), GOOD]
    said: list[str] = []
    events = list(client(server, say=said.append).stream(ASKED))
    assert Delta("hi") in events
    assert no_waiting == [0.5, 1.0]
    assert len(said) == 2
    assert f"status {status}" in said[0]


def test_retry_after_is_honoured_within_reason(server: Double, no_waiting: list[float]) -> None:
    server.replies[CHAT] = [
        Reply(429, headers={"Retry-After": "7"}),
        Reply(429, headers={"Retry-After": "99999"}),
        GOOD,
    ]
    list(client(server).stream(ASKED))
    assert no_waiting == [7.0, 60.0]


def test_retries_end(server: Double) -> None:
    server.replies[CHAT] = [Reply(503, {"message": "no capacity"})]
    with pytest.raises(EngineError, match=r"503.*no capacity"):
        list(client(server, retries=2).stream(ASKED))
    assert len(server.asked) == 3


def test_a_broken_stream_is_not_retried(server: Double) -> None:
    server.replies[CHAT] = [Reply(events=[piece(content="par")], drop=True, done=False), GOOD]
    seen = []
    with pytest.raises(EngineError, match="broke off"):
        for event in client(server).stream(ASKED):
            seen.append(event)
    assert seen == [Delta("par")]
    assert len(server.asked) == 1


def test_a_stream_without_its_end_is_an_error(server: Double) -> None:
    server.replies[CHAT] = [Reply(events=[piece(content="par")], done=False)]
    with pytest.raises(EngineError, match="ended its answer early"):
        list(client(server).stream(ASKED))


def test_an_error_inside_the_stream_is_raised(server: Double) -> None:
    server.replies[CHAT] = [Reply(events=[{"error": {"message": "out of memory"}}])]
    with pytest.raises(EngineError, match="out of memory"):
        list(client(server).stream(ASKED))


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_key_says_where_to_set_it(server: Double, status: int) -> None:
    server.replies[CHAT] = [Reply(status, {"error": "Unauthorized"})]
    with pytest.raises(EngineError, match="LONGCTX_API_KEY") as caught:
        list(client(server, api_key="secret-key").stream(ASKED))
    assert "secret-key" not in str(caught.value)
    assert server.asked[0][1]["Authorization"] == "Bearer secret-key"


def test_a_refused_prompt_is_told_in_the_servers_words(server: Double) -> None:
    server.replies[CHAT] = [Reply(400, {"object": "error", "message": "too long"})]
    with pytest.raises(EngineError, match=r"status 400.*too long"):
        list(client(server).stream(ASKED))


def test_no_chat_endpoint_means_a_wrong_url(server: Double) -> None:
    server.replies.clear()
    with pytest.raises(EngineError, match="base URL"):
        list(client(server).stream(ASKED))


def test_nobody_there() -> None:
    engine = SGLang(Connection(base_url="http://127.0.0.1:9", retries=1))
    with pytest.raises(EngineUnavailable, match=r"no answer from http://127\.0\.0\.1:9"):
        engine.served()
    with pytest.raises(EngineUnavailable, match="start the server"):
        list(engine.stream(ASKED))
    engine.close()
    assert probe(Connection(base_url="http://127.0.0.1:9", retries=0)) is None


@pytest.mark.parametrize("url", ["localhost:30000", "ftp://x", "", "http://"])
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="not a server's URL"):
        SGLang(Connection(base_url=url))


def test_a_model_that_is_not_served_is_refused(server: Double) -> None:
    server.replies["/server_info"] = [Reply(body={"version": "0.5.23", "context_length": 100})]
    server.replies["/v1/models"] = [Reply(body={"data": [{"id": "tiny", "max_model_len": 90}]})]
    assert client(server).served().window == 90
    with pytest.raises(EngineError, match="does not serve 'big'; it serves tiny"):
        client(server, model="big").served()


def test_a_server_without_cache_report_is_noted(server: Double) -> None:
    server.replies["/server_info"] = [
        Reply(body={"enable_cache_report": False, "allow_auto_truncate": True, "page_size": 256})
    ]
    served = client(server).served()
    assert served.reports_cached is False
    assert served.page_size == 256
    assert "--enable-cache-report" in served.notes[0]
    assert "--allow-auto-truncate" in served.notes[1]


@pytest.mark.parametrize(
    ("replies", "kind"),
    [
        ({"/server_info": {"version": "0.5.23"}}, "sglang"),
        ({"/version": {"version": "0.33.0"}, "/v1/models": {"data": [{"id": "m"}]}}, "vllm"),
        ({"/props": {"default_generation_settings": {"n_ctx": 65536}}}, "llama.cpp"),
        ({"/api/version": {"version": "0.9"}}, "ollama"),
        ({"/v1/models": {"data": []}}, "openai-compatible"),
        ({}, "unknown"),
    ],
)
def test_servers_are_told_apart(replies: dict[str, object], kind: str) -> None:
    with double({path: [Reply(body=body)] for path, body in replies.items()}) as running:
        served = probe(Connection(base_url=running.url))
    assert served is not None
    assert served.engine == kind


def test_engines_are_found_by_name() -> None:
    assert engine_for("extractive", Connection()).name == "extractive"
    with pytest.raises(UsageError, match="installed: auto, extractive"):
        engine_for("gpt", Connection())
    with pytest.raises(UsageError, match="--base-url"):
        engine_for("sglang", Connection())
    assert "secret" not in repr(Connection(api_key="secret"))

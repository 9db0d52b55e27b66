"""What the SGLang client does with what servers say, the bad days included."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from engines.scripted_server import Double, Reply, double

from longctx.engines import (
    Connection,
    Delta,
    Reasoning,
    Request,
    Served,
    Tool,
    ToolCall,
    Usage,
    engine_for,
)
from longctx.engines.probing import probe
from longctx.engines.sglang import CHAT, SGLang
from longctx.engines.sglang_native import GENERATE
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


def called(index: int, **more: object) -> dict[str, object]:
    return piece(tool_calls=[{"index": index} | more])


def test_calls_are_put_together_and_generated_ids_told(server: Double) -> None:
    """As SGLang 0.5.23 streams them: names first, then arguments in pieces, ids near the end."""
    server.replies[CHAT] = [
        Reply(
            events=[
                piece(content="Look:"),
                called(0, id="a", function={"name": "open", "arguments": ""}),
                called(0, id=None, function={"name": None, "arguments": '{"path": '}),
                called(0, function={"arguments": '"x"}'}),
                called(1, id="b", function={"name": "grep", "arguments": "{}"}),
                {"choices": [{"delta": {}, "finish_reason": "tool_calls"}]},
                {"choices": [], "sglext": {"output_ids": [[9, 8, 1]]}},
                {"choices": [], "usage": {"prompt_tokens": 2, "completion_tokens": 3}},
            ]
        )
    ]
    asked = replace(ASKED, tools=(Tool("open", "Show.", '{"type": "object"}'),))
    assert list(client(server).stream(asked)) == [
        Delta("Look:"),
        ToolCall("open", '{"path": "x"}', "a"),
        ToolCall("grep", "{}", "b"),
        Usage(2, 3, None, "tool_calls", Ids.of([9, 8, 1])),
    ]
    (body,) = server.bodies(CHAT)
    assert isinstance(body, dict)
    assert body["return_output_ids_in_sglext"] is True
    function = {"name": "open", "description": "Show.", "parameters": {"type": "object"}}
    assert body["tools"] == [{"type": "function", "function": function}]


def test_ids_that_do_not_add_up_are_not_told(server: Double) -> None:
    server.replies[CHAT] = [
        Reply(
            events=[
                piece(content="x"),
                {"choices": [], "sglext": {"output_ids": [[9]]}},
                {"choices": [], "usage": {"prompt_tokens": 2, "completion_tokens": 2}},
            ]
        )
    ]
    assert list(client(server).stream(ASKED))[-1] == Usage(2, 2)


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
    assert len(server.bodies(CHAT)) == 3


def test_a_broken_stream_is_not_retried(server: Double) -> None:
    server.replies[CHAT] = [Reply(events=[piece(content="par")], drop=True, done=False), GOOD]
    seen = []
    with pytest.raises(EngineError, match="broke off"):
        for event in client(server).stream(ASKED):
            seen.append(event)
    assert seen == [Delta("par")]
    assert len(server.bodies(CHAT)) == 1


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
    assert all(headers["Authorization"] == "Bearer secret-key" for _, headers, _ in server.asked)


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


def test_what_is_wrong_with_a_server_is_told(server: Double) -> None:
    server.replies["/server_info"] = [
        Reply(body={"enable_cache_report": False, "allow_auto_truncate": True, "page_size": 256})
    ]
    served = client(server).served()
    assert served.reports_cached is False
    assert served.page_size == 256
    wrong = {each.about: each.fix for each in served.findings if each.severity != "ok"}
    assert set(wrong) == {"truncation", "cache report"}
    assert "--allow-auto-truncate" in wrong["truncation"]
    assert "--enable-cache-report" in wrong["cache report"]


INFO: dict[str, object] = {
    "version": "0.5.23",
    "page_size": 256,
    "chunked_prefill_size": 8192,
    "max_total_num_tokens": 399_872,
    "random_seed": 1,
    "startup_time": {"load_weight": 2.5},
    "internal_states": [{"memory_usage": {"token_capacity_swa": 39_936}}],
}


def told(server: Double, **more: object) -> Served:
    server.replies["/server_info"] = [Reply(body=INFO | more)]
    return client(server).served()


def test_what_rules_a_cache_is_told(server: Double) -> None:
    served = told(server, enable_session_radix_cache=True)
    assert (served.page_size, served.chunk, served.pool) == (256, 8_192, 399_872)
    assert (served.sliding_window, served.window_pool) == (128, 39_936)
    assert (served.session_cache, served.workers, served.routed) == (True, 1, False)
    assert told(server, chunked_prefill_size=-1).chunk is None


def test_a_server_with_a_parser_of_tool_calls_tells_them(server: Double) -> None:
    assert not told(server).tells_calls
    assert not told(server, tool_call_parser=None).tells_calls
    assert told(server, tool_call_parser="deepseekv4").tells_calls


@pytest.mark.parametrize(
    ("path", "window"),
    [("deepseek-ai/DeepSeek-V4-Flash", 128), ("/models/deepseek_v4", 128), ("qwen3", None)],
)
def test_v4_has_its_window_where_no_page_tells(
    server: Double, path: str, window: int | None
) -> None:
    assert told(server, model_path=path, internal_states=[{}]).sliding_window == window


def test_an_incarnation_is_one_start_of_the_server(server: Double) -> None:
    first = told(server).incarnation
    assert first is not None
    assert told(server, last_gen_throughput=3.0).incarnation == first
    assert told(server, startup_time={"load_weight": 2.6}).incarnation != first
    assert told(server, random_seed=2).incarnation != first
    assert told(server, startup_time=None).incarnation is None


LEVERS = replace(ASKED, session="s", salt="pepper", worker=1)


def levers_sent(server: Double, **info: object) -> dict[str, object]:
    server.replies["/server_info"] = [Reply(body=INFO | info)]
    list(client(server).stream(LEVERS))
    body = server.bodies(CHAT)[-1]
    assert isinstance(body, dict)
    names = ("session_id", "cache_salt", "routed_dp_rank")
    return {name: body[name] for name in names if name in body}


def test_levers_are_sent_only_where_the_server_has_them(server: Double) -> None:
    assert levers_sent(server) == {"cache_salt": "pepper"}
    ranks = INFO["internal_states"] * 2  # type: ignore[operator]  # a list
    assert levers_sent(server, enable_session_radix_cache=True, internal_states=ranks) == {
        "session_id": "s",
        "cache_salt": "pepper",
        "routed_dp_rank": 1,
    }


def test_a_prime_generates_nothing_whatever_was_asked_for(server: Double) -> None:
    server.replies[CHAT] = [Reply(body=COUNTED)]
    assert client(server).prime(ASKED) == Usage(2, 1, 0)
    (body,) = server.bodies(CHAT)
    assert isinstance(body, dict)
    assert body["max_tokens"] == 0
    assert body["input_ids"] == [0, 7]
    assert "stream" not in body


def test_a_session_is_closed_once_and_never_fails(server: Double) -> None:
    server.replies["/server_info"] = [Reply(body=INFO | {"enable_session_radix_cache": True})]
    server.replies["/close_session"] = [Reply(500)]
    engine = client(server)
    engine.release("s")
    assert server.bodies("/close_session") == [], "nothing was sent under that name"
    engine.served()
    engine.release("s")
    assert server.bodies("/close_session") == [{"session_id": "s"}]


@pytest.mark.parametrize(
    ("page", "waiting"),
    [
        (Reply(body={"loads": [{"num_waiting_uncached_tokens": n} for n in (5, 7)]}), 12),
        (Reply(body={"loads": [{"num_waiting_uncached_tokens": 5}, {}]}), None),
        (Reply(body={"loads": []}), None),
        (Reply(body=["what"]), None),
        (Reply(500), None),
        (Reply(404), None),
    ],
)
def test_waiting_tokens_are_summed_or_untold(
    server: Double, page: Reply, waiting: int | None
) -> None:
    server.replies["/v1/loads?include=core"] = [page]
    assert client(server).waiting() == waiting


def test_nobody_there_waits_for_nothing() -> None:
    engine = SGLang(Connection(base_url="http://127.0.0.1:9"))
    assert engine.waiting() is None
    engine.close()
    assert engine.waiting() is None


def piece_of(text: str, ids: list[int], count: int, ended: str | None = None) -> dict[str, object]:
    """What `/generate` streams."""
    finish = {"type": ended, "message": "too\nlong"} if ended else None
    told = {"completion_tokens": count, "prompt_tokens": 2, "cached_tokens": 1}
    return {"text": text, "output_ids": ids, "meta_info": told | {"finish_reason": finish}}


WHOLE: list[object] = [
    piece_of("hm", [1], 1),
    piece_of("hm</think>", [1, 2], 2),
    piece_of("hm</think>It is", [1, 2, 3, 4], 4),
    piece_of("hm</think>It is", [1, 2, 3, 4, 5], 5, "stop"),
]
NEW: list[object] = [
    piece_of("hm", [1], 1),
    piece_of("</think>It", [2, 3], 3),
    piece_of(" is", [4], 4),
    piece_of("", [5], 5, "stop"),
]


@pytest.fixture
def router(server: Double) -> Double:
    """A router whose one worker is the double itself, too."""
    server.replies["/get_server_info"] = [Reply(body={"router_manager": True})]
    server.replies["/workers"] = [Reply(body={"workers": [{"url": server.url}]})]
    server.replies["/v1/models"] = [Reply(body={"data": [{"id": "tiny"}]})]
    return server


@pytest.mark.parametrize("pieces", [WHOLE, NEW])
def test_through_a_router_ids_go_to_generate(router: Double, pieces: list[object]) -> None:
    router.replies[GENERATE] = [Reply(events=pieces)]
    events = list(client(router).stream(replace(LEVERS, effort=Effort.LOW, temperature=0.5)))
    assert "".join(e.text for e in events if isinstance(e, Reasoning)) == "hm"
    assert "".join(e.text for e in events if isinstance(e, Delta)) == "It is"
    assert events[-1] == Usage(2, 5, 1, "stop", Ids.of(range(1, 6)))
    assert router.bodies(GENERATE) == [
        {
            "input_ids": [0, 7],
            "sampling_params": {
                "max_new_tokens": 5,
                "skip_special_tokens": False,
                "temperature": 0.5,
            },
            "extra_key": "pepper",
            "stream": True,
        }
    ]


def test_without_thinking_a_mark_is_text(router: Double) -> None:
    router.replies[GENERATE] = [Reply(events=WHOLE)]
    events = list(client(router).stream(ASKED))
    assert "".join(e.text for e in events if isinstance(e, Delta)) == "hm</think>It is"


def test_a_request_that_is_given_up_is_an_error(router: Double) -> None:
    router.replies[GENERATE] = [Reply(events=[piece_of("", [], 0, "abort")])]
    with pytest.raises(EngineError, match="gave the request up: too long"):
        list(client(router).stream(ASKED))


def test_a_router_drops_no_salt_unseen(router: Double) -> None:
    with pytest.raises(UsageError, match="drop the salt"):
        list(client(router).stream(replace(LEVERS, ids=None)))


def test_workers_that_cannot_be_asked_leave_things_unsaid(router: Double) -> None:
    for urls in ([router.url, "http://127.0.0.1:9"], ["file:///etc/passwd"], [router.url], []):
        router.replies["/workers"] = [Reply(body={"workers": [{"url": url} for url in urls]})]
        served = client(router, api_key="secret").served()
        assert served.routed
        assert served.reports_cached
        assert (served.page_size, served.incarnation) == (None, None)
        (finding,) = served.findings
        assert "cannot be asked from here" in finding.seen


def test_a_router_that_hides_its_workers_serves_all_the_same(router: Double) -> None:
    for hidden in (Reply(401), Reply(404), Reply(body="what"), Reply(body={"workers": [{}]})):
        router.replies["/workers"] = [hidden]
        assert client(router).served().routed


def test_a_routers_workers_are_asked_without_its_key(router: Double) -> None:
    with double({"/server_info": [Reply(body=INFO)]}) as worker:
        router.replies["/workers"] = [Reply(body={"workers": [{"url": worker.url}] * 2})]
        engine = client(router, api_key="secret")
        served = engine.served()
        worker.replies["/v1/loads?include=core"] = [
            Reply(body={"loads": [{"num_waiting_uncached_tokens": 5}]})
        ]
        assert engine.waiting() == 10
        engine.close()
    assert (served.page_size, served.model, served.workers) == (256, "tiny", 1)
    assert served.session_cache is False
    assert served.incarnation is not None
    assert not any("Authorization" in headers for _, headers, _ in worker.asked)


@pytest.mark.parametrize(
    ("replies", "kind"),
    [
        ({"/server_info": {"version": "0.5.23"}}, "sglang"),
        ({"/version": {"version": "0.33.0"}, "/v1/models": {"data": [{"id": "m"}]}}, "vllm"),
        ({"/props": {"default_generation_settings": {"n_ctx": 65536}}}, "llamacpp"),
        ({"/api/version": {"version": "0.9"}}, "ollama"),
        ({"/v1/models": {"data": []}}, "openai"),
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

"""The client of OpenAI-compatible APIs, against doubles of them: DeepSeek's API and plain ones."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from engines.deepseek_double import KEY, DeepSeek, deepseek
from engines.scripted_server import Double, Reply, double

from longctx.engines import Connection, Delta, Reasoning, Request, Usage, engine_for, hosted
from longctx.engines.openai import OpenAI, version_in
from longctx.engines.probing import probe
from longctx.errors import BudgetError, EngineError, UsageError
from longctx.prompt import Effort, Message, Role

CHAT = "/v1/chat/completions"
ASKED = Request(50, Effort.OFF, messages=(Message(Role.SYSTEM, "é"), Message(Role.USER, "why?")))


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waited: list[float] = []
    monkeypatch.setattr("longctx.engines.http.time.sleep", waited.append)
    return waited


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[DeepSeek]:
    """DeepSeek's API, taken for the real one by its host's name."""
    monkeypatch.setattr(hosted, "host_of", lambda url: "api.deepseek.com")
    with deepseek() as running:
        yield running


CLIENTS: list[OpenAI] = []


@pytest.fixture(autouse=True)
def closing() -> Iterator[None]:
    yield
    while CLIENTS:
        CLIENTS.pop().close()


def client(url: str, **more: object) -> OpenAI:
    CLIENTS.append(OpenAI(Connection(base_url=url, **more)))  # type: ignore[arg-type]  # test values
    return CLIENTS[-1]


def said(events: list[object], kind: type[Delta] | type[Reasoning]) -> str:
    return "".join(event.text for event in events if isinstance(event, kind))


def test_deepseek_streams_with_thoughts_apart_and_counts(api: DeepSeek) -> None:
    engine = client(api.url, api_key=KEY)
    events: list[object] = list(engine.stream(replace(ASKED, effort=Effort.HIGH)))
    assert said(events, Reasoning) == api.reasoning
    assert said(events, Delta) == api.answer
    assert isinstance(events[-1], Usage)
    assert (events[-1].cached_tokens, events[-1].finish_reason) == (0, "stop")
    (body,) = api.heard
    assert body["thinking"] == {"type": "enabled"}
    assert body["reasoning_effort"] == "high"
    assert body["model"] == "deepseek-flash"


def test_thinking_is_switched_off_where_it_is_on_by_default(api: DeepSeek) -> None:
    events: list[object] = list(client(api.url, api_key=KEY).stream(ASKED))
    assert said(events, Reasoning) == ""
    (body,) = api.heard
    assert body["thinking"] == {"type": "disabled"}
    assert "reasoning_effort" not in body


def test_what_the_api_does_not_tell_is_known_with_its_source(api: DeepSeek) -> None:
    served = client(api.url, api_key=KEY, model="deepseek-v4-pro").served()
    assert (served.window, served.encoding, served.prefix_units) == (1_000_000, "deepseek-v4", 128)
    assert served.models == ("deepseek-flash", "deepseek-v4-pro")
    assert any("2026-11-15" in note and "api-docs.deepseek.com" in note for note in served.notes)


def test_an_answer_is_asked_no_longer_than_the_api_gives(api: DeepSeek) -> None:
    list(client(api.url, api_key=KEY).stream(replace(ASKED, max_tokens=500_000)))
    assert api.heard[0]["max_tokens"] == 393_216


def test_a_wrong_key_an_empty_account_and_an_unknown_model_are_told_apart(api: DeepSeek) -> None:
    with pytest.raises(EngineError, match="LONGCTX_API_KEY") as caught:
        client(api.url, api_key="sk-wrong").served()
    assert "sk-wrong" not in str(caught.value)
    api.balance = False
    with pytest.raises(EngineError, match=r"402: Insufficient Balance.*top up"):
        list(client(api.url, api_key=KEY).stream(ASKED))
    api.balance = True
    engine = client(api.url, api_key=KEY, model="deepseek-9")
    assert any("deepseek-9 is not among" in note for note in engine.served().notes)
    serves = r"Model Not Exist; it serves deepseek-flash, deepseek-v4-pro: choose with --model"
    with pytest.raises(EngineError, match=serves):
        list(engine.stream(ASKED))


def test_a_prompt_too_long_names_the_real_window(api: DeepSeek) -> None:
    api.window = 65_536
    engine = client(api.url, api_key=KEY)
    with pytest.raises(BudgetError, match=r"window is 65,536 tokens: use --budget 65536"):
        list(engine.stream(replace(ASKED, max_tokens=65_536)))
    assert engine.served().window == 65_536, "known from then on"


def test_a_busy_api_is_asked_again_when_it_says(api: DeepSeek, waits: list[float]) -> None:
    api.busy = 2
    events: list[object] = list(client(api.url, api_key=KEY).stream(ASKED))
    assert said(events, Delta) == api.answer
    assert waits == [2.0, 2.0]


def test_not_reported_is_not_zero(api: DeepSeek) -> None:
    api.reports_cache = False
    *_, usage = client(api.url, api_key=KEY).stream(ASKED)
    assert isinstance(usage, Usage)
    assert usage.cached_tokens is None


def test_a_prime_generates_next_to_nothing(api: DeepSeek) -> None:
    usage = client(api.url, api_key=KEY).prime(ASKED)
    assert api.heard[0]["max_tokens"] == 1
    assert usage.prompt_tokens is not None
    assert usage.cached_tokens == 0


# Plain servers.


def piece(**delta: object) -> dict[str, object]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}


ENDED = {"choices": [{"index": 0, "delta": {}, "finish_reason": "length"}]}
COUNTED = {
    "choices": [],
    "usage": {"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 4}},
}
GOOD = Reply(events=[piece(content="hi"), ENDED, COUNTED])


@pytest.fixture
def plain() -> Iterator[Double]:
    models = Reply(body={"data": [{"id": "some-model", "context_length": 131_072}]})
    with double({CHAT: [GOOD], "/v1/models": [models]}) as running:
        yield running


def body_of(server: Double, number: int = -1, path: str = CHAT) -> dict[str, object]:
    body = server.bodies(path)[number]
    assert isinstance(body, dict)
    return body


def test_a_plain_server_gets_no_field_that_only_others_know(plain: Double) -> None:
    events = list(client(plain.url).stream(ASKED))
    assert events == [Delta("hi"), Usage(9, None, 4, "length")]
    assert set(body_of(plain)) == {"model", "messages", "max_tokens", "stream", "stream_options"}
    assert body_of(plain)["messages"] == [
        {"role": "system", "content": "é"},
        {"role": "user", "content": "why?"},
    ]


@pytest.mark.parametrize(
    ("effort", "sent"),
    [(Effort.OFF, None), (Effort.LOW, "low"), (Effort.HIGH, "high"), (Effort.MAX, "high")],
)
def test_effort_is_spelled_as_everyone_does(
    plain: Double, effort: Effort, sent: str | None
) -> None:
    list(client(plain.url).stream(replace(ASKED, effort=effort)))
    assert body_of(plain).get("reasoning_effort") == sent


def test_v4_on_ones_own_server_is_told_through_its_template(plain: Double) -> None:
    engine = client(plain.url, model="deepseek-ai/DeepSeek-V4-Flash-0731")
    list(engine.stream(replace(ASKED, effort=Effort.MAX)))
    assert body_of(plain)["chat_template_kwargs"] == {"thinking": True}
    assert body_of(plain)["reasoning_effort"] == "max"
    assert "thinking" not in body_of(plain)


@pytest.mark.parametrize("name", ["stream_options", "temperature", "reasoning_effort"])
def test_a_refused_field_is_left_out_from_then_on(plain: Double, name: str) -> None:
    message = f"Unsupported parameter: '{name}' is not supported with this model."
    refusal = Reply(400, {"error": {"message": message}})
    plain.replies[CHAT] = [refusal, GOOD]
    lines: list[str] = []
    engine = client(plain.url, say=lines.append)
    asked = replace(ASKED, effort=Effort.HIGH, temperature=0.5)
    assert Delta("hi") in list(engine.stream(asked))
    list(engine.stream(asked))
    assert [name in body_of(plain, n) for n in range(3)] == [True, False, False]
    assert lines == [f"{plain.url} does not take {name}: asked without it"]


def test_the_answers_limit_goes_by_its_newer_name_where_it_must(plain: Double) -> None:
    message = "'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    plain.replies[CHAT] = [Reply(400, {"error": {"message": message}}), GOOD]
    list(client(plain.url).stream(ASKED))
    assert "max_tokens" not in body_of(plain)
    assert body_of(plain)["max_completion_tokens"] == 50


def test_another_refusal_is_not_tried_again(plain: Double) -> None:
    plain.replies[CHAT] = [Reply(400, {"error": {"message": "the moon is full"}})]
    with pytest.raises(EngineError, match="the moon is full"):
        list(client(plain.url).stream(ASKED))
    assert len(plain.bodies(CHAT)) == 1


@pytest.mark.parametrize(
    ("said", "window"),
    [
        ("This model's maximum context length is 128000 tokens. However, your messages", 128_000),
        ("The input (516368 tokens) is longer than the model's context length (262144 tokens).",
         262_144),
        ("Requested token count exceeds the model's maximum context length of 131072 tokens. You"
         " requested a total of 140000 tokens", 131_072),
        ("This endpoint's maximum context length is 163,840 tokens.", 163_840),
        ("the request exceeds the available context size (4096 tokens), try increasing it", 4_096),
        ("'max_tokens' or 'max_completion_tokens' is too large: 8192. This model's maximum context"
         " length is 4096 tokens and your request has 100 input tokens", 4_096),
        ("the request exceeds the available context size. try increasing it", None),
        ("prompt too long; exceeded max context length by 1200 tokens", None),
    ],
)  # fmt: skip
def test_windows_are_read_from_what_servers_say(
    plain: Double, said: str, window: int | None
) -> None:
    plain.replies[CHAT] = [Reply(400, {"error": {"message": said}})]
    told = f"--budget {window}" if window else "a smaller --budget"
    with pytest.raises(BudgetError, match=told):
        list(client(plain.url).stream(ASKED))
    assert len(plain.bodies(CHAT)) == 1, "no field was blamed"


@pytest.mark.parametrize("name", ["max_model_len", "context_length", "context_window"])
def test_a_window_is_found_under_whatever_name(plain: Double, name: str) -> None:
    plain.replies["/v1/models"] = [Reply(body={"data": [{"id": "m", name: 32_768}]})]
    served = client(plain.url).served()
    assert (served.window, served.encoding, served.prefix_units) == (32_768, None, None)


def test_lm_studio_tells_how_long_a_model_is_loaded(plain: Double) -> None:
    plain.replies["/v1/models"] = [Reply(body={"data": [{"id": "m"}]})]
    entry = {"id": "m", "max_context_length": 131_072, "loaded_context_length": 8_192}
    plain.replies["/api/v0/models"] = [Reply(body={"data": [entry]})]
    assert client(plain.url).served().window == 8_192


def test_a_model_must_be_named_where_there_are_several(plain: Double) -> None:
    plain.replies["/v1/models"] = [Reply(body={"data": [{"id": "a"}, {"id": "b"}]})]
    with pytest.raises(EngineError, match="serves a, b: choose with --model"):
        client(plain.url).served()
    assert client(plain.url, model="b").served().model == "b"
    del plain.replies["/v1/models"]
    with pytest.raises(EngineError, match="lists no models"):
        client(plain.url).served()


def test_a_model_that_is_not_there_is_not_taken_for_a_wrong_url(plain: Double) -> None:
    message = "The model `gpt-9` does not exist or you do not have access to it."
    plain.replies[CHAT] = [Reply(404, {"error": {"message": message, "code": "model_not_found"}})]
    with pytest.raises(EngineError, match=r"no such model: The model `gpt-9` does not exist"):
        list(client(plain.url, model="gpt-9").stream(ASKED))


@pytest.mark.parametrize(
    ("url", "version"),
    [
        ("https://api.deepseek.com", "/v1"),
        ("https://api.openai.com/v1/", "/v1"),
        ("https://openrouter.ai/api/v1", "/v1"),
        ("https://host/api/v3", ""),
        ("https://host/v1beta/openai/", ""),
    ],
)
def test_a_base_url_may_have_a_path_of_its_own(url: str, version: str) -> None:
    assert version_in(url) == version


def test_a_path_of_its_own_is_kept(plain: Double) -> None:
    plain.replies["/api/v3/chat/completions"] = [GOOD]
    list(client(f"{plain.url}/api/v3/", model="m").stream(ASKED))
    assert len(plain.bodies("/api/v3/chat/completions")) == 1


def test_isolation_that_cannot_be_had_is_refused(plain: Double) -> None:
    with pytest.raises(UsageError, match="--isolate"):
        list(client(plain.url).stream(replace(ASKED, salt="secret")))
    assert not plain.bodies(CHAT)


def test_reasoning_under_its_other_name(plain: Double) -> None:
    plain.replies[CHAT] = [Reply(events=[piece(reasoning="hm"), piece(content="hi"), ENDED])]
    assert Reasoning("hm") in list(client(plain.url).stream(ASKED))


def test_it_needs_a_base_url_and_doctor_knows_it(plain: Double) -> None:
    with pytest.raises(UsageError, match=r"--base-url https://api\.deepseek\.com"):
        engine_for("openai", Connection())
    served = probe(Connection(plain.url))
    assert served is not None
    assert (served.engine, served.model, served.window) == ("openai", "some-model", 131_072)

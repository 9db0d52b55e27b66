"""The Ollama client, against a double that behaves as Ollama's documentation and source say."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from engines.ollama_double import Model, OllamaDouble, ollama, tokens
from engines.scripted_server import Reply, double
from hypothesis import given
from hypothesis import strategies as st

from longctx.engines import Connection, Delta, Reasoning, Request, Usage, engine_for
from longctx.engines.ollama import SPARE, Ollama, context_for
from longctx.engines.probing import probe
from longctx.errors import BudgetError, EngineError, UsageError
from longctx.prompt import Effort, Message, Role


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waited: list[float] = []
    monkeypatch.setattr("longctx.engines.http.time.sleep", waited.append)
    return waited


@pytest.fixture
def server() -> Iterator[OllamaDouble]:
    with ollama() as running:
        yield running


CLIENTS: list[Ollama] = []


@pytest.fixture(autouse=True)
def closing() -> Iterator[None]:
    yield
    while CLIENTS:
        CLIENTS.pop().close()


def client(server: OllamaDouble, **more: object) -> Ollama:
    connection = Connection(base_url=server.url, **more)  # type: ignore[arg-type]  # test values
    CLIENTS.append(Ollama(connection))
    return CLIENTS[-1]


def asked(words: int, within: int = 0, **more: object) -> Request:
    """A prompt of about so many tokens, with its true count."""
    messages = (
        Message(Role.SYSTEM, "be short"),
        Message(Role.USER, "word " * words),
        Message(Role.ASSISTANT, "yes"),
        Message(Role.USER, "why?"),
    )
    count = tokens([{"role": str(m.role), "content": m.content} for m in messages])
    request = Request(100, Effort.OFF, messages=messages, tokens=count, within=within)
    return replace(request, **more)  # type: ignore[arg-type]  # test values


def context(server: OllamaDouble, number: int = -1) -> int:
    options = server.heard[number]["options"]
    assert isinstance(options, dict)
    size = options["num_ctx"]
    assert isinstance(size, int)
    return size


def test_an_answer_streams_and_is_counted(server: OllamaDouble) -> None:
    request = asked(50, temperature=0.5)
    events = list(client(server).stream(request))
    assert "".join(e.text for e in events if isinstance(e, Delta)) == server.answer
    assert events[-1] == Usage(request.tokens, 6, None, "stop"), "cached tokens are never told"
    (body,) = server.heard
    assert (body["truncate"], body["shift"], body["keep_alive"]) == (False, False, "1h")
    assert body["options"] == {"num_ctx": 4_096, "num_predict": 100, "temperature": 0.5}


def test_the_context_is_what_prompt_and_answer_need(server: OllamaDouble) -> None:
    request = asked(30_000, within=1_000)
    list(client(server).stream(request))
    needed = (request.tokens or 0) + 1_000 + 100 + SPARE
    assert needed <= context(server) <= 1.15 * needed


def test_small_changes_do_not_reload_the_model(server: OllamaDouble) -> None:
    engine = client(server)
    for words in (30_000, 30_200, 29_000, 5, 30_500):
        list(engine.stream(asked(words)))
    assert len(server.loads) == 1
    list(engine.stream(asked(60_000)))
    assert len(server.loads) == 2
    list(engine.stream(asked(30_000)))
    assert len(server.loads) == 2, "a smaller context would lose what is cached"


def test_another_process_keeps_to_the_context_that_is_loaded(server: OllamaDouble) -> None:
    server.loaded["llama3.2:latest"] = 77_777
    list(client(server).stream(asked(30_000)))
    assert context(server) == 77_777
    assert server.loads == []


def test_a_prompt_beyond_the_models_window_is_not_sent(server: OllamaDouble) -> None:
    server.models["llama3.2:latest"] = Model(context=8_192)
    with pytest.raises(BudgetError, match=r"window is 8,192: use --budget 8192"):
        list(client(server).stream(asked(10_000)))
    assert server.heard == []
    list(client(server).stream(asked(7_900)))
    assert context(server) == 8_192, "no more than the model takes"


def test_a_prompt_that_was_counted_too_low_is_refused_by_ollama(server: OllamaDouble) -> None:
    with pytest.raises(BudgetError, match=r"smaller --budget.*exceeded max context length by"):
        list(client(server).stream(asked(30_000, tokens=3_000)))


def test_a_prompt_that_an_old_ollama_cuts_is_noticed(server: OllamaDouble) -> None:
    server.knows_truncate = False
    server.models["llama3.2:latest"] = Model(context=4_096)
    seen = []
    request = asked(30_000)
    engine = client(server)
    engine.served()
    engine._told = replace(engine._told, window=None)  # type: ignore[type-var]  # it was asked
    with pytest.raises(EngineError, match=r"it cut the prompt.*Update Ollama"):
        for event in engine.stream(request):
            seen.append(event)
    assert not any(isinstance(event, Usage) for event in seen), "the turn is not kept"


def test_an_estimate_that_is_off_is_not_taken_for_a_cut(server: OllamaDouble) -> None:
    request = asked(1_000)
    guess = (request.tokens or 0) + 300
    *_, usage = client(server).stream(replace(request, tokens=guess, within=310))
    assert isinstance(usage, Usage)
    assert usage.prompt_tokens == request.tokens


def test_without_a_count_the_text_tells_the_context(server: OllamaDouble) -> None:
    list(client(server).stream(asked(30_000, tokens=None)))
    assert context(server) >= tokens([{"content": "word " * 30_000}])


def test_thinking_is_asked_of_models_that_can(server: OllamaDouble) -> None:
    server.models = {"q": Model(capabilities=("completion", "thinking"))}
    events = list(client(server).stream(asked(5, effort=Effort.HIGH)))
    assert Reasoning("Let me look.") in events
    list(client(server).stream(asked(5)))
    assert [body["think"] for body in server.heard] == [True, False]
    server.models = {"g": Model(capabilities=("thinking",), family="gptoss")}
    list(client(server, model="g").stream(asked(5, effort=Effort.MAX)))
    assert server.heard[-1]["think"] == "high"


def test_a_model_that_cannot_think_is_asked_without(server: OllamaDouble) -> None:
    lines: list[str] = []
    list(client(server, say=lines.append).stream(asked(5, effort=Effort.HIGH)))
    assert "think" not in server.heard[0]
    assert any("cannot think" in line for line in lines)


def test_models_go_by_their_short_names_and_the_loaded_one_is_taken(server: OllamaDouble) -> None:
    server.models["qwen3:8b"] = Model(context=40_960)
    assert client(server).served().model == "llama3.2:latest"
    server.loaded["qwen3:8b"] = 4_096
    served = client(server).served()
    assert (served.model, served.window, served.version) == ("qwen3:8b", 40_960, "0.31.0")
    assert served.reports_cached is False
    assert client(server, model="llama3.2").served().model == "llama3.2:latest"


def test_a_missing_model_is_to_be_pulled(server: OllamaDouble) -> None:
    with pytest.raises(EngineError, match=r"`ollama pull mistral`"):
        client(server, model="mistral").served()
    engine = client(server)
    engine.served()
    server.models.clear()
    with pytest.raises(EngineError, match=r"not found.*`ollama pull llama3\.2:latest`"):
        list(engine.stream(asked(5)))
    with pytest.raises(EngineError, match="has no model"):
        client(server).served()


def test_too_little_memory_is_told_with_what_to_do(server: OllamaDouble) -> None:
    server.memory = 8_192
    with pytest.raises(EngineError, match=r"memory.*a context of 32,768 tokens.*smaller --budget"):
        list(client(server, retries=1).stream(asked(32_000)))


def test_a_prime_generates_one_token(server: OllamaDouble) -> None:
    request = asked(50)
    assert client(server).prime(request).prompt_tokens == request.tokens
    assert server.heard[0]["options"] == {"num_ctx": 4_096, "num_predict": 1}


def test_isolation_that_cannot_be_had_is_refused(server: OllamaDouble) -> None:
    with pytest.raises(UsageError, match="--isolate"):
        list(client(server).stream(asked(5, salt="secret")))


def test_a_stream_that_breaks_off_is_an_error() -> None:
    replies = {
        "/api/tags": [Reply(body={"models": [{"name": "m"}]})],
        "/api/show": [Reply(body={})],
        "/api/chat": [Reply(body={"message": {"content": "par"}, "done": False})],
    }
    with double(replies) as running:
        engine = Ollama(Connection(running.url))
        assert engine.served().window is None
        with pytest.raises(EngineError, match="ended its answer early"):
            list(engine.stream(asked(5)))
        running.replies["/api/chat"] = [Reply(body={"error": "an error was encountered"})]
        with pytest.raises(EngineError, match="an error was encountered"):
            list(engine.stream(asked(5)))
        engine.close()


def test_what_is_not_ollama_is_said_so() -> None:
    with double({}) as running:
        engine = Ollama(Connection(running.url))
        with pytest.raises(EngineError, match="is not Ollama"):
            engine.served()
        engine.close()
    with pytest.raises(UsageError, match="--base-url http://HOST:11434"):
        engine_for("ollama", Connection())


def test_doctor_knows_it(server: OllamaDouble) -> None:
    served = probe(Connection(server.url))
    assert served is not None
    assert (served.engine, served.model, served.window) == ("ollama", "llama3.2:latest", 131_072)


@given(st.integers(1, 4_000_000))
def test_a_context_holds_what_is_asked_and_little_more(needed: int) -> None:
    size = context_for(needed)
    assert needed <= size <= max(4_096, 1.13 * needed, needed + 4_096)

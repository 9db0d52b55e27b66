"""Which engine answers, and in what form prompts go to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from engines.scripted_server import Double, Reply, double
from opened import session_over

from longctx.api import Connection, Places, connect, load
from longctx.api import connecting as module
from longctx.engines import Takes
from longctx.errors import BudgetError, EngineError, EngineUnavailable
from longctx.prompt import Effort, Prompt, Role, Segment
from longctx.session import refuse_overlong
from longctx.template import template_for
from longctx.tokens import tokenizer_for

SAMPLES = Path(__file__).parents[2] / "sample_corpora"


def sample_ids(effort: Effort) -> list[int]:
    ids = tokenizer_for("deepseek-v4").encode(module.SAMPLE)
    segments = tuple(Segment(role, "s", module.SAMPLE, ids) for role in (Role.SYSTEM, Role.USER))
    return template_for("deepseek-v4").encode(Prompt(segments), effort).tolist()


@pytest.fixture
def server() -> Iterator[Double]:
    replies = {
        "/server_info": [Reply(body={"version": "0.5.23", "context_length": 50_000})],
        "/v1/models": [Reply(body={"data": [{"id": "model"}]})],
        "/tokenize": [Reply(body={"tokens": sample_ids(Effort.OFF)})],
    }
    with double(replies) as running:
        yield running


def test_a_server_that_encodes_as_we_do_gets_ids(server: Double) -> None:
    connected = connect("auto", Connection(server.url))
    assert (connected.served.engine, connected.takes) == ("sglang", Takes.IDS)
    connected.engine.close()


def test_a_server_that_encodes_otherwise_gets_messages_and_counts(server: Double) -> None:
    said: list[str] = []
    server.replies["/tokenize"] = [Reply(body={"tokens": [1, 2, 3]})]
    connected = connect("sglang", Connection(server.url), say=said.append)
    assert connected.takes is Takes.MESSAGES
    assert connected.tokenizer.encode("any text").tolist() == [1, 2, 3]
    assert "does not encode chats as DeepSeek V4" in said[0]
    connected.engine.close()


def test_an_effort_that_the_server_renders_otherwise_is_noticed(server: Double) -> None:
    connected = connect("sglang", Connection(server.url), effort=Effort.MAX)
    assert connected.takes is Takes.MESSAGES
    connected.engine.close()


@pytest.mark.parametrize(
    ("model", "takes"), [("DeepSeek_V4-Flash", Takes.IDS), ("llama", Takes.MESSAGES)]
)
def test_where_the_server_does_not_tokenize_its_models_name_decides(
    server: Double, model: str, takes: Takes
) -> None:
    del server.replies["/tokenize"]
    server.replies["/v1/models"] = [Reply(body={"data": [{"id": model}]})]
    connected = connect("sglang", Connection(server.url))
    assert connected.takes is takes
    if takes is Takes.MESSAGES:
        with pytest.raises(EngineError, match="--tokenizer"):
            connected.tokenizer.encode("x")
    connected.engine.close()


def test_a_server_that_was_named_must_answer() -> None:
    with pytest.raises(EngineUnavailable):
        connect("auto", Connection("http://127.0.0.1:9", retries=0))


def test_without_any_server_the_embedded_engine_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WELL_KNOWN", (("sglang", "http://127.0.0.1:9"),))
    assert connect().served.engine == "extractive"


def test_a_server_on_its_usual_port_is_found_and_said(
    server: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WELL_KNOWN", (("sglang", server.url),))
    said: list[str] = []
    connected = connect(say=said.append)
    assert said == [f"using sglang at {server.url} (model)"]
    connected.engine.close()


def test_something_else_on_that_port_is_passed_over_and_gets_no_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with double({}) as other:
        monkeypatch.setattr(module, "WELL_KNOWN", (("sglang", other.url),))
        said: list[str] = []
        connected = connect(connection=Connection(api_key="secret"), say=said.append)
        assert connected.served.engine == "extractive"
        assert "is not SGLang" in said[0]
        assert other.asked
        assert not any("Authorization" in headers for _, headers, _ in other.asked)


def test_what_answers_on_a_port_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    replies = {
        "/version": [Reply(body={"version": "0.32.0"})],
        "/v1/models": [Reply(body={"data": [{"id": "model"}]})],
    }
    with double(replies) as other:
        monkeypatch.setattr(module, "WELL_KNOWN", (("sglang", other.url),))
        for connection in (None, Connection(other.url)):
            connected = connect(connection=connection)
            assert connected.served.engine == "vllm"
            connected.engine.close()


def test_the_window_is_capped_by_the_server(server: Double, tmp_path: Path) -> None:
    connected = connect("sglang", Connection(server.url))
    loaded = load([str(SAMPLES / "handbook")], Places(tmp_path, tmp_path))
    said: list[str] = []
    session = session_over(loaded.corpus, connected, tmp_path, say=said.append)
    ready = session.prepare("when?")
    assert ready.budget is not None
    assert ready.budget.window == 50_000
    assert said == ["profile flash is capped at the server's window of 50,000 tokens"]
    assert ready.predicted_tokens is not None
    assert ready.predicted_tokens + ready.budget.answer <= 50_000
    session.close()


@pytest.mark.parametrize(("tokens", "window"), [(90, 99), (None, 5), (1_000_000, None), (100, 110)])
def test_a_prompt_that_may_fit_is_sent(tokens: int | None, window: int | None) -> None:
    refuse_overlong(tokens, 9, window)


def test_a_prompt_that_the_server_would_refuse_is_never_sent() -> None:
    with pytest.raises(BudgetError, match=r"takes 91 tokens.*window is 99"):
        refuse_overlong(91, 9, 99)

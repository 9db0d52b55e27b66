"""Sessions over engines that send messages: what their prompts take and hit, before and after the
server has told. Against doubles of DeepSeek's API and of Ollama."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from engines.deepseek_double import KEY, DeepSeek, deepseek
from engines.ollama_double import Model, OllamaDouble, ollama
from hypothesis import given
from hypothesis import strategies as st
from opened import session_over

from longctx.api import Ask, Connected, Connection, Session, Turn, connect
from longctx.api import connecting as module
from longctx.api.reckoning import corrected
from longctx.api.turn_facts import facts_of, turn_of
from longctx.budget import EXACT, Gauge, Trust
from longctx.cli.answering import cache_line, tell
from longctx.corpus import Corpus, Document
from longctx.engines import Takes, hosted
from longctx.errors import BudgetError
from longctx.prompt import Effort
from longctx.store import Kept

CORPUS = Corpus.of(
    Document(f"src/m{n}.py", f"def f{n}():  # <｜User｜>\n    return {n}\n" * 40) for n in range(8)
)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[DeepSeek]:
    monkeypatch.setattr(hosted, "host_of", lambda url: "api.deepseek.com")
    with deepseek() as running:
        yield running


@pytest.fixture
def server() -> Iterator[OllamaDouble]:
    with ollama() as running:
        yield running


def at(
    double: DeepSeek | OllamaDouble, effort: Effort = Effort.OFF, tokenizer: str | None = None
) -> Connected:
    key = KEY if isinstance(double, DeepSeek) else None
    return connect("auto", Connection(double.url, api_key=key), tokenizer, effort)


@contextmanager
def session(
    connected: Connected,
    folder: Path,
    wanted: Ask | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Iterator[Session]:
    opened = session_over(CORPUS, connected, folder, wanted or Ask(answer=500), say)
    try:
        yield opened
    finally:
        opened.close()


def asked(session: Session, question: str) -> Turn:
    *_, turn = session.ask(question)
    assert isinstance(turn, Turn)
    return turn


def test_deepseek_is_found_by_its_url_and_counted_with_its_own_vocabulary(
    api: DeepSeek, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    connected = at(api)
    assert (connected.served.engine, connected.takes) == ("openai", Takes.MESSAGES)
    with session(connected, tmp_path) as opened:
        first = asked(opened, "where is auth?")
        second = asked(opened, "and who calls it?")
    assert first.predicted_tokens == first.usage.prompt_tokens
    assert (first.predicted_within, second.predicted_within) == (64, 0), "then it is known"
    assert second.predicted_tokens == second.usage.prompt_tokens
    tell(first)
    assert "± 64" in capsys.readouterr().err


def test_what_its_encoding_has_besides_is_learned(
    api: DeepSeek, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    api.extra = 300
    with session(at(api), tmp_path) as opened:
        first, second = asked(opened, "where is auth?"), asked(opened, "and why?")
    assert first.usage.prompt_tokens == (first.predicted_tokens or 0) + 300
    tell(first)
    assert "the next estimate goes by that" in capsys.readouterr().err
    assert second.usage.prompt_tokens == second.predicted_tokens
    assert second.predicted_within == 16


def test_its_cache_is_predicted_as_it_promises(api: DeepSeek, tmp_path: Path) -> None:
    api.answer = "It is in the identity service. " * 30  # more than a unit's multiple
    turns = []
    for number in range(4):
        with session(at(api), tmp_path) as opened:
            turns.append(asked(opened, f"question {number}?"))
    with session(at(api), tmp_path) as opened:
        turns += [asked(opened, "question 5?"), asked(opened, "and then?")]
    predicted = [turn.predicted_cached or 0 for turn in turns]
    reported = [turn.usage.cached_tokens or 0 for turn in turns]
    assert predicted[:2] == [0, 0], "neither the first prompt nor its end is in the second"
    assert min(predicted[2:]) > 0.8 * (turns[0].usage.prompt_tokens or 0)
    assert predicted[5] > predicted[4], "a follow-up contains the prompt and the answer before it"
    assert all(p <= r for p, r in zip(predicted, reported, strict=True))
    assert not any(turn.cause for turn in turns)
    assert "best effort" in cache_line(turns[-1])


def test_less_than_promised_is_said_and_not_called_a_bug(api: DeepSeek, tmp_path: Path) -> None:
    with session(at(api), tmp_path) as opened:
        asked(opened, "where is auth?")
        api.units.clear()
        turn = asked(opened, "and why?")
    assert turn.usage.cached_tokens == 0
    assert "best effort" in turn.cause


def test_what_is_not_reported_is_no_miss(api: DeepSeek, tmp_path: Path) -> None:
    api.reports_cache = False
    with session(at(api), tmp_path) as opened:
        asked(opened, "where is auth?")
        turn = asked(opened, "and why?")
    assert (turn.usage.cached_tokens, turn.cause) == (None, "")
    assert "not reported" in cache_line(turn)


def test_after_thinking_only_what_is_surely_repeated_is_predicted(
    api: DeepSeek, tmp_path: Path
) -> None:
    connected = at(api, Effort.HIGH)
    with session(connected, tmp_path, Ask(effort=Effort.HIGH, answer=500)) as opened:
        turns = [asked(opened, question) for question in ("where?", "who?", "why?")]
    assert turns[0].reasoning == api.reasoning
    for turn in turns:
        assert (turn.predicted_cached or 0) <= (turn.usage.cached_tokens or 0)


def test_ollama_is_found_counted_roughly_and_then_well(
    server: OllamaDouble, tmp_path: Path
) -> None:
    lines: list[str] = []
    connected = at(server)
    assert connected.served.engine == "ollama"
    with session(connected, tmp_path, say=lines.append) as opened:
        turns = [asked(opened, question) for question in ("where?", "who?", "why?", "when?")]
    assert len([line for line in lines if "± 35%" in line]) == 1, "until it has counted"
    for turn in turns:
        assert turn.predicted_tokens is not None
        assert turn.usage.prompt_tokens is not None
        assert abs(turn.predicted_tokens - turn.usage.prompt_tokens) <= turn.predicted_within
        assert (turn.predicted_cached, turn.usage.cached_tokens) == (None, None)
    assert turns[3].predicted_within < turns[0].predicted_within / 3
    assert len(server.loads) == 1, "one context for the session"


def test_ollama_on_its_port_is_found_without_a_word_of_the_user(
    server: OllamaDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WELL_KNOWN", (("ollama", server.url),))
    lines: list[str] = []
    connected = connect(say=lines.append)
    assert connected.served.engine == "ollama"
    assert lines[0] == f"using ollama at {server.url} (llama3.2:latest)"
    connected.engine.close()


def test_a_prompt_never_exceeds_the_window_though_its_vocabulary_has_more_tokens(
    server: OllamaDouble, tmp_path: Path
) -> None:
    server.models = {"small": Model(context=6_000)}
    server.letters = 3
    with session(at(server), tmp_path, Ask(answer=500, focus=0)) as opened:
        turns = [asked(opened, question) for question in ("where?", "who?")]
    for turn in turns:
        assert turn.usage.prompt_tokens is not None
        assert turn.usage.prompt_tokens + 500 <= 6_000
    assert (turns[0].usage.prompt_tokens or 0) > 1.03 * (turns[0].predicted_tokens or 0)


def test_the_base_stays_while_estimates_get_better(server: OllamaDouble, tmp_path: Path) -> None:
    server.models = {"small": Model(context=12_000)}
    digests = []
    for number in range(3):
        with session(at(server), tmp_path, Ask(answer=500)) as opened:
            asked(opened, f"question {number}?")
            digests.append(opened.shown().lineage.base.digest)
    assert len(set(digests[1:])) == 1


def test_a_named_tokenizer_is_trusted_more(server: OllamaDouble) -> None:
    connected = at(server, tokenizer="deepseek-v4")
    assert 0 < connected.gauge.error < 0.1
    connected.engine.close()


@pytest.mark.parametrize(("window", "said"), [(None, 1), (100_000, 0)])
def test_a_window_that_is_not_told_is_assumed_aloud(
    api: DeepSeek, tmp_path: Path, window: int | None, said: int
) -> None:
    lines: list[str] = []
    connected = connect("openai", Connection(api.url, "other", KEY))
    with session(connected, tmp_path, Ask(window=window), lines.append) as opened:
        opened.prepare("where?")
    assert len([line for line in lines if "does not tell its window" in line]) == said


def test_a_budget_beyond_the_window_is_refused_before_sending(
    api: DeepSeek, tmp_path: Path
) -> None:
    with (
        session(at(api), tmp_path, Ask(window=20_000, answer=19_500)) as opened,
        pytest.raises(BudgetError, match="too small"),
    ):
        asked(opened, "where?")
    assert api.heard == []


def test_a_turn_is_kept_with_what_its_count_was_worth(api: DeepSeek, tmp_path: Path) -> None:
    with session(at(api), tmp_path) as opened:
        turn = asked(opened, "where?")
        (kept,) = opened.turns
    assert (kept.predicted_within, kept.best_effort) == (64, True)
    assert kept == turn
    connected = at(api)
    facts = json.loads(facts_of(turn, connected.served))
    connected.engine.close()
    del facts["best_effort"], facts["usage"]["predicted_within"]
    old = Kept(1, "s", None, "", "q", "a", "", json.dumps(facts), b"", b"", ())
    assert (turn_of(old).predicted_within, turn_of(old).best_effort) == (0, False)


counts = st.lists(
    st.tuples(st.integers(1_000, 10**6), st.floats(0.75, 1.3)), min_size=1, max_size=9
)


@given(counts)
def test_a_corrected_estimate_would_have_held_what_was_seen(seen: list[tuple[int, float]]) -> None:
    observed = [(ours, round(ours * ratio)) for ours, ratio in seen]
    gauge = corrected(Gauge(Trust.ESTIMATED, error=0.35, around=256), observed)
    for ours, its in observed:
        assert abs(gauge.expected(ours) - its) <= gauge.within(ours)
    assert gauge.error >= 0.03


@given(st.integers(0, 500), st.integers(1, 3))
def test_a_known_vocabulary_differs_by_a_constant(apart: int, times: int) -> None:
    given_ = Gauge(Trust.ESTIMATED, around=64)
    gauge = corrected(given_, [(1_000 * n, 1_000 * n + apart) for n in range(1, times + 1)])
    assert gauge.expected(5_000) == 5_000 + apart
    assert (gauge == EXACT) is (apart == 0)


gauges = st.builds(
    Gauge,
    st.just(Trust.ESTIMATED),
    ratio=st.floats(0.5, 2),
    offset=st.integers(0, 300),
    error=st.floats(0, 0.5),
    around=st.integers(0, 300),
)


@given(gauges, st.integers(1_000, 2_000_000))
def test_what_a_margin_leaves_fits(gauge: Gauge, tokens: int) -> None:
    counted = tokens - gauge.margin(tokens)
    if counted > 0:
        assert gauge.expected(counted) + gauge.within(counted) <= tokens
    assert EXACT.margin(tokens) == 0

"""What a few prompts show: sent to the scripted engine, which simulates a cache, and judged."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from longctx.api.doctoring import Aim, Place, measure
from longctx.api.doctoring.gathering import Facts
from longctx.api.doctoring.judging import Answered, Measured, judged
from longctx.api.doctoring.measuring import QUESTIONS, Measuring
from longctx.api.rates import TELLING, keep_rate, rate_of
from longctx.engines import Connection, Event, Request, Served, Takes, Usage
from longctx.engines.findings import Finding, Severity
from longctx.engines.radix_tree import V4, Rules
from longctx.engines.scripted import Scripted
from longctx.prompt import Effort
from longctx.store import Store
from longctx.template import template_for
from longctx.tokens import tokenizer_for

TOKENS = 3_000


class Quoting(Scripted):
    """A double that finds what it is asked to find: the code word behind its mark."""

    def stream(self, request: Request) -> Iterator[Event]:
        if "code word" in request.question:
            self._answers = [f"The code word of the night watch is {self.code}."]
        yield from super().stream(request)

    code = ""


class Counting(Scripted):
    """A double of a server that counts: it takes messages and reports what it likes."""

    def __init__(self, cached: list[int | None]) -> None:
        super().__init__(["yes"])
        self.requests: list[Request] = []
        self._cached = cached

    def takes(self) -> tuple[Takes, ...]:
        return (Takes.MESSAGES,)

    def stream(self, request: Request) -> Iterator[Event]:
        self.requests.append(request)
        yield Usage(4_000, 1, self._cached.pop(0))


def measuring(engine: Scripted, tokens: int = TOKENS) -> Measuring:
    return Measuring(
        engine, engine.served(), tokenizer_for("deepseek-v4"), template_for("deepseek-v4"), tokens
    )


def about(measured: Measured, served: Served) -> dict[str, Finding]:
    return {each.about: each for each in judged(measured, served)}


@pytest.mark.parametrize("rules", [Rules(), Rules(page=64), V4])
def test_a_server_that_keeps_prefixes_is_seen_to(rules: Rules) -> None:
    engine = Scripted(["yes"], rules=rules)
    measured = measuring(engine).run()
    assert measured.sent is not None
    assert TOKENS * 0.9 < measured.sent < TOKENS * 1.1
    assert measured.expected is not None
    assert measured.expected % rules.page == 0
    assert measured.expected > TOKENS * 0.8
    assert len(measured.cached) == QUESTIONS
    # The questions may begin alike.
    assert all(0 <= (count or 0) - measured.expected < 10 for count in measured.cached)
    assert measured.prefilled == measured.sent
    found = about(measured, engine.served())
    assert found["prefix reuse"].severity is Severity.OK
    assert found["prompt tokens"].severity is Severity.OK


def test_each_measurement_begins_cold() -> None:
    engine = Scripted(["yes"])
    first, second = measuring(engine).run(), measuring(engine).run()
    assert (first.cold.usage.cached_tokens, second.cold.usage.cached_tokens) < (50, 50)


def test_no_more_than_half_the_window_is_taken() -> None:
    measured = measuring(Scripted(["yes"], window=4_000), 32_768).run()
    assert measured.sent is not None
    assert 1_500 < measured.sent < 2_300


def test_a_quoted_sentence_is_found_and_its_absence_told() -> None:
    engine = Quoting(["yes"])
    asking = measuring(engine)
    engine.code = asking.code
    found = asking.run()
    assert found.found
    assert about(found, engine.served())["quoting"].severity is Severity.OK
    lost = measuring(Scripted(["The code word of the night watch is amber-0."])).run()
    assert not lost.found
    assert about(lost, engine.served())["quoting"].severity is Severity.ADVICE


def test_the_sentence_is_in_the_middle_and_only_there() -> None:
    engine = Scripted(["yes"])
    asking = measuring(engine)
    before, after = asking._prefix.text.split(asking.code)
    assert 0.4 < len(before) / len(before + after) < 0.6
    assert asking.code not in after


def test_where_the_server_counts_messages_are_sent_and_the_last_question_decides() -> None:
    # A window model keeps the shared part from the third request on.
    engine = Counting([0, 0, 3_900, 3_900, 3_900])
    measured = measuring(engine).run()
    assert all(request.ids is None and request.messages for request in engine.requests)
    assert (measured.sent, measured.expected, measured.tokens) == (None, None, 4_000)
    found = about(measured, engine.served())
    assert found["prefix reuse"].severity is Severity.OK
    assert "prompt tokens" not in found
    engine = Counting([0, 0, 0, 100, 0])
    assert about(measuring(engine).run(), engine.served())["prefix reuse"].severity == "advice"


SERVED = Served("sglang", "http://a:30000", "0.5.23", "m", page_size=1)


def shown(**told: object) -> Measured:
    """Measurements of a prefix of 30,000 tokens that went well, but for what is told."""
    cold, question = Answered(8.0, Usage(30_050, 1, 0)), Answered(0.5, Usage(30_050, 1, 30_000))
    well = Measured(30_050, 30_000, cold, None, (question,) * 3, "amber-1", "")
    return replace(well, **told)  # type: ignore[arg-type]  # any field


def cached(*counts: int | None) -> tuple[Answered, ...]:
    return tuple(Answered(0.5, Usage(30_050, 1, count)) for count in counts)


def test_the_clock_and_the_rate_are_told() -> None:
    found = about(shown(), SERVED)
    assert found["first token"].seen == "8.00 s cold, 0.50 s warm over 30,050 tokens"
    assert found["prefill rate"].seen == "3,756 tokens a second"
    for window, words in ((262_144, "70 s or more"), (1_048_576, "5 minutes or more")):
        found = about(shown(), replace(SERVED, window=window))
        assert words in found["prefill rate"].seen


def test_a_prompt_that_is_counted_otherwise_was_not_read() -> None:
    finding = about(shown(cold=Answered(1.0, Usage(5, 1, 0))), SERVED)["prompt tokens"]
    assert finding.severity is Severity.TROUBLE
    assert "5 tokens where 30,050 were sent" in finding.seen
    unsaid = about(shown(cold=Answered(1.0, Usage(None, 1, 0))), SERVED)
    assert unsaid["prompt tokens"].severity is Severity.UNKNOWN


@pytest.mark.parametrize("counts", [(0, 0, 0), (30_000, 30_000, 29_999), (4_096, 30_000, 30_000)])
def test_a_prefix_that_is_computed_again_is_told(counts: tuple[int, ...]) -> None:
    finding = about(shown(warm=cached(*counts)), SERVED)["prefix reuse"]
    assert finding.severity is Severity.ADVICE
    assert f"{counts[0]:,}" in finding.seen


def test_more_than_expected_is_well() -> None:
    """The question's first tokens may be shared too."""
    found = about(shown(warm=cached(30_001, 30_003, 30_003)), SERVED)
    assert found["prefix reuse"].severity is Severity.OK


@pytest.mark.parametrize(
    ("warm", "severity", "words"),
    [(0.5, Severity.UNKNOWN, "is reused"), (7.0, Severity.ADVICE, "takes 7.00 s where")],
)
def test_where_nothing_is_reported_the_clock_says_what_it_can(
    warm: float, severity: Severity, words: str
) -> None:
    silent = tuple(Answered(warm, Usage(30_050, 1, None)) for _ in range(3))
    finding = about(shown(warm=silent), SERVED)["prefix reuse"]
    assert finding.severity is severity
    assert words in finding.seen


def test_a_router_that_alternates_is_found_out_by_the_prime() -> None:
    router = replace(SERVED, routed=True)
    missed = shown(primed=Usage(30_000, 0, 0))
    finding = about(missed, router)["prefix reuse"]
    assert finding.severity is Severity.ADVICE
    assert "--policy cache_aware" in finding.fix
    assert about(missed, SERVED)["prefix reuse"].severity is Severity.OK
    assert about(shown(primed=Usage(30_000, 0, 29_999)), router)["prefix reuse"].severity == "ok"


def named(url: str, facts: Facts | None) -> Place:
    return Place("configured", url, facts, connection=Connection(url))


def test_the_rate_is_kept_where_warming_looks_for_it(tmp_path: Path) -> None:
    script = tmp_path / "answer.txt"
    script.write_text("yes")
    served = Scripted(["yes"]).served()
    place = named(str(script), Facts(served, "scripted", (Takes.IDS,)))
    with closing(Store.open(tmp_path / "data")) as store:
        tried = measure(place, Aim(262_144), 3_000, store)
        assert tried.measured is not None
        assert rate_of(store, served) == pytest.approx(tried.measured.rate, rel=0.01)


def test_a_small_prefill_says_nothing_of_the_rate(tmp_path: Path) -> None:
    with closing(Store.open(tmp_path)) as store:
        keep_rate(store, SERVED, TELLING - 1, 0.1)
        assert rate_of(store, SERVED) is None
        keep_rate(store, SERVED, TELLING, 0.0)
        assert rate_of(store, SERVED) is None
        keep_rate(store, SERVED, TELLING, 2.0)
        assert rate_of(store, SERVED) == 1_024.0
        assert rate_of(store, replace(SERVED, model="other")) is None


def test_what_cannot_be_asked_is_left_alone(tmp_path: Path) -> None:
    for facts in (None, Facts(SERVED), Facts(SERVED, "extractive", (Takes.EXCERPTS,))):
        place = named("http://127.0.0.1:9", facts)
        assert measure(place, Aim(1), 3_000) == place


def test_a_server_that_is_gone_meanwhile_is_a_trouble() -> None:
    facts = Facts(SERVED, "sglang", (Takes.IDS,))
    tried = measure(named("http://127.0.0.1:9", facts), Aim(1), 3_000)
    assert tried.measured is None
    (finding,) = tried.tried
    assert (finding.about, finding.severity) == ("answering", Severity.TROUBLE)


def test_effort_is_off_so_that_the_first_token_is_the_answers() -> None:
    engine = Counting([0] * 5)
    measuring(engine).run()
    assert {request.effort for request in engine.requests} == {Effort.OFF}
    assert [request.max_tokens for request in engine.requests[:4]] == [1] * 4

"""Times and money: ranges stay in order, and where renting pays it does pay."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longctx.sizing import Hosted, Question, Range, Speed, breaks_even, tables
from longctx.sizing.money import capacity
from longctx.sizing.timing import measured_speed, speed_of

TABLES = tables()
DAY = date(2026, 11, 24)

counts = st.integers(min_value=1, max_value=1_048_576)
prices = st.floats(min_value=0.0001, max_value=100)
questions = st.builds(Question, counts, counts, st.integers(min_value=1, max_value=100_000))
hosts = st.builds(
    lambda hit, miss, output: Hosted("h", min(hit, miss), max(hit, miss), output, 2, 35, DAY, "s"),
    prices,
    prices,
    prices,
)
ranges = st.builds(lambda a, b: Range(min(a, b), max(a, b)), *[st.floats(0.01, 100_000)] * 2)


def test_a_question_costs_its_tokens() -> None:
    hosted = Hosted(
        "h", hit=0.02, miss=0.66, output=1.98, peak=2, peak_hours=35, date=DAY, source=""
    )
    question = Question(shared=1_000_000, fresh=10_000, answer=1_000)
    assert hosted.cold(question) == pytest.approx(0.6666 + 0.00198)
    assert hosted.warm(question) == pytest.approx(0.02 + 0.0066 + 0.00198)
    assert hosted.with_cache(question, 0) == 0
    assert hosted.with_cache(question, 3) == pytest.approx(
        hosted.cold(question) + 2 * hosted.warm(question)
    )


@given(hosts, questions, st.integers(min_value=1, max_value=10_000))
def test_a_cache_never_costs_more(hosted: Hosted, question: Question, count: int) -> None:
    rounding = 1 + 1e-9
    assert hosted.warm(question) <= hosted.cold(question) * rounding
    cached = hosted.with_cache(question, count)
    assert cached <= hosted.without_cache(question, count) * rounding
    assert hosted.with_cache(question, count + 1) * rounding >= cached


@given(hosts, questions, ranges, ranges, st.booleans())
def test_from_the_break_on_renting_is_cheaper(
    hosted: Hosted, question: Question, rent: Range, room: Range, cached: bool
) -> None:
    found = breaks_even(hosted, question, rent, room, cached=cached)
    assert found.questions is not None
    bill = hosted.with_cache if cached else hosted.without_cache
    for needed, paid in ((found.questions.low, rent.low), (found.questions.high, rent.high)):
        assert bill(question, int(needed)) >= paid * (1 - 1e-6)
        if needed >= 2:
            assert bill(question, int(needed) - 1) <= paid * (1 + 1e-6)
    assert found.reached == (found.questions.low <= room.high)


@given(ranges, questions, st.floats(0.1, 24))
def test_times_are_ranges(speed: Range, question: Question, hours: float) -> None:
    found = Speed(speed, Range(0.003, 0.02), "s")
    assert found.prefilling(question.shared).low <= found.prefilling(question.shared).high
    room = capacity(question, found, hours)
    assert 0 <= room.low <= room.high
    # As many as fit, and no more.
    spent = found.prefilling(question.shared).low
    spent += room.high * found.answering(question.fresh, question.answer).low
    assert not room.high or spent <= hours * 3600 * (1 + 1e-9)


def test_a_range_has_an_order() -> None:
    with pytest.raises(ValueError, match="2 > 1"):
        Range(2, 1)


def test_measurements_are_stretched_to_long_prompts() -> None:
    found = speed_of("flash", "h200", 4, TABLES.measured, TABLES.slowest)
    assert found is not None
    assert found.prefill.high == pytest.approx(8_192 / 0.237)
    assert found.prefill.low == pytest.approx(found.prefill.high / TABLES.slowest)
    # More GPUs than measured are taken to be as fast; fewer are not known, nor others.
    assert speed_of("flash", "h200", 8, TABLES.measured, TABLES.slowest) == found
    assert speed_of("flash", "h200", 2, TABLES.measured, TABLES.slowest) is None
    assert speed_of("flash", "l40s", 8, TABLES.measured, TABLES.slowest) is None
    assert measured_speed(5_000, "mine").prefill.known

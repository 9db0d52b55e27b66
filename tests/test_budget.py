"""The shares add up, and a window that is too small is refused with what to do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longctx.budget import SLACK, Budget, answer_reserve, focus_reserve
from longctx.errors import BudgetError

tokens = st.integers(0, 2_000_000)


@given(tokens, tokens, tokens, tokens, tokens, tokens)
def test_shares_fill_the_window_or_are_refused(
    window: int, answer: int, instructions: int, question: int, encoding: int, focus: int
) -> None:
    budget = Budget(window, answer, instructions, question, encoding, focus)
    shares = budget.corpus + answer + instructions + question + encoding + focus + SLACK
    assert shares == window
    if budget.corpus < 64:
        with pytest.raises(BudgetError, match=r"question|--budget"):
            budget.checked()
    else:
        assert budget.checked() is budget


@given(st.integers(1, 2_000_000))
def test_the_focus_stays_small(window: int) -> None:
    assert 0 <= focus_reserve(window) <= min(4_096, window / 64)


@given(st.integers(1, 2_000_000), st.booleans())
def test_the_answer_never_takes_more_than_a_quarter(window: int, thinking: bool) -> None:
    assert 0 <= answer_reserve(window, thinking) <= window / 4


def test_a_long_question_is_named_as_the_cause() -> None:
    with pytest.raises(BudgetError, match="the question takes 300,000"):
        Budget(262_144, 8_192, 300, 300_000, 5).checked()

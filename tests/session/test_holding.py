"""An answer passes as it comes; what may be a request is kept back, and nothing is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longctx.session.holding import UNCLEAR, Held

pieces = st.lists(
    st.sampled_from(["<more>", "<mo", "re>", "\n", "<", "`", " ", "a", "<evidence>", "word " * 40])
)


def fed(texts: list[str]) -> tuple[str, str]:
    """What was passed, and what was kept back."""
    held = Held()
    return "".join(map(held.feed, texts)), held.rest()


@given(pieces)
def test_nothing_is_lost_or_moved(texts: list[str]) -> None:
    shown, rest = fed(texts)
    assert shown + rest == "".join(texts)


@given(pieces)
def test_what_is_shown_does_not_depend_on_the_pieces(texts: list[str]) -> None:
    assert fed(texts)[0].startswith(fed(["".join(texts)])[0][:1])
    letters = fed(list("".join(texts)))[0]
    assert "\n<more>" not in letters
    assert not letters.lstrip("` \t\r\n").startswith("<more>")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("<more>\ngrep x\n</more>", ""),
        ("I look it up.\n<more>\ngrep x\n</more>", ""),
        ("<evidence>\nyes</evidence>\nSo.", "<evidence>\nyes</evidence>\nSo."),
        ("<evidence>\nyes\n<more>\ngrep x", "<evidence>\nyes"),
        ("<evidence> a <more> b", "<evidence> a <more> b"),
        ("Not in the corpus.", "Not in the corpus."),
        ("x" * (UNCLEAR + 1), "x" * (UNCLEAR + 1)),
        ("Short.", ""),
    ],
)
def test_what_is_shown_at_once(said: str, shown: str) -> None:
    assert fed(list(said))[0] == shown
    assert fed([said])[0] == shown

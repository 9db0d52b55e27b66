"""The nearest anchor follows from commit ids alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from longctx.updates import AnchorRule, anchor_in
from longctx.updates.anchors import LOOK_BACK

RULE = AnchorRule(every=4)
chains = st.lists(st.integers(0, 1 << 64).map("{:040x}".format), max_size=30, unique=True)


@given(chains, st.booleans())
def test_the_nearest_commit_that_hashes_to_nothing_is_the_anchor(
    commits: list[str], cut: bool
) -> None:
    place = anchor_in(commits, cut, RULE)
    holding = [at for at, commit in enumerate(commits) if RULE.holds(commit)]
    if holding:
        assert place == holding[0]
    else:
        assert place == (None if cut or not commits else len(commits) - 1)


@given(chains, st.integers(0, 29))
def test_the_anchor_stays_while_commits_come(commits: list[str], later: int) -> None:
    place = anchor_in(commits, True, RULE)
    before = anchor_in(commits[later:], True, RULE)
    if place is not None and place >= later:
        assert before == place - later


def test_a_long_history_without_an_anchor_has_none() -> None:
    never = AnchorRule(every=1 << 31)
    commits = [f"{number:040x}" for number in range(LOOK_BACK)]
    assert anchor_in(commits, False, never) is None
    assert anchor_in(commits[1:], False, never) == LOOK_BACK - 2


def test_about_one_commit_in_so_many_is_an_anchor() -> None:
    found = sum(AnchorRule(every=16).holds(f"{number:040x}") for number in range(16_000))
    assert 850 < found < 1_150

"""Hunks applied to the text before give the text after, whoever applies them."""

from __future__ import annotations

import random
import subprocess
from itertools import chain
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from updates.reading import NO_END, applied

from longctx.updates import diffing
from longctx.updates.diffing import hunks

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pytest

LINES = (
    "a\n",
    "a\n",
    "b\n",
    "\n",
    " \n",
    "-a\n",
    "+b\n",
    "@@ -1,1 +1,1 @@\n",
    f"{NO_END}\n",
    "c\r\n",
    "c\r",
    "\x00\n",
    "\u2028x\x0b\n",
    "\ud800\n",
    "no end",
)


def joined(parts: Iterable[Iterable[str]]) -> str:
    return "".join(chain.from_iterable(parts))


some_lines = st.lists(st.sampled_from(LINES), max_size=12)
texts = some_lines.map("".join)
pairs = st.one_of(
    st.tuples(texts, texts),
    # One text edited in two places: more context than change.
    st.tuples(some_lines, some_lines, some_lines, some_lines, some_lines).map(
        lambda parts: (joined(parts[::2]), joined(parts))
    ),
)


@given(pairs, st.integers(0, 3))
def test_hunks_lead_from_before_to_after(pair: tuple[str, str], context: int) -> None:
    before, after = pair
    lines = hunks(before, after, context)
    assert lines is not None
    assert applied(lines, before) == after
    assert not any("\n" in line for line in lines)
    assert bool(lines) == (before != after)


def test_git_applies_hunks_as_we_do(tmp_path: Path) -> None:
    chance = random.Random(6)
    plain = [line for line in LINES if "\x00" not in line and "\ud800" not in line]
    for number in range(40):
        parts = [chance.choices(plain, k=chance.randrange(1, 9)) for _ in range(5)]
        before, after = joined(parts[::2]), joined(parts)
        if before == after:
            continue
        name = f"f{number}"
        (tmp_path / name).write_bytes(before.encode())
        lines = "\n".join(hunks(before, after) or ())
        patch = f"--- a/{name}\n+++ b/{name}\n{lines}\n"
        command = ["git", "apply", "--whitespace=nowarn", "-"]
        done = subprocess.run(command, cwd=tmp_path, input=patch.encode(), capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
        assert (tmp_path / name).read_bytes().decode() == after


def test_a_hunk_is_what_diff_writes() -> None:
    before = "".join(f"{number}\n" for number in range(1, 8))
    after = before.replace("2\n", "two\n").replace("7\n", "7\nend")
    assert hunks(before, after) == (
        "@@ -1,3 +1,3 @@", " 1", "-2", "+two", " 3", "@@ -7,1 +7,2 @@", " 7", "+end", NO_END
    )  # fmt: skip
    assert hunks("", "new\n") == ("@@ -0,0 +1,1 @@", "+new")
    assert hunks("old\n", "") == ("@@ -1,1 +0,0 @@", "-old")
    assert hunks("same", "same") == ()


def test_a_diff_that_costs_too_much_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diffing, "CELLS", 3)
    assert hunks("a\nb\n", "c\nd\n") is None
    assert hunks("same\na\nsame\n", "same\nb\nc\nd\nsame\n") is not None

"""A model's pattern finds lines as one would expect, and never costs more than reading them."""

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from longctx.session.grepping import pattern_of

TEXT = (
    "def verify(token):\n"
    "    return check_token(token, salt=1)\n"
    "class Berth(Thing):\n"
    "x = a.b[0] | c\n"
    "Größe, naïve café\n"
)


@pytest.mark.parametrize(
    ("pattern", "lines"),
    [
        ("token", [1, 2]),
        ("TOKEN", [1, 2]),
        ("berth|café", [3, 5]),
        (r"berth\|verify", [1, 3]),
        (r"def\s+verify\(", [1]),
        ("return.*salt", [2]),
        ("salt.*return", []),
        (r"\bclass\b", [3]),
        ("^class", [3]),
        ("thing):$", [3]),
        ("a.b[0]", [4]),
        (r"a\.b\[0\]", [4]),
        ("größe", [5]),
        ("nowhere", []),
        ("\nclass", [3]),
        ("return\nsalt", [2]),
    ],
)
def test_lines_are_found(pattern: str, lines: list[int]) -> None:
    assert pattern_of(pattern).lines_of(TEXT) == lines


@pytest.mark.parametrize("pattern", ["", "  ", "|", ".*", "^", r"\b", "||.*|"])
def test_a_pattern_without_letters_looks_for_nothing(pattern: str) -> None:
    assert not pattern_of(pattern)


words = st.text("abc .\n", max_size=60)


@given(words, st.text("abc", min_size=1, max_size=4), st.text("abc", min_size=1, max_size=4))
def test_the_same_lines_as_a_regular_expression(text: str, one: str, other: str) -> None:
    expected = {
        pattern: [
            number for number, line in enumerate(text.split("\n"), 1) if re.search(pattern, line)
        ]
        for pattern in (one, f"{one}|{other}", f"{one}.*{other}")
    }
    for pattern, lines in expected.items():
        assert pattern_of(pattern).lines_of(text) == lines


@given(st.text(), st.text())
@example("\n", "\n\n")
@example("a\n", "a\na\n")
def test_any_pattern_is_one(pattern: str, text: str) -> None:
    found = pattern_of(pattern)
    if found:
        assert set(found.lines_of(text)) <= {*range(1, text.count("\n") + 2)}


def test_hostile_patterns_and_texts_cost_little() -> None:
    text = ("a" * 5_000 + "\n") * 200
    started = time.process_time()
    for pattern in ("(a+)+$", "a.*" * 100 + "b", "a|" * 250, r"(\w*)*\s", "a" * 500 + "b"):
        if found := pattern_of(pattern):
            found.lines_of(text)
    assert time.process_time() - started < 3

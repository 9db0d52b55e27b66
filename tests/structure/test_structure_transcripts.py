"""Times of plain transcripts are found where the lines surely are speech, and nowhere else."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longctx.structure.transcripts import timestamps_in


def labels(text: str) -> list[tuple[str, str]]:
    """Each label with the line that it begins."""
    return [
        (anchor.label, text[anchor.start :].partition("\n")[0]) for anchor in timestamps_in(text)
    ]


@pytest.mark.parametrize(
    "lines",
    [
        ["00:12:31 Jane: Hello.", "00:12:40 Bob: Yes.", "00:13:00 Jane: No.", "01:00:00 Bob: Bye."],
        ["[00:12] Jane", "[00:15] Bob", "[00:31] Jane", "[01:02] Bob"],
        ["(0:01) hello", "(0:05) again", "(1:10) and", "(2:00) bye"],
        ["Jane Doe  0:12", "Bob  0:20", "Jane Doe 0:25", "Bob 1:01"],
        ["Speaker 1 [00:00:05]: Hello", "Speaker 2 [00:00:09]: Yes", "Dr. Ö: 0:15", "X 1:00"],
        [
            "[00:00:01 --> 00:00:04] so",
            "[00:00:04 --> 00:00:09] we",
            "[00:00:09] go",
            "[00:01:00] on",
        ],
    ],
)
def test_every_line_with_a_time_begins_there(lines: list[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    found = labels(text)
    assert [line for _, line in found] == lines
    assert all(label in line for label, line in found)


def test_lines_without_a_time_are_passed_by() -> None:
    text = (
        "A meeting\n\nJane  0:12\nHello there.\n\nBob  0:20\nHi.\n\nJane  0:25\nx\n\nBob  1:01\ny\n"
    )
    assert labels(text) == [
        ("0:12", "Jane  0:12"), ("0:20", "Bob  0:20"), ("0:25", "Jane  0:25"), ("1:01", "Bob  1:01")
    ]  # fmt: skip
    assert {anchor.kind for anchor in timestamps_in(text)} == {"timestamp"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "JANE: no times\nBOB: none\n" * 5,
        "12:31:05 INFO start\n12:31:06 DEBUG x\n12:31:07 INFO y\n12:31:08 WARN z\n",
        "[12:31:05] [main/INFO]: x\n[12:31:06] [main/INFO]: y\n[12:31:08] [io/WARN]: z\n" * 2,
        "12:00:01 GET /a\n12:00:02 GET /b\n12:00:03 POST /c\n12:00:04 GET /d\n",
        "09:00 Breakfast\n10:00 Talk\n11:00 Talk\n12:00 Lunch\n",
        "03:10 Jane: a\n02:10 Bob: b\n01:10 Jane: c\n00:10 Bob: d\n",
        "00:10 Jane: a\n00:10 Bob: b\n00:10 Jane: c\n00:10 Bob: d\n",
        "00:10 Jane: a\n00:20 Bob: b\n00:30 Jane: c\n",
        "00:10 Jane: a\n00:20 Bob: b\n00:30 Jane: c\n00:40 Bob: d\n" + "prose\n" * 50,
    ],
)
def test_other_texts_have_none(text: str) -> None:
    assert timestamps_in(text) == ()


@given(st.text(alphabet="0123456789:[]() JaneB\n.-", max_size=400))
def test_anchors_begin_lines(text: str) -> None:
    for anchor in timestamps_in(text):
        assert anchor.start == 0 or text[anchor.start - 1] == "\n"
        assert anchor.label in text[anchor.start :].partition("\n")[0]


def test_long_lines_and_many_lines_take_no_time() -> None:
    begin = time.process_time()
    timestamps_in("a " * 500_000 + "\n" + "00:01 x\n" * 100_000 + " " * 1_000_000)
    assert time.process_time() - begin < 3

"""Markdown while it streams: however it is cut into pieces, the same is shown."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longctx.cli.chatting.markdown import Markdown
from longctx.cli.phrasing import width

PIECES = st.lists(
    st.sampled_from(
        [*"*`#->|~ \n1.)_", "```", "**", "<evidence>", "</evidence>", "word", "é", "日本", "\r\n"]
    ),
    max_size=60,
)


def shown(pieces: list[str], columns: int = 80) -> list[tuple[str, str]]:
    """Characters with their styles."""
    written: list[tuple[str, str]] = []
    markdown = Markdown(lambda text, style: written.extend((sign, style) for sign in text), columns)
    for piece in pieces:
        markdown.feed(piece)
    markdown.finish()
    return written


def text(source: str, columns: int = 80) -> str:
    return "".join(sign for sign, _ in shown([source], columns))


def styles(source: str) -> dict[str, str]:
    """Words and the style of their first character."""
    signs = shown([source])
    line = "".join(sign for sign, _ in signs)
    return {match[0]: signs[match.start()][1] for match in re.finditer(r"\w+", line)}


@given(PIECES)
def test_pieces_do_not_matter(pieces: list[str]) -> None:
    assert shown(pieces) == shown(["".join(pieces)]) == shown(list("".join(pieces)))


@given(PIECES)
def test_only_marks_and_line_breaks_differ_from_what_was_written(pieces: list[str]) -> None:
    source = "".join(pieces)
    marks = re.compile(r"[\s*#>•│+-]")
    assert marks.sub("", text(source)) == marks.sub("", source)


@given(st.lists(st.sampled_from(["a", "word", "longer", "日本語", "**bold**", "`x`"])))
def test_no_line_is_wider_than_the_terminal(words: list[str]) -> None:
    assert all(width(line) <= 24 for line in text(" ".join(words), 24).split("\n"))


def test_words_are_styled_as_markdown_says() -> None:
    found = styles("# Head\nplain **bold** `code` 2 ** 3\n- item\n\n```py\nx = 1\n```\nafter")
    assert found["Head"] == found["bold"] == "1"
    assert found["plain"] == found["item"] == found["after"] == found["3"] == ""
    assert found["code"] == found["x"] == "36"


def test_evidence_is_dimmed_up_to_its_end_wherever_that_stands() -> None:
    found = styles('<evidence>\n[a.py:1] "quoted"</evidence>\nanswer')
    assert found["quoted"] == "2"
    assert found["answer"] == ""


@pytest.mark.parametrize(
    "source",
    [
        "a * b * c",
        "2 ** 3 ** 4",
        "__init__",
        "#hashtag",
        "1.5 times",
        "-5 degrees",
        "x**y",
        "**open",
    ],
)
def test_what_only_looks_like_a_mark_stays(source: str) -> None:
    assert text(source) == source.removeprefix("**")


def test_lists_hang_and_code_is_never_broken() -> None:
    assert text("- one two three four five six", 28) == "• one two three four five\n  six"
    code = "```\n" + "x = 1; " * 10 + "\n```\n"
    assert text(code, 24) == code

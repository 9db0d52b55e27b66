"""What a model asks for is read from its own words, however it writes them."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from longctx.engines import ToolCall
from longctx.session.looks import FAR, MOST, TOOLS, Look, Verb, look_of, looks_in

WAYS = {
    "open src/auth.py:40-80": Look(Verb.OPEN, "src/auth.py", (40, 80)),
    "open src/auth.py:40": Look(Verb.OPEN, "src/auth.py", (40, 40)),
    "open src/auth.py": Look(Verb.OPEN, "src/auth.py"),
    "- `open src/auth.py:80-40`": Look(Verb.OPEN, "src/auth.py", (40, 80)),
    "1. Open: [src/auth.py:L40-L80]": Look(Verb.OPEN, "src/auth.py", (40, 80)),
    "read src/auth.py lines 40 to 80": Look(Verb.OPEN, "src/auth.py", (40, 80)),
    'cat "my file.md":3': Look(Verb.OPEN, "my file.md", (3, 3)),
    "open src/auth.py#L40-80": Look(Verb.OPEN, "src/auth.py", (40, 80)),
    "src/auth.py:40-80": Look(Verb.OPEN, "src/auth.py", (40, 80)),
    "open Lease 2024.pdf": Look(Verb.OPEN, "Lease 2024.pdf"),
    'GREP "verify_token|check"': Look(Verb.GREP, "verify_token|check"),
    "grep(return 7)": Look(Verb.GREP, "return 7"),
    "> search where sessions expire": Look(Verb.SEARCH, "where sessions expire"),
    "outline src/": Look(Verb.OUTLINE, "src/"),
    "ls src": Look(Verb.OUTLINE, "src"),
    '{"name": "grep", "arguments": {"pattern": "x y"}}': Look(Verb.GREP, "x y"),
    '{"name": "open", "path": "a.py", "first": 3}': Look(Verb.OPEN, "a.py", (3, FAR)),
    "please show me the file": Look(Verb.UNCLEAR, "please show me the file"),
    "open": Look(Verb.UNCLEAR, "open"),
}


@pytest.mark.parametrize("line", WAYS)
def test_a_line_may_be_written_in_many_ways(line: str) -> None:
    assert looks_in(f"<more>\n{line}\n</more>") == (WAYS[line],)


@pytest.mark.parametrize(
    "said",
    [
        "<more>\ngrep x\n</more>",
        "<MORE>grep x",
        "I need more.\n\n<more>\ngrep x\n</more>\n",
        "```\n<more>\ngrep x\n</more>\n```",
        "<more>\ngrep x\n</more>\n<found>I make things up</found> and answer.",
        "<evidence>\n</evidence>\n<more>\ngrep y\n</more>\nno:\n<more>\ngrep x\n</more>",
    ],
)
def test_a_block_that_begins_or_ends_an_answer_is_a_request(said: str) -> None:
    assert looks_in(said) == (Look(Verb.GREP, "x"),)


@pytest.mark.parametrize(
    "said",
    [
        "It is there.",
        "There is no <more> for me.",
        '<evidence>\n[a.md:1] "\n<more>\ngrep x\n</more>\n"\n</evidence>\nSo it is.',
        "grep x",
        "<\\more>\ngrep x\n</more>",
    ],
)
def test_anything_else_is_an_answer(said: str) -> None:
    assert looks_in(said) == ()


def test_an_empty_block_is_unclear_and_a_long_one_is_cut() -> None:
    assert looks_in("<more></more>") == (Look(Verb.UNCLEAR, ""),)
    assert len(looks_in("<more>\n" + "grep x\n" * 1_000)) == MOST + 1
    (look,) = looks_in("<more>\ngrep " + "x" * 100_000)
    assert len(str(look)) <= 500


@given(st.text())
@example("<more>\n{" + "[" * 50_000)
@example("<more>\n" + "`" * 1_000)
def test_nothing_that_is_said_breaks_the_parser(said: str) -> None:
    for text in (said, f"<more>\n{said}", f"{said}\n<more>\nopen {said}\n</more>"):
        for look in looks_in(text):
            assert len(str(look)) < 600
            assert "\n" not in look.what
            assert look.lines is None or 1 <= look.lines[0] <= look.lines[1]


@given(st.text(), st.text())
@example("open", '{"path": "a", "first": -5, "last": "x"}')
@example("open", '{"path": "a", "first": 9, "last": 2}')
@example("open", '{"path": ["a"]}')
@example("grep", "[" * 50_000)
def test_nothing_that_is_called_breaks_the_parser(name: str, arguments: str) -> None:
    look = look_of(ToolCall(name, arguments))
    assert look.lines is None or 1 <= look.lines[0] <= look.lines[1]


def test_calls_and_lines_ask_for_the_same() -> None:
    for call, line in [
        (ToolCall("open", '{"path": "a.py", "first": 3, "last": 5}'), "open a.py:3-5"),
        (ToolCall("open", '{"path": "a.py:3-5"}'), "open a.py:3-5"),
        (ToolCall("grep", '{"pattern": "a|b"}'), "grep a|b"),
        (ToolCall("outline", '{"path": "src/"}'), "outline src/"),
        (ToolCall("search", '{"words": "a b"}'), "search a b"),
    ]:
        assert (look_of(call),) == looks_in(f"<more>\n{line}\n</more>")
    assert [tool.name for tool in TOOLS] == ["open", "grep", "outline", "search"]


def test_long_answers_are_read_in_linear_time() -> None:
    hostile = ("<more" * 20_000, "\n<more>" * 20_000, " " * 100_000 + "<more>", "open " * 50_000)
    started = time.process_time()
    for said in hostile:
        looks_in(said)
        looks_in(f"<more>\n{said}")
    assert time.process_time() - started < 2

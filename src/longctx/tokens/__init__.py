"""What a tokenizer is, and which one a name means. Implementations live one a file beside this.

A tokenizer here turns *plain* text into ids: strings such as `<｜User｜>` in a document are
ordinary text to it, whatever the model's added vocabulary says. Roles, turns and special ids are
the template's business. Nothing here knows documents, budgets or servers.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from longctx.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longctx.prompt import Ids

DEEPSEEK_V4 = "deepseek-v4"


class Tokenizer(Protocol):
    """Exact token ids of plain text."""

    @property
    def name(self) -> str:
        """Identifies vocabulary and rules: equal names give equal ids, in any process."""
        ...

    def encode(self, text: str) -> Ids:
        """The ids of one text; lone surrogates count as U+FFFD."""
        ...

    def encode_batch(self, texts: Sequence[str]) -> list[Ids]:
        """The ids of each text, in order: the fast way for many."""
        ...

    def count_batch(self, texts: Sequence[str]) -> list[int]:
        """How many ids each text has, in order."""
        ...


def without_surrogates(text: str) -> str:
    """The text with each lone surrogate, which no encoding can hold, as U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def tokenizer_for(name: str) -> Tokenizer:
    """The tokenizer that `name` means.

    `deepseek-v4`, `tiktoken:ENCODING` (such as `tiktoken:o200k_base`), or the path of a
    tokenizer.json. Raises UsageError for anything else.
    """
    if name == DEEPSEEK_V4:
        from longctx.tokens.deepseek import DeepSeekV4

        return DeepSeekV4()
    if name.startswith("tiktoken:"):
        from longctx.tokens.openai import OpenAITokenizer

        return OpenAITokenizer(name.removeprefix("tiktoken:"))
    if name.endswith(".json"):
        from longctx.tokens.tokenizer_json import TokenizerJson

        return TokenizerJson(Path(name))
    raise UsageError(
        f"no tokenizer is called {name!r}: use {DEEPSEEK_V4}, tiktoken:ENCODING,"
        " the path of a tokenizer.json, or `server` to count with the model server"
    )

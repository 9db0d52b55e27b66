"""OpenAI's encodings through tiktoken.

tiktoken fetches a vocabulary on first use and keeps it in the folder named by TIKTOKEN_CACHE_DIR;
without a network that fails, and the error says what to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx.errors import UsageError
from longctx.prompt import Ids

if TYPE_CHECKING:
    from collections.abc import Sequence


class OpenAITokenizer:
    """`o200k_base`, `cl100k_base` and the like."""

    def __init__(self, encoding: str) -> None:
        import tiktoken

        if encoding not in tiktoken.list_encoding_names():
            known = ", ".join(sorted(tiktoken.list_encoding_names()))
            raise UsageError(f"tiktoken has no encoding {encoding!r}; it has {known}")
        try:
            self._encoding = tiktoken.get_encoding(encoding)
        except Exception as error:  # whatever its HTTP library raises
            raise UsageError(
                f"tiktoken could not load {encoding}: {error}. It downloads the vocabulary once;"
                " offline, put the file into a folder and name that in TIKTOKEN_CACHE_DIR"
            ) from error
        self.name = f"tiktoken/{encoding}"

    def encode(self, text: str) -> Ids:
        return Ids.of(self._encoding.encode_ordinary(text))

    def encode_batch(self, texts: Sequence[str]) -> list[Ids]:
        return [self.encode(text) for text in texts]

    def count_batch(self, texts: Sequence[str]) -> list[int]:
        return [len(self.encode(text)) for text in texts]

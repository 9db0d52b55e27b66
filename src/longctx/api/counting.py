"""Counting with the server's own tokenizer, for models whose vocabulary is not at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longctx.engines import Engine, Served
    from longctx.prompt import Ids


class ServerTokenizer:
    """Counts with the server's own tokenizer, one request a text."""

    def __init__(self, engine: Engine, served: Served) -> None:
        self.name = f"server/{served.base_url}/{served.model}/{served.version}"
        self._engine = engine

    def encode(self, text: str) -> Ids:
        ids = self._engine.tokenized(text)
        if ids is None:
            raise EngineError(
                "the server does not tokenize: name the model's tokenizer.json with --tokenizer"
            )
        return ids

    def encode_batch(self, texts: Sequence[str]) -> list[Ids]:
        return [self.encode(text) for text in texts]

    def count_batch(self, texts: Sequence[str]) -> list[int]:
        return [len(self.encode(text)) for text in texts]

"""Any model's tokenizer.json: fastokens where it knows the kind, Hugging Face's library elsewhere.

The added vocabulary is taken out, so that a document cannot speak in special tokens.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from longctx.errors import UsageError
from longctx.prompt import Ids
from longctx.tokens import without_surrogates

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


def without_added_tokens(path: Path) -> str:
    """The file's text with an empty added vocabulary, or UsageError."""
    try:
        fields = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; name a tokenizer.json") from error
    except ValueError as error:
        raise UsageError(f"{path}: not JSON ({error}); name a model's tokenizer.json") from error
    if not isinstance(fields, dict) or "model" not in fields:
        raise UsageError(f"{path}: not a tokenizer.json (it has no `model`)")
    fields["added_tokens"] = []
    fields["post_processor"] = None  # begin-of-text ids are the template's business
    return json.dumps(fields, ensure_ascii=False)


def fast_encoder(text: str) -> Callable[[str], Ids]:
    import fastokens

    tokenizer = fastokens.Tokenizer.from_json_str(text)
    return lambda content: Ids(tokenizer.encode_batch_flat([content])[0])


def reference_encoder(text: str, path: Path, why: Exception) -> Callable[[str], Ids]:
    try:
        from tokenizers import Tokenizer
    except ImportError:
        raise UsageError(
            f"{path}: fastokens cannot read this tokenizer ({why});"
            " install the slower reference library: pip install 'longctx[hf]'"
        ) from why
    tokenizer = Tokenizer.from_str(text)
    return lambda content: Ids.of(tokenizer.encode(content, add_special_tokens=False).ids)


class TokenizerJson:
    """The plain vocabulary of a tokenizer.json."""

    def __init__(self, path: Path) -> None:
        text = without_added_tokens(path)
        self.name = f"tokenizer.json/{hashlib.sha256(text.encode()).hexdigest()[:32]}"
        try:
            self._encode = fast_encoder(text)
        except (ValueError, RuntimeError, ImportError) as error:
            self._encode = reference_encoder(text, path, error)

    def encode(self, text: str) -> Ids:
        return self._encode(without_surrogates(text))

    def encode_batch(self, texts: Sequence[str]) -> list[Ids]:
        return [self.encode(text) for text in texts]

    def count_batch(self, texts: Sequence[str]) -> list[int]:
        return [len(self.encode(text)) for text in texts]

"""OpenAI's form of a chat, which most servers speak: messages out, counts back.

What may live here: what that form says alike for everyone. What must never be known here: any one
server's fields, pages or words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx.engines import Usage
from longctx.engines.http import Json, field, integer, words
from longctx.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longctx.prompt import Message


def messages_of(messages: Sequence[Message]) -> list[dict[str, str]]:
    """The messages as JSON has them."""
    return [{"role": str(message.role), "content": message.content} for message in messages]


def counts_of(event: Json, finish: str | None = None) -> Usage:
    """Counts as reported. A missing count stays None: servers leave the details out both when
    nothing was cached and when they do not report."""
    return Usage(
        integer(field(event, "usage", "prompt_tokens")),
        integer(field(event, "usage", "completion_tokens")),
        integer(field(event, "usage", "prompt_tokens_details", "cached_tokens")),
        finish or words(field(event, "choices", 0, "finish_reason")),
    )


def not_served(root: str, wanted: str, served: Sequence[str]) -> EngineError:
    """That the model which was named is not there, and which are."""
    return EngineError(
        f"{root} does not serve {wanted!r}; it serves {', '.join(served)}: use --model"
    )

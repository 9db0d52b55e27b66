"""What a server's refusal of a chat means: a prompt that is too long, a field it does not take.

Servers say it in prose. Here may live: the words that they use, gathered from their sources and
from reports. It must never do I/O.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from longctx.errors import BudgetError

if TYPE_CHECKING:
    from longctx.engines.http import Refused

UNFIT = frozenset({400, 413, 422, 500})
"""Statuses under which servers say that a prompt is too long (500: llama.cpp behind Ollama)."""

TOO_LONG = re.compile(
    r"context[ _](?:length|window|size)|maximum model length|prompt (?:is )?too long"
    r"|input length .* exceeds|exceeds? the (?:configured )?limit of",
    re.IGNORECASE,
)
WINDOW = re.compile(
    r"(?:context (?:length|window|size)|maximum model length|limit)(?! by)[^0-9]{0,40}?"
    r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{3,})",
    re.IGNORECASE,
)
"""DeepSeek, OpenAI, OpenRouter, vLLM, SGLang and llama.cpp name the window so. Ollama says by how
much a prompt is too long, which is no window."""


def too_long(error: Refused) -> bool:
    """Whether the server says that the prompt, with its answer, does not fit the window."""
    return error.status in UNFIT and TOO_LONG.search(error.said) is not None


def window_in(said: str) -> int | None:
    """The window that a refusal names, in tokens."""
    found = WINDOW.search(said)
    return None if found is None else int(found[1].replace(",", ""))


def does_not_fit(root: str, model: str | None, error: Refused) -> BudgetError:
    """What to raise for a prompt that is too long."""
    window = window_in(error.said)
    advice = (
        f"its window is {window:,} tokens: use --budget {window}"
        if window
        else "use a smaller --budget"
    )
    return BudgetError(
        f"{root}: the prompt and its answer do not fit {model or 'the model'}; {advice}"
        f" (the server said: {error.said})"
    )


def unwanted(error: Refused, fields: tuple[str, ...]) -> str | None:
    """Which of these fields of the request the server does not take."""
    if error.status not in (400, 422) or too_long(error):
        return None
    return next((name for name in fields if re.search(rf"\b{name}\b", error.said)), None)

"""Which release of a server can serve what: facts, and reading versions. Never I/O.

Where they are from: SGLang's wheels (`models/deepseek_v4.py` is in 0.5.12 of 16 May 2026 and not in
0.5.11; `ChatCompletionRequest.input_ids` in 0.5.13 and not in 0.5.12); vLLM's recipes for DeepSeek
V4. llama.cpp has V4 since its pull request 24162 of July 2026, whose build number is not known
here.
"""

from __future__ import annotations

import re

V4_SINCE = {"sglang": (0, 5, 12), "vllm": (0, 20, 0)}
"""The first release with DeepSeek V4, by the engine's name."""

V4_LATER_SINCE = {"vllm": (0, 25, 0)}
"""The same for V4's later checkpoints."""

LATER = re.compile(r"0731|0813|dspark", re.IGNORECASE)
"""In the names of V4's later checkpoints."""

IDS_SINCE = {"sglang": (0, 5, 13)}
"""The first release that answers the token ids of a chat; an older one leaves them out unsaid."""


def is_v4(*names: str) -> bool:
    """Whether a model of one of these names or paths is DeepSeek V4, or V4.1."""
    return any("deepseek-v4" in name.lower().replace("_", "-") for name in names)


def numbers(version: str) -> tuple[int, ...] | None:
    """`0.5.12.post1`, `v0.20.0rc1+cu130` as (0, 5, 12), (0, 20, 0); None for what is no release."""
    found = re.match(r"v?(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?", version)
    return None if found is None else tuple(int(part or 0) for part in found.groups())


def dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))

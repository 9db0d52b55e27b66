"""Defusing text, so that a document can only ever be a document.

Our own delimiters, our marks and the special strings of common models get one backslash after
their first character. The change is visible, costs a token or two, and `restored` undoes it
exactly: text that already has such a backslash gets one more. Nothing here knows what the text is.
"""

from __future__ import annotations

import re

OURS = "file|part|corpus|index|update|focus|question|evidence|more|found"
"""The names of our tags."""

# One pattern for each first character: a literal head lets the regex engine skip ordinary text
# several times faster than a choice of heads does.
LOOKALIKES = (
    r"<(?=\\*(?:"
    rf"/?\s*(?i:{OURS})\b"  # our delimiters
    r"|｜"  # DeepSeek: <｜User｜>, <｜end▁of▁sentence｜>, ...
    r"|\|[A-Za-z0-9_.\-]{1,40}\|>"  # Qwen, Llama 3, GPT: <|im_end|>, <|eot_id|>
    r"|/?(?i:think|dsml:|tool_call|tool_response|tool_result)"
    r"|/?s>|unk>|pad>|bos>|eos>|(?:start|end)_of_turn>|</?SYS>>"  # Llama 2, Mistral, Gemma
    r"))",
    r"\[(?=\\*(?:outline\]|/?INST\]|/?SYSTEM_PROMPT\]|/?AVAILABLE_TOOLS\]"
    r"|(?:L[0-9]+(?:-[0-9]+(?: [^\[\]\n]{1,90})?)?|p\. [^\[\]\n]{1,90}"
    r"|(?:slide|row) [0-9][^\[\]\n]{0,90})"
    r"(?: §[^\[\]\n]{1,90})?\]))",
    r"｜(?=\\*DSML)",
)
"""Where a string begins that could pass for markup, a special token or one of our marks."""

DEFUSE = tuple(re.compile(pattern) for pattern in LOOKALIKES)
RESTORE = tuple(re.compile(pattern.replace(r"(?=\\*", r"\\(?=\\*", 1)) for pattern in LOOKALIKES)


def defused(text: str) -> str:
    """The text with every lookalike broken by a backslash after its first character.

    Invariant: `restored(defused(text)) == text`, and no lookalike without a backslash remains.
    """
    for head, pattern in zip("<[｜", DEFUSE, strict=True):
        if head == "｜" and head not in text:  # told at once for ASCII, and fast for the rest
            continue
        text = pattern.sub(head + r"\\", text)
    return text


def restored(text: str) -> str:
    """The text as it was before `defused`."""
    for head, pattern in zip("<[｜", RESTORE, strict=True):
        text = pattern.sub(head, text)
    return text


def attribute(value: str) -> str:
    """A value fit to stand between double quotes on one line of a tag, whatever a file is called.

    Quotes, angle brackets, ampersands, control and invisible direction characters are written as
    `&#NN;`.
    """
    return re.sub(
        r"[\x00-\x1f\x7f-\x9f\"<>&｜\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]",
        lambda match: f"&#{ord(match[0])};",
        value,
    )

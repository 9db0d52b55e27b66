"""Rich Text Format as tokens: braces, control words, bytes of text.

Follows the specification 1.9.1, `Conventions of an RTF Reader`. What must never be known here: what
any control word means.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})?[ ]?|\\'([0-9a-fA-F]{2})|\\(.)|([{}])|([^\\{}]+)|\\", re.S
)


@dataclass(frozen=True, slots=True)
class Word:
    """A control word, or a control sign such as `~`."""

    name: str
    value: int | None = None


class Brace(Enum):
    """Where a group begins and ends."""

    OPEN = auto()
    CLOSE = auto()


Token = Word | Brace | bytes
"""Text comes as bytes."""


def tokens(data: bytes) -> Iterator[Token]:
    """The tokens of a file; never raises. Binary data is passed over, unseen."""
    place = 0
    while (match := _TOKEN.match(data, place)) is not None:
        place = match.end()
        word, value, code, sign, brace, text = match.groups()
        if text is not None:
            if stripped := text.translate(None, b"\r\n\0"):
                yield stripped
        elif brace is not None:
            yield Brace.OPEN if brace == b"{" else Brace.CLOSE
        elif code is not None:
            yield bytes.fromhex(code.decode())
        elif word == b"bin":
            place += max(0, int(value or 0))
        elif word is not None:
            yield Word(word.decode(), None if value is None else int(value))
        elif sign is not None:
            yield sign if sign in b"\\{}" else Word(sign.decode("latin-1"))

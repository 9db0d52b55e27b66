"""stdout: the answer, and nothing else. Owns stdout.

Text is UTF-8 whatever the locale says, because it is data. On a terminal, what a model or a
document wrote passes through `plain` first.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

from longctx.cli.narration import plain

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def write(text: str) -> None:
    """A piece of the answer, shown at once; it cannot drive the terminal."""
    sys.stdout.buffer.write(plain(text).encode("utf-8", "replace"))
    sys.stdout.buffer.flush()


def write_styled(text: str, style: str) -> None:
    """The same in a style of the terminal's (SGR parameters); "" for none."""
    shown = plain(text)
    if style:
        shown = f"\x1b[{style}m{shown}\x1b[0m"
    sys.stdout.buffer.write(shown.encode("utf-8", "replace"))
    sys.stdout.buffer.flush()


def write_json(value: object) -> None:
    """One JSON document, in ASCII."""
    sys.stdout.buffer.write(json.dumps(value, indent=2).encode() + b"\n")
    sys.stdout.buffer.flush()


def write_data(pieces: Iterable[str], path: Path | None) -> None:
    """Text as it is, piece by piece, to a file (replaced only once all is written) or stdout."""
    if path is None:
        for piece in pieces:
            sys.stdout.buffer.write(piece.encode("utf-8", "replace"))
        sys.stdout.buffer.flush()
        return
    unfinished = path.with_name(f"{path.name}.unfinished")
    try:
        with unfinished.open("wb") as file:
            for piece in pieces:
                file.write(piece.encode("utf-8", "replace"))
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def write_link(text: str, url: str) -> None:
    """Text that a terminal opens `url` for (OSC 8); both must be plain already."""
    sys.stdout.buffer.write(f"\x1b]8;;{url}\x1b\\{text}\x1b]8;;\x1b\\".encode())
    sys.stdout.buffer.flush()


def is_terminal() -> bool:
    return sys.stdout.isatty()


def has_colours() -> bool:
    """Whether to style text: a terminal that can, and nobody said NO_COLOR (no-color.org)."""
    return is_terminal() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"

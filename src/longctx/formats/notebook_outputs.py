"""What the outputs of a notebook's cell say, as text and cut to a length.

What must never be known here: cells, anchors.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from longctx.formats.html import fragment_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FIRST, LAST = 20, 5
"""Lines of a cell's outputs that are shown."""
WIDEST = 500
"""Characters of a line."""
_PLAIN = ("text/plain", "text/markdown", "text/latex")
_OLD = {"text": "text/plain", "html": "text/html", "latex": "text/latex"}
"""Version 3 keeps texts beside the output's type, under names of its own."""
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])")


def said_by(outputs: Iterable[object]) -> tuple[str, list[tuple[str, int]]]:
    """The text of a cell's outputs, and the type and size in bytes of each that has no text."""
    said: list[str] = []
    dropped: list[tuple[str, int]] = []
    for output in outputs:
        if isinstance(output, dict):
            text = _text(output)
            if text.strip():
                said.append(text.strip("\n"))
            dropped += _pictures(output)
    return "\n".join(_cut("\n".join(said).split("\n"))) if said else "", dropped


def _text(output: dict[object, object]) -> str:
    kind = output.get("output_type")
    if kind in ("error", "pyerr") or (kind is None and "ename" in output):
        name, value = joined(output.get("ename")), joined(output.get("evalue"))
        return _printed(f"{name}: {value}" if value else name)
    texts = dict(_texts(output))
    for wanted in _PLAIN:
        if texts.get(wanted, "").strip():
            return _printed(texts[wanted])
    page = texts.get("text/html", "")
    return fragment_lines(page) if page.strip() else ""


def _texts(output: dict[object, object]) -> Iterator[tuple[str, str]]:
    """Texts by their media types, wherever the output keeps them."""
    for name, media in _OLD.items():
        if name in output:
            yield media, joined(output[name])
    data = output.get("data")
    for name, value in data.items() if isinstance(data, dict) else ():
        if isinstance(name, str) and name.startswith("text/"):
            yield name, joined(value)


def _pictures(output: dict[object, object]) -> Iterator[tuple[str, int]]:
    data = output.get("data")
    for holder in (output, data if isinstance(data, dict) else {}):
        for name, value in holder.items():
            if isinstance(name, str) and re.fullmatch(
                r"(?:image/)?(?:png|jpe?g|gif|svg\+xml|svg)", name
            ):
                size = len(joined(value))
                yield name, size if "svg" in name else size * 3 // 4
            elif name in ("application/pdf", "video/mp4", "audio/wav"):
                yield str(name), len(joined(value)) * 3 // 4


def _printed(text: str) -> str:
    """As a terminal would leave it: no colours, and of a line written over its last state."""
    lines = _ESCAPE.sub("", text).split("\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)


def _cut(lines: list[str]) -> Iterator[str]:
    cut = len(lines) - FIRST - LAST
    for number, line in enumerate(lines):
        if cut > 1 and FIRST <= number < FIRST + cut:
            if number == FIRST:
                yield f"... ({cut:,} lines cut)"
        elif len(line) > WIDEST:
            yield f"{line[:WIDEST]} ... ({len(line) - WIDEST:,} characters cut)"
        else:
            yield line


def joined(said: object) -> str:
    """A text, or a list of lines that together are one."""
    if isinstance(said, list):
        return "".join(part for part in said if isinstance(part, str))
    return said if isinstance(said, str) else ""

"""Tool calls as OpenAI's chat protocol tells them: what is offered, and a stream's pieces of calls.

Here may live: the wire form alone. It must never do I/O, nor know what the tools are for.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from longctx.engines import ToolCall
from longctx.engines.http import Json, field, integer, items, words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longctx.engines import Tool


def offered(tools: Iterable[Tool]) -> list[dict[str, object]]:
    """The `tools` of a request's body."""
    return [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.says,
                "parameters": json.loads(tool.parameters),
            },
        }
        for tool in tools
    ]


class Calls:
    """The calls of one answer, put together from what its deltas bring."""

    def __init__(self) -> None:
        self._calls: dict[int, ToolCall] = {}

    def feed(self, pieces: Json) -> None:
        """The `tool_calls` of one delta: a call's first piece names it, all bring arguments."""
        for piece in items(pieces):
            place = integer(field(piece, "index")) or 0
            before = self._calls.get(place, ToolCall("", ""))
            self._calls[place] = ToolCall(
                words(field(piece, "function", "name")) or before.name,
                before.arguments + (words(field(piece, "function", "arguments")) or ""),
                words(field(piece, "id")) or before.id,
            )

    def whole(self) -> list[ToolCall]:
        """All of them, in order."""
        return [self._calls[place] for place in sorted(self._calls)]

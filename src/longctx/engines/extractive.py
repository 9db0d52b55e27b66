"""The embedded engine: no model, no network. It quotes the passages it is given, best first.

Its answer has the same form as a model's, so the same citations are found in it and checked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from longctx.engines import Connection, Delta, Engine, Event, Request, Served, Takes, Usage
from longctx.errors import NothingFound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longctx.engines import Excerpt

LABEL = 80
"""Characters of a label."""
_MARKUP = re.compile(r"[\[\]<>`~\"“”„«»「」:#|]|[\x00-\x1f]")


def connect(connection: Connection) -> Engine:
    """The embedded engine; nothing to connect to."""
    return Extractive()


class Extractive(Engine):
    """Answers with quotes alone."""

    name = "extractive"

    def served(self) -> Served:
        return Served(self.name)

    def takes(self) -> tuple[Takes, ...]:
        return (Takes.EXCERPTS,)

    def stream(self, request: Request) -> Iterator[Event]:
        if not request.excerpts:
            raise NothingFound(
                request.finding
                or f"no passage matches {request.question!r}:"
                " use words that the documents use, or connect a model (longctx doctor)"
            )
        if request.finding:
            yield Delta(f"{request.finding}\n\n")
        role = ""
        for number, excerpt in enumerate(request.excerpts):
            space = "\n" if number else ""
            if excerpt.role and excerpt.role != role:
                space += f"{excerpt.role}\n\n"
            role = excerpt.role
            yield Delta(space + quoted(excerpt))
        yield Usage(finish_reason="stop")

    def prime(self, request: Request) -> Usage:
        return Usage(completion_tokens=0)


def quoted(excerpt: Excerpt) -> str:
    """The passage as a fenced block under its place; the fence outlasts any fence inside."""
    inner = max((len(run) for run in re.findall(r"`{3,}", excerpt.text)), default=2)
    fence = "`" * (inner + 1)
    text = excerpt.text.rstrip("\r\n")
    label = f"{_line(excerpt.label)}\n" if excerpt.label else ""
    return f"{label}[{excerpt.path}{excerpt.place}]\n{fence}\n{text}\n{fence}\n"


def _line(label: str) -> str:
    """A label that is no markup and cites nothing, whatever a document calls its parts."""
    return " ".join(_MARKUP.sub(" ", label[:LABEL]).split())

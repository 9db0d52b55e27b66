"""One question of a chat: read, asked, shown, and what the next one needs begun.

What must never be known here: where questions come from, or slash commands.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from longctx.cli.answering import (
    citation_lines,
    seen_line,
    tell,
    tell_kept,
    tell_step,
    tell_unshown,
)
from longctx.cli.ask import announce, warmed
from longctx.cli.chatting.markdown import DIM, Markdown
from longctx.cli.narration import Progress, plain, say, waiting
from longctx.cli.output import has_colours, write, write_styled
from longctx.cli.phrasing import columns
from longctx.errors import LongctxError

if TYPE_CHECKING:
    from longctx.api import Asked, Session, Turn

WIDEST = 100
"""Columns of a line of text: longer ones are hard to read."""

NAMED = 3
"""Changed documents that a line names."""


class Answer:
    """Shows an answer as it comes: styled on a colour terminal, as it is elsewhere."""

    def __init__(self) -> None:
        self._markdown = Markdown(write_styled, min(columns(), WIDEST)) if has_colours() else None
        self._ends = "\n"

    def feed(self, text: str) -> None:
        self._ends = text[-1:] or self._ends
        if self._markdown is None:
            write(text)
        else:
            self._markdown.feed(text)

    def finish(self) -> None:
        """Show what was held back, and end the line."""
        if self._markdown is not None:
            self._markdown.finish()
        if self._ends != "\n":
            write("\n")


def ask(session: Session, question: str, *, first: bool) -> None:
    """Ask, and show the checked answer; `first`: the sources were not told of yet."""
    with Progress("counting tokens") as counting:
        asked = session.prepare(question)
        counting.finish()
    if first:
        announce(asked)
    if line := changes(asked):
        say(line)
    warmed(asked)
    turn = _streamed(asked)
    citation_lines(turn, asked.loaded)
    tell_unshown(asked, turn)
    tell(turn)
    session.prime_next()


def changes(asked: Asked) -> str:
    """What the question tells the model of changed documents; empty where nothing changed."""
    if asked.conversation is None or asked.seen is None:
        return ""
    steps = asked.seen.steps[len(asked.conversation.seen.steps) :]
    paths = sorted({path for step in steps for path, _ in step.changes})
    if not paths:
        return ""
    more = f" and {len(paths) - NAMED:,} more" if len(paths) > NAMED else ""
    tokens = sum(len(step.ids) for step in steps)
    return f"changed since: {', '.join(paths[:NAMED])}{more} ({tokens:,} tokens)"


def _streamed(asked: Asked) -> Turn:
    from longctx.api import Delta, Reasoning, Step, Turn

    shown, events = Answer(), asked.send()
    thinking, steps = 0.0, 0
    try:
        with waiting(lambda: "thinking" if thinking else "waiting for the first token") as arrived:
            for event in events:
                match event:
                    case Turn():
                        arrived()
                        shown.finish()
                        return event
                    case Step():
                        arrived()
                        shown.finish()
                        shown, thinking, steps = Answer(), 0.0, steps + 1
                        tell_step(steps, event)
                    case Reasoning():
                        thinking = thinking or time.monotonic()
                    case Delta(text):
                        arrived()
                        if thinking:
                            say(f"thought for {max(1, round(time.monotonic() - thinking)):,} s")
                            thinking = 0.0
                        shown.feed(text)
    except (KeyboardInterrupt, LongctxError):
        events.close()  # drops the connection, which aborts the request on the server
        shown.finish()
        if steps:
            tell_kept(asked)
        raise
    raise AssertionError("a stream ends with a turn or an error")


def show(turn: Turn) -> None:
    """A turn as it was: the question, what was thought, the answer."""
    dim = DIM if has_colours() else ""
    write(f"> {turn.question}\n\n")
    if turn.reasoning:
        write_styled(turn.reasoning.strip() + "\n\n", dim)
    for number, step in enumerate(turn.steps, 1):
        for seen in step.seen:
            write_styled(f"step {number}: {plain(seen_line(seen))}\n", dim)
    answer = Answer()
    answer.feed("(interrupted)" if turn.interrupted and not turn.answer else turn.answer)
    answer.finish()

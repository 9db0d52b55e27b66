"""`longctx chat`: one question after another, in a terminal or from a pipe."""

from __future__ import annotations

import gc
import re
import sys
from typing import TYPE_CHECKING

import click

from longctx.cli.chatting.commands import COMMANDS, Chat, obey
from longctx.cli.chatting.lines import Editor, Lines, piped
from longctx.cli.narration import Once, Progress, say
from longctx.cli.options import (
    BASE,
    BUDGET,
    CONFIG,
    PLACES,
    SERVER,
    SESSION,
    SOURCES,
    TEMPERATURE,
    explore,
    options,
    wanted,
)
from longctx.cli.output import has_colours, is_terminal, write
from longctx.errors import LongctxError, UsageError

if TYPE_CHECKING:
    from longctx.api import Session

COMMAND = re.compile(r"/[a-z]*(\s|$)")
"""What a line begins with that is no question; a path such as /etc/hosts does not."""

HISTORY = "chat_history"


@click.command("chat")
@click.argument("sources", nargs=-1, metavar="[SOURCE...]")
@options(
    *(SESSION, BASE, SERVER, BUDGET),
    explore(None, "default: 6 where the server tells tool calls, else 0"),
    *(TEMPERATURE, SOURCES, CONFIG, PLACES),
)
@click.pass_context
def command(ctx: click.Context, /, sources: tuple[str, ...], **_: object) -> None:
    """Ask SOURCEs one question after another; /help lists what else a line may say.

    Files are read again before each question, and what changed is told to the model. From a pipe,
    each line is a question.

    \b
    longctx chat ./monorepo
    longctx chat -c
    """
    params = ctx.params
    if not (sources or params["continued"] or params["named"] or params["fork"]):
        raise UsageError("name at least one source: longctx chat SOURCE (or --continue)")
    gc.enable()  # a chat may stay open for days
    interactive = sys.stdin.isatty() and is_terminal()
    with Progress("counting tokens") as counting:
        session = wanted(ctx, sources).session(sources, counting, Once())
    chat = Chat(session)
    try:
        if interactive:
            _talk(chat)
        else:
            _answer_all(chat)
    finally:
        chat.session.close()


def _talk(chat: Chat) -> None:
    """The loop of a terminal: errors are told, and only leaving ends it."""
    _greet(chat.session)
    history = chat.session.surface.places.data / HISTORY
    lines = Lines(Editor(history, [f"/{name}" for name in COMMANDS], colour=has_colours()))
    while not chat.over:
        try:
            said = chat.again or lines.next()
        except KeyboardInterrupt:
            write("\n")
            continue
        except EOFError:
            write("\n")
            return
        try:
            _do(chat, said)
        except KeyboardInterrupt:
            kept = chat.session.turns[-1:]
            if not (kept and kept[0].interrupted and kept[0].question == said):
                say("interrupted: nothing of it is kept")
            _recover(chat)
        except LongctxError as error:
            say(f"error: {error}")
            _recover(chat)


def _answer_all(chat: Chat) -> None:
    """Each line of a pipe in turn; the first error ends it."""
    lines = Lines(piped)
    while not chat.over:
        try:
            said = chat.again or lines.next()
        except EOFError:
            return
        _do(chat, said)


def _do(chat: Chat, said: str) -> None:
    chat.again = ""
    if not said:
        return
    if COMMAND.match(said):
        obey(chat, said)
        return
    from longctx.cli.chatting.answering import ask

    if chat.announced:
        write("\n")
    ask(chat.session, said, first=not chat.announced)
    chat.announced = True


def _recover(chat: Chat) -> None:
    """After an interruption, go on from what is kept."""
    if chat.session.id:
        kept = chat.session.surface.store.session(chat.session.id)
        chat.session = chat.session.beside(kept)


def _greet(session: Session) -> None:
    from longctx.cli.phrasing import counted, one_line, place

    served = session.surface.connected.served
    over = ", ".join(map(place, session.surface.sources))
    say(f"{over} with {served.model or served.engine}; /help lists commands, Ctrl-D leaves")
    if session.kept is not None:
        name = one_line(session.kept.name) or session.id
        say(f"going on with session {name}, {counted(session.kept.turns, 'turn')}")

"""The slash commands of a chat: each a function of the chat and what was typed after its name.

What must never be known here: how lines are read, how questions are asked.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from longctx.cli.narration import Progress, say
from longctx.cli.output import write, write_data
from longctx.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from longctx.api import Session, Turn


MOST_STEPS = 50
"""As `--explore` has it."""


@dataclass
class Chat:
    """What goes on between two lines."""

    session: Session
    announced: bool = False
    """Whether the sources were told of."""
    again: str = ""
    """A question that a command wants asked next."""
    over: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    run: Callable[[Chat, str], None]
    takes: str
    says: str


def obey(chat: Chat, line: str) -> None:
    """Run the command of a line such as `/show 3`; raises UsageError for an unknown one."""
    name, _, rest = line[1:].partition(" ")
    command = COMMANDS.get(name)
    if command is None:
        from difflib import get_close_matches

        begun = [each for each in COMMANDS if name and each.startswith(name)]
        near = begun or get_close_matches(name, COMMANDS, n=3, cutoff=0.5)
        hint = f"; near it: {', '.join(f'/{each}' for each in near)}" if near else ""
        raise UsageError(f"there is no command /{name}{hint}. /help lists them")
    command.run(chat, rest.strip())


def _help(chat: Chat, _: str) -> None:
    for name, command in COMMANDS.items():
        write(f"{f'/{name} {command.takes}'.rstrip():<16} {command.says}\n")
    write(
        'A line that ends in \\ goes on; a block stands between """ and """.\n'
        "Ctrl-C stops an answer or clears the line; Ctrl-D leaves.\n"
    )


def _sessions(chat: Chat, _: str) -> None:
    from longctx.cli.phrasing import age, columns, counted, one_line, shortened_end

    store, now = chat.session.surface.store, time.time()
    questions = store.first_questions()
    for kept in store.sessions(chat.session.surface.place):
        mark = "*" if kept.id == chat.session.id else " "
        name = f"  {one_line(kept.name)}" if kept.name else ""
        head = f"{mark} {kept.id}{name}  {counted(kept.turns, 'turn')}, {age(kept.updated, now)}  "
        write(shortened_end(head, questions.get(kept.id, ""), columns()) + "\n")


def _switch(chat: Chat, name: str) -> None:
    if not name:
        raise UsageError("name a session: /switch NAME; /sessions lists them")
    kept = chat.session.surface.store.session(name)
    if kept.place != chat.session.surface.place:
        raise UsageError(
            f"session {kept.name or kept.id} is over other sources:"
            f" leave, and go on with `longctx chat --session {kept.id}`"
        )
    chat.session = chat.session.beside(kept)
    _told(chat)


def _fork(chat: Chat, turn: str) -> None:
    chat.session = chat.session.fork(_turn(chat, turn).id)
    _told(chat)


def _new(chat: Chat, _: str) -> None:
    chat.session = chat.session.beside(None)
    say("a new session over the same sources")


def _told(chat: Chat) -> None:
    from longctx.cli.phrasing import counted, one_line

    kept = chat.session.kept
    if kept is not None:
        say(f"session {one_line(kept.name) or kept.id}, {counted(kept.turns, 'turn')}")


def _rename(chat: Chat, name: str) -> None:
    if not chat.session.id:
        raise UsageError("the session has no answer yet, and is kept from the first one on")
    if not name:
        raise UsageError("say the new name: /rename NAME")
    chat.session.surface.store.rename(chat.session.id, name)
    say(f"session {chat.session.id} is now called {name!r}")


def _sources(chat: Chat, _: str) -> None:
    from longctx.cli.phrasing import place
    from longctx.cli.report import left_out_line

    shared = chat.session.shown()
    for source in chat.session.surface.sources:
        write(f"{place(source)}\n")
    lineage = shared.lineage
    write(f"{len(lineage.state):,} documents, {lineage.tokens:,} tokens\n")
    if line := left_out_line(shared.left_out):
        write(f"{line}\n")


def _report(chat: Chat, _: str) -> None:
    from longctx.cli.report import report_lines

    shared = chat.session.shown()
    omissions = shared.omissions
    for line in report_lines(shared, omissions, everything=False):
        write(f"{line}\n")


def _warm(chat: Chat, _: str) -> None:
    from longctx.cli.warm import once

    with Progress("counting tokens") as counting:
        once(chat.session, counting)


def _repack(chat: Chat, _: str) -> None:
    from longctx.cli.repack import repack

    with Progress("counting tokens") as counting:
        repack(chat.session, counting)
    if chat.session.turns:
        say("this session goes on over its own base; /new begins one over the new base")


def _retry(chat: Chat, _: str) -> None:
    turns = chat.session.turns
    if not turns:
        raise UsageError("nothing was asked yet that could be asked again")
    session = chat.session
    chat.session = session.fork(turns[-2].id) if len(turns) > 1 else session.beside(None)
    chat.again = turns[-1].question
    say(f"asking again, in a session beside {session.id}: {chat.again}")


def _show(chat: Chat, turn: str) -> None:
    from longctx.cli.chatting.answering import show

    show(_turn(chat, turn))


def _export(chat: Chat, file: str) -> None:
    from longctx.api.keeping import turns_of
    from longctx.cli.exporting import FORMATS

    path, store = Path(file).expanduser(), chat.session.surface.store
    if not file or not chat.session.id:
        raise UsageError("name a file for what was asked: /export FILE.md (or .json, .jsonl)")
    if path.exists():
        raise UsageError(f"{path} exists already: name another file")
    form = FORMATS.get(path.suffix[1:], FORMATS["md"])
    kept = store.session(chat.session.id)
    try:
        write_data(form(kept, turns_of(store, kept)), path)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    say(f"wrote {path}")


def _effort(chat: Chat, said: str) -> None:
    from longctx.prompt import Effort

    now = chat.session.surface.wanted.effort
    if not said:
        say(f"the model's effort is {now}; there are {', '.join(Effort)}")
        return
    if said not in list(Effort):
        raise UsageError(f"there is no effort {said!r}; there are {', '.join(Effort)}")
    effort, session = Effort(said), chat.session
    if effort is now:
        return
    if session.turns:
        chat.session = session.fork(effort=effort)
    else:
        chat.session = session.beside(None, effort)
    say(f"effort {effort} from here on, in a session of its own")


def _explore(chat: Chat, said: str) -> None:
    session = chat.session
    if said:
        if not said.isdecimal() or int(said) > MOST_STEPS:
            raise UsageError(f"say how many steps, 0 to {MOST_STEPS}: /explore 6")
        session.explore(int(said))
    steps = session.steps
    if not steps:
        say("the model reads no more than it is shown")
    else:
        say(f"the model may read more in up to {steps} step{'' if steps == 1 else 's'} a question")


def _quit(chat: Chat, _: str) -> None:
    chat.over = True


def _turn(chat: Chat, named: str) -> Turn:
    """The turn of this number in the session; the last one where none is named."""
    turns = chat.session.turns
    if not turns:
        raise UsageError("the session has no turns yet")
    found = [turn for turn in turns if str(turn.id) == named] if named else [turns[-1]]
    if not found:
        numbers = ", ".join(str(turn.id) for turn in turns[-20:])
        raise UsageError(f"the session has no turn {named}; it has {numbers}")
    return found[0]


COMMANDS = {
    "help": Command(_help, "", "list these"),
    "sessions": Command(_sessions, "", "sessions over the same sources; * marks this one"),
    "switch": Command(_switch, "NAME", "go on with another session"),
    "fork": Command(_fork, "[TURN]", "go another way after a turn (the last one)"),
    "new": Command(_new, "", "begin a session over the same sources"),
    "rename": Command(_rename, "NAME", "name this session"),
    "sources": Command(_sources, "", "what is asked"),
    "report": Command(_report, "", "tokens by folder, and what is left out"),
    "warm": Command(_warm, "", "prefill what new sessions share"),
    "repack": Command(_repack, "", "begin a new base where updates have become many"),
    "retry": Command(_retry, "", "ask the last question again, from the turn before"),
    "show": Command(_show, "[TURN]", "a turn again, with what the model thought"),
    "export": Command(_export, "FILE", "write this session: .md, .json or .jsonl"),
    "effort": Command(_effort, "[EFFORT]", "how much the model thinks: off, low, high, max"),
    "explore": Command(_explore, "[N]", "in how many steps the model may read more; 0: none"),
    "quit": Command(_quit, "", "leave"),
}

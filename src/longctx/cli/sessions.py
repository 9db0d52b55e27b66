"""`longctx sessions`: what was asked before, to list, read, search, name, export and remove."""

from __future__ import annotations

import sys
import time
from contextlib import closing
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

import click

from longctx.cli.narration import say
from longctx.cli.options import PLACES, options, places_of
from longctx.cli.output import write, write_data, write_json
from longctx.cli.subcommands import defaulting
from longctx.errors import NothingFound, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from longctx.api.keeping import KeptTurn
    from longctx.store import Hit, KeptSession, Store

JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
LAST = click.argument("session", default="-", metavar="[SESSION]")


@defaulting("sessions", usual="list")
def command() -> None:
    """Look at, search, name, export and remove the sessions kept on this machine.

    A SESSION is a name, an id, or the beginning of an id; where it may be left out, that means the
    last one over sources here. Without a command, sessions are listed.

    \b
    longctx sessions
    longctx sessions show
    longctx sessions search token lifetime
    longctx sessions export auth-review -o auth-review.md
    """


@command.command("list")
@click.argument("sources", nargs=-1, metavar="[SOURCE...]")
@click.option("--all", "everywhere", is_flag=True, help="Those over sources elsewhere, too.")
@options(JSON, PLACES)
@click.pass_context
def list_(ctx: click.Context, /, sources: tuple[str, ...], everywhere: bool, **_: object) -> None:
    """List sessions, newest first: those over SOURCEs, else those over sources here."""
    from longctx.api.keeping import sessions_here, sessions_over

    if sources and everywhere:
        raise UsageError("name sources or say --all, not both")
    with closing(_store(ctx)) as store:
        everything = store.sessions()
        if everywhere:
            found = everything
        else:
            found = sessions_over(store, sources) if sources else sessions_here(store)
        questions = store.first_questions()
    if ctx.params["as_json"]:
        from longctx.cli.exporting import session_as_json

        told = [session_as_json(kept) | {"question": questions.get(kept.id)} for kept in found]
        write_json({"sessions": told})
        return
    write("".join(f"{line}\n" for line in _listed(found, questions)))
    elsewhere = len(everything) - len(found)
    if not everything:
        say('no sessions yet: longctx ask SOURCE "QUESTION" begins one')
    elif elsewhere:
        say(f"{elsewhere:,} over other sources: longctx sessions list --all")


def _listed(found: Sequence[KeptSession], questions: dict[str, str]) -> Iterator[str]:
    from longctx.cli.phrasing import (
        age,
        columns,
        counted,
        padded,
        place,
        shortened,
        shortened_end,
        width,
    )

    now, room = time.time(), columns()
    name_room = min(24, max((width(kept.name) for kept in found), default=0))
    for kept in found:
        name = padded(shortened(kept.name, name_room), name_room) + ("  " if name_room else "")
        head = f"{kept.id}  {name}{counted(kept.turns, 'turn'):>9}  {age(kept.updated, now):>11}  "
        yield shortened_end(head, ", ".join(map(place, kept.sources)), room)
        if kept.id in questions:
            yield "    " + shortened(questions[kept.id], room - 4)


@command.command("show")
@LAST
@options(JSON, PLACES)
@click.pass_context
def show(ctx: click.Context, /, session: str, **_: object) -> None:
    """Show a SESSION's questions, answers and citations.

    The number of a turn is what `longctx ask --fork` takes.
    """
    kept, turns = _read(ctx, session)
    if ctx.params["as_json"]:
        from longctx.cli.exporting import told_as_json

        write_json(told_as_json(kept, turns))
        return
    for line in _shown(kept, turns):
        write(f"{line}\n")


def _shown(kept: KeptSession, turns: Sequence[KeptTurn]) -> Iterator[str]:
    from longctx.cli.phrasing import age, counted, day, place

    title = f"{kept.id}  {kept.name}" if kept.name else kept.id
    yield f"{title}  {counted(kept.turns, 'turn')}, {age(kept.updated, time.time())}"
    yield ", ".join(map(place, kept.sources))
    yield f"begun {day(kept.created)}"
    for turn in turns:
        yield ""
        yield from _turn(turn)


def _turn(kept: KeptTurn) -> Iterator[str]:
    from longctx.cli.answering import MARKS, cache_line
    from longctx.cli.exporting import cited_place
    from longctx.cli.phrasing import age, columns, one_line, width

    turn, room = kept.turn, columns()
    model = one_line(kept.model or kept.engine)
    title = f"── turn {turn.id}, {age(kept.created, time.time())}, {model} "
    yield title + "─" * max(0, room - width(title))
    for line in turn.question.split("\n"):
        yield f"> {line}"
    yield ""
    yield turn.answer.strip("\n")
    if turn.citations:
        yield ""
    for citation in turn.citations:
        reason = f"  ({citation.reason})" if citation.reason else ""
        yield f"{MARKS[citation.verdict]} {citation.verdict:9}  {cited_place(citation)}{reason}"
    for line in filter(None, (cache_line(turn), turn.cause)):
        yield ""
        yield from wrap(line, room, subsequent_indent="  ")


@command.command("rename")
@click.argument("session")
@click.argument("name")
@options(JSON, PLACES)
@click.pass_context
def rename(ctx: click.Context, /, session: str, name: str, **_: object) -> None:
    """Give a SESSION a NAME; an empty one takes its name away."""
    with closing(_store(ctx)) as store:
        kept = store.session(session)
        store.rename(kept.id, name)
        renamed = store.session(kept.id)
    if ctx.params["as_json"]:
        from longctx.cli.exporting import session_as_json

        write_json(session_as_json(renamed))
    elif name:
        say(f"session {kept.id} is now called {name!r}")
    else:
        say(f"session {kept.id} has no name now")


@command.command("rm")
@click.argument("sessions", nargs=-1, required=True, metavar="SESSION...")
@click.option("--yes", is_flag=True, help="Do not ask.")
@options(JSON, PLACES)
@click.pass_context
def remove(ctx: click.Context, /, sessions: tuple[str, ...], yes: bool, **_: object) -> None:
    """Remove SESSIONs with their turns; turns that forks share stay."""
    with closing(_store(ctx)) as store:
        found = {kept.id: kept for kept in map(store.session, sessions)}
        questions = store.first_questions()
        for line in _listed([*found.values()], questions):
            say(line)
        confirmed(f"remove {'these' if len(found) > 1 else 'this'} for good?", yes)
        gone = {id: store.remove(id) for id in found}
    if ctx.params["as_json"]:
        write_json({"removed": [{"session": id, "turns": turns} for id, turns in gone.items()]})
        return
    from longctx.cli.phrasing import counted

    for id, turns in gone.items():
        stay = found[id].turns - turns
        rest = f"; kept {counted(stay, 'turn')} that other sessions share" if stay else ""
        say(f"removed session {id} with {counted(turns, 'turn')}{rest}")


@command.command("export")
@LAST
@click.option(
    "--format",
    "form",
    type=click.Choice(["md", "json", "jsonl"]),
    default="md",
    show_default=True,
    help="Markdown, one JSON object, or one turn a line (jsonl).",
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write it here."
)
@options(PLACES)
@click.pass_context
def export(
    ctx: click.Context, /, session: str, form: str, output: Path | None, **_: object
) -> None:
    """Write a SESSION's questions, answers and citations."""
    from longctx.cli.exporting import FORMATS

    kept, turns = _read(ctx, session)
    try:
        write_data(FORMATS[form](kept, turns), output)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UsageError(f"{output or 'standard output'}: {error.strerror}") from error


@command.command("search")
@click.argument("words", nargs=-1, required=True, metavar="WORDS...")
@click.option(
    "--limit", type=click.IntRange(min=1), default=20, show_default=True, help="The best so many."
)
@options(JSON, PLACES)
@click.pass_context
def search(ctx: click.Context, /, words: tuple[str, ...], limit: int, **_: object) -> None:
    """Find turns whose question or answer holds all WORDS, or words that begin so."""
    with closing(_store(ctx)) as store:
        hits = store.search(" ".join(words), limit)
        names = {kept.id: kept.name for kept in store.sessions()}
    if ctx.params["as_json"]:
        write_json({"hits": [_hit_as_json(hit) for hit in hits]})
    else:
        write("".join(f"{line}\n" for line in _hits(hits, names)))
    if not hits:
        raise NothingFound(f"no question or answer holds all of: {' '.join(words)}")
    if len(hits) == limit:
        say(f"there may be more than these {limit:,}: --limit")


def _hits(hits: Sequence[Hit], names: dict[str, str]) -> Iterator[str]:
    from longctx.cli.phrasing import columns, shortened, shortened_end

    room = columns()
    for hit in hits:
        name = names.get(hit.session)
        session = f"{hit.session}  {name}" if name else hit.session
        yield shortened_end(f"turn {hit.turn}  ", session, room)
        yield "    " + shortened(hit.question, room - 4)
        if hit.snippet not in hit.question:
            yield "      " + shortened(hit.snippet, room - 6)


def _hit_as_json(hit: Hit) -> dict[str, object]:
    return {
        "session": hit.session,
        "turn": hit.turn,
        "question": hit.question,
        "snippet": hit.snippet,
    }


def confirmed(question: str, yes: bool) -> None:
    """Ask before something goes; raises UsageError where nobody can be asked."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("nothing was removed: there is no terminal to ask on, so say --yes")
    if not click.confirm(question, err=True):
        say("nothing was removed")
        raise click.exceptions.Exit(0)


def _read(ctx: click.Context, named: str) -> tuple[KeptSession, tuple[KeptTurn, ...]]:
    from longctx.api.keeping import named_or_last, turns_of

    with closing(_store(ctx)) as store:
        kept = named_or_last(store, named)
        return kept, turns_of(store, kept)


def _store(ctx: click.Context) -> Store:
    from longctx.store import Store

    return Store.open(places_of(ctx.params).data)

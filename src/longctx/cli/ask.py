"""`longctx ask`: one question, streamed, with its citations checked."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from longctx.cli.narration import Progress, say, waiting
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
from longctx.cli.output import write, write_json
from longctx.errors import LongctxError, NothingFound, UsageError

if TYPE_CHECKING:
    from longctx.api import Asked, Turn


@click.command("ask")
@click.argument("sources", nargs=-1, required=True, metavar="[SOURCE...] QUESTION")
@options(SESSION, BASE, SERVER, BUDGET, explore(0, "default: 0"), TEMPERATURE, SOURCES)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
@click.option("--strict", is_flag=True, help="Exit with 5 if a citation is not found.")
@options(CONFIG, PLACES)
@click.pass_context
def command(ctx: click.Context, /, sources: tuple[str, ...], **_: object) -> None:
    """Ask SOURCEs a QUESTION and check the answer's citations.

    A source is a folder, a file, a git repository, or a git URL (with @BRANCH, @TAG or @COMMIT).
    A question of - is read from standard input. Later questions over the same sources reuse what
    the server has computed; with -c they also follow up on the last answer.

    \b
    longctx ask ./monorepo "where is auth?"
    longctx ask -c "and who calls it?"
    longctx ask ./lease ./amendment.txt "when does the term end?" --json
    """
    *named, asked = sources
    question = _question(asked, tuple(named), ctx.params)
    want = wanted(ctx, tuple(named))
    as_json = bool(ctx.params["as_json"])
    with Progress("counting tokens") as counting, want.session(tuple(named), counting) as session:
        ready = session.prepare(question)
        counting.finish()
        announce(ready)
        warmed(ready)
        turn = stream(ready, as_json)
        _show(turn, ready, as_json)
    lost = [citation for citation in turn.citations if citation.verdict == "not found"]
    if ctx.params["strict"] and (lost or not turn.citations):
        raise NothingFound(
            f"{len(lost)} of {len(turn.citations)} citations were not found in the sources"
            if turn.citations
            else "the answer cites nothing"
        )


def _question(asked: str, named: tuple[str, ...], params: dict[str, object]) -> str:
    going_on = params["continued"] or params["named"] or params["fork"]
    if not named and not going_on:
        raise UsageError(
            'name at least one source and the question: longctx ask SOURCE "QUESTION"'
            " (or go on with --continue)"
        )
    if asked == "-":
        asked = sys.stdin.buffer.read().decode("utf-8", "replace")
        if not asked.strip():
            raise UsageError("standard input holds no question")
    elif not asked.strip():
        raise UsageError("the question is empty")
    elif Path(asked).exists() and not any(mark in asked for mark in " ?"):
        raise UsageError(
            f"the last argument is the question, and {asked!r} is a path:"
            ' longctx ask SOURCE "QUESTION"'
        )
    return asked.encode("utf-8", "surrogateescape").decode("utf-8", "replace").strip()


NO_MODEL = (
    "no model was used: the embedded extractive engine quotes what answers, and no more."
    " Connect a model with --base-url http://HOST:30000 or LONGCTX_BASE_URL;"
    " `longctx doctor` looks for servers."
)


def announce(asked: Asked) -> None:
    """What will be sent, and what is left out."""
    if asked.conversation is None:
        say(NO_MODEL)
        if asked.session.surface.wanted.explore:
            say("--explore needs a model, which decides what it reads: nothing more is read")
        return
    from longctx.cli.report import left_out_line

    everything, model = len(asked.corpus), asked.session.surface.connected.served.model
    about = "about " if asked.request.within else ""
    tokens = "" if asked.predicted_tokens is None else f", {about}{asked.predicted_tokens:,} tokens"
    say(f"{asked.shown:,} of {everything:,} documents{tokens} to {model or 'the model'}")
    line = left_out_line(asked.left_out)
    if line:
        say(line)


def warmed(asked: Asked) -> None:
    """Prime what the server lacks, and say how that goes."""
    from longctx.cli.priming import priming

    lacking = asked.lacking
    with priming(lacking, asked.session) as waited_for:
        done = asked.warm(waited_for)
    if lacking and done is not None and done.seconds >= 1:
        say(f"prefilled {done.prefilled:,} tokens in {done.seconds:.1f} s")


def stream(asked: Asked, as_json: bool) -> Turn:
    """Show the answer as it comes and return the checked turn; an interrupted one is shown so."""
    from longctx.api import Delta, Step, Turn
    from longctx.cli.answering import interrupted_as_json, tell_kept, tell_step

    said: list[str] = []
    steps: list[Step] = []
    events = asked.send()
    try:
        with waiting("waiting for the first token") as arrived:
            for event in events:
                arrived()
                if isinstance(event, Turn):
                    return event
                if isinstance(event, Step):
                    if said and not as_json and not "".join(said).endswith("\n"):
                        write("\n")
                    said.clear()
                    steps.append(event)
                    tell_step(len(steps), event)
                if isinstance(event, Delta):
                    said.append(event.text)
                    if not as_json:
                        write(event.text)
    except KeyboardInterrupt:
        events.close()  # drops the connection, which aborts the request on the server
        if as_json:
            write_json(interrupted_as_json("".join(said), steps))
        elif said:
            write("\n")
        if steps:
            tell_kept(asked)
        raise
    except LongctxError:
        if steps:
            tell_kept(asked)
        raise
    raise AssertionError("a stream ends with a turn or an error")


def _show(turn: Turn, asked: Asked, as_json: bool) -> None:
    from longctx.cli.answering import answered, tell, tell_unshown, turn_as_json

    if as_json:
        write_json(turn_as_json(turn, asked))
    else:
        answered(turn, asked.loaded)
    tell_unshown(asked, turn)
    tell(turn)

"""`longctx ask`: one question, streamed, with its citations checked."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from longctx.cli.narration import Progress, say, waiting
from longctx.cli.options import BUDGET, CACHE, CONFIG, SERVER, SOURCES, options, wanted
from longctx.cli.output import write, write_json
from longctx.errors import NothingFound, UsageError

if TYPE_CHECKING:
    from longctx.api import Connected, Loaded, Prepared
    from longctx.session import Turn


@click.command("ask")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE... QUESTION")
@options(SERVER, BUDGET)
@click.option(
    "--temperature", type=click.FloatRange(0, 2), help="Sampling (default: the server's own)."
)
@options(SOURCES)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
@click.option("--strict", is_flag=True, help="Exit with 5 if a citation is not found.")
@options(CONFIG, CACHE)
@click.pass_context
def command(ctx: click.Context, /, sources: tuple[str, ...], **_: object) -> None:
    """Ask SOURCEs a QUESTION and check the answer's citations.

    A source is a folder, a file, a git repository, or a git URL (with @BRANCH, @TAG or @COMMIT).
    A question of - is read from standard input.

    \b
    longctx ask ./monorepo "where is auth?"
    longctx ask ./lease ./amendment.txt "when does the term end?" --json
    """
    from longctx import api

    *named, asked = sources
    question = _question(asked, tuple(named))
    want = wanted(ctx, tuple(named))
    connected = api.connect(want.engine, want.connection, want.tokenizer, want.ask.effort, say)
    loaded = api.load(named, want.places, want.selection, say)
    counting = Progress("counting tokens")
    try:
        prepared = api.prepare(
            loaded.corpus, question, want.ask, connected, want.places.memo, say, counting
        )
    finally:
        counting.finish()
    _announce(prepared, connected)
    try:
        turn = _stream(prepared, connected, as_json=bool(ctx.params["as_json"]))
    finally:
        connected.engine.close()
    _show(turn, prepared, connected, loaded, as_json=bool(ctx.params["as_json"]))
    lost = [citation for citation in turn.citations if citation.verdict == "not found"]
    if ctx.params["strict"] and (lost or not turn.citations):
        raise NothingFound(
            f"{len(lost)} of {len(turn.citations)} citations were not found in the sources"
            if turn.citations
            else "the answer cites nothing"
        )


def _question(asked: str, named: tuple[str, ...]) -> str:
    if not named:
        raise UsageError('name at least one source and the question: longctx ask SOURCE "QUESTION"')
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
    "no model was used: these are the best passages, quoted by the embedded extractive engine."
    " Connect a model with --base-url http://HOST:30000 or LONGCTX_BASE_URL;"
    " `longctx doctor` looks for servers."
)


def _announce(prepared: Prepared, connected: Connected) -> None:
    if prepared.pack is None:
        say(NO_MODEL)
        return
    from longctx.cli.report import left_out_line

    shown, everything = len(prepared.pack.shown), len(prepared.corpus)
    tokens = "" if prepared.predicted_tokens is None else f", {prepared.predicted_tokens:,} tokens"
    say(f"{shown:,} of {everything:,} documents{tokens} to {connected.served.model or 'the model'}")
    line = left_out_line(prepared.pack.omissions)
    if line:
        say(line)


def _stream(prepared: Prepared, connected: Connected, as_json: bool) -> Turn:
    """Show the answer as it comes and return the checked turn; an interrupted one is shown so."""
    from longctx.api import Delta, Turn

    said: list[str] = []
    events = prepared.send(connected)
    try:
        with waiting("waiting for the first token") as arrived:
            for event in events:
                arrived()
                if isinstance(event, Turn):
                    return event
                if isinstance(event, Delta):
                    said.append(event.text)
                    if not as_json:
                        write(event.text)
    except KeyboardInterrupt:
        events.close()  # drops the connection, which aborts the request on the server
        if as_json:
            write_json({"interrupted": True, "answer": "".join(said)})
        elif said:
            write("\n")
        raise
    raise AssertionError("a stream ends with a turn or an error")


def _show(
    turn: Turn, prepared: Prepared, connected: Connected, loaded: Loaded, as_json: bool
) -> None:
    from longctx.cli.answering import citation_lines, turn_as_json, usage_line

    if as_json:
        write_json(turn_as_json(turn, prepared, connected))
    else:
        if not turn.answer.endswith("\n"):
            write("\n")
        citation_lines(turn, loaded)
    line = usage_line(turn)
    if line:
        say(line)
    if turn.usage.finish_reason == "length":
        say("the answer was cut off at its limit: raise --answer-reserve")
    counted, predicted = turn.usage.prompt_tokens, turn.predicted_tokens
    if counted is not None and predicted is not None and counted != predicted:
        say(
            f"counted {predicted:,} prompt tokens, the server {counted:,}:"
            " please report this, counts should be equal"
        )

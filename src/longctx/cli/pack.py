"""`longctx pack`: the prompt itself, or a report of what is in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from longctx.cli.narration import Progress, say
from longctx.cli.options import BASE, BUDGET, CONFIG, PLACES, SERVER, SOURCES, options, wanted
from longctx.cli.output import write_data

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longctx.api import Session
    from longctx.api.asked import Shared


@click.command("pack")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "ids"]),
    default="text",
    show_default=True,
    help="The prompt as text, as messages with counts (json), or as token ids (ids).",
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write it here."
)
@click.option(
    "--report", is_flag=True, help="Show tokens by folder and file, and what is left out."
)
@click.option("--all", "everything", is_flag=True, help="Let the report name every file.")
@click.option("--question", default="", help="Add this question, as `ask` would.")
@options(BUDGET, SOURCES, BASE, SERVER, CONFIG, PLACES)
@click.pass_context
def command(ctx: click.Context, /, sources: tuple[str, ...], **_: object) -> None:
    """Write the prompt that a question about SOURCEs would send.

    With --report, the report goes to standard output and the prompt only to --output.

    \b
    longctx pack ./monorepo --report
    longctx pack ./monorepo --profile pro --format ids -o prompt.json
    """
    want, params = wanted(ctx, sources), ctx.params
    question = str(params["question"])
    with Progress("counting tokens") as counting, want.session(sources, counting) as session:
        shared = session.shown(question)
        counting.finish()
        if params["report"]:
            _report(shared, session, everything=bool(params["everything"]))
        if not params["report"] or params["output"] is not None:
            pieces = _pieces(str(params["form"]), shared, session, question)
            write_data(pieces, params["output"])
        if not params["report"]:
            _tell(shared)


def _report(shared: Shared, session: Session, everything: bool) -> None:
    from longctx.cli.report import report_lines

    omissions = shared.omissions
    lines = report_lines(shared, omissions, everything)
    write_data((f"{line}\n" for line in lines), None)


def _tell(shared: Shared) -> None:
    from longctx.cli.report import left_out_line

    lineage = shared.lineage
    shown, everything = len(lineage.state), len(shared.loaded.corpus)
    updates = f", {lineage.carried:,} of them updates" if lineage.steps else ""
    say(f"{shown:,} of {everything:,} documents, {lineage.tokens:,} tokens{updates}")
    line = left_out_line(shared.left_out)
    if line:
        say(line)


def _pieces(form: str, shared: Shared, session: Session, question: str) -> Iterator[str]:
    from longctx import render

    if form == "ids":
        yield json.dumps(_ids(shared, session, question), separators=(",", ":")) + "\n"
    elif form == "json":
        yield json.dumps(_as_json(shared, session, question), indent=1) + "\n"
    else:
        yield from session.texts(shared.lineage)
        if question:
            yield render.question(question)


def _ids(shared: Shared, session: Session, question: str) -> list[int]:
    from longctx.prompt import Prompt, Role, Segment

    connected, wanted = session.surface.connected, session.surface.wanted
    segments = shared.prefix.segments
    if not question:
        return connected.template.prefix(segments, wanted.effort).tolist()
    from longctx import render

    text = render.question(question)
    asked = Segment(Role.USER, "question", text, connected.tokenizer.encode(text))
    return connected.template.encode(Prompt((*segments, asked)), wanted.effort).tolist()


def _as_json(shared: Shared, session: Session, question: str) -> dict[str, object]:
    from longctx import render
    from longctx.cli.answering import omission_as_json

    messages = [{"role": "system", "content": "".join(session.texts(shared.lineage))}]
    if question:
        messages.append({"role": "user", "content": render.question(question)})
    budget, lineage = shared.budget, shared.lineage
    omissions = shared.omissions
    return {
        "messages": messages,
        "tokens": {
            "window": budget.window,
            "instructions": budget.instructions,
            "encoding": budget.encoding,
            "corpus": lineage.base.tokens,
            "updates": lineage.carried,
            "question": budget.question,
            "answer": budget.answer,
        },
        "tokenizer": session.surface.connected.tokenizer.name,
        "documents": [
            {"path": shown.path, "id": f"d{shown.number}", "tokens": shown.tokens}
            | ({} if shown.same is None else {"same": shown.same})
            for shown in lineage.base.shown
        ],
        "updates": [
            {"paths": [path for path, _ in step.changes], "tokens": len(step.ids)}
            for step in lineage.steps
        ],
        "omissions": [omission_as_json(omission) for omission in omissions],
    }

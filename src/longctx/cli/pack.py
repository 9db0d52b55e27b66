"""`longctx pack`: the prompt itself, or a report of what is in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from longctx.cli.narration import Progress, say
from longctx.cli.options import BUDGET, CACHE, CONFIG, SERVER, SOURCES, options, wanted
from longctx.cli.output import write_data

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longctx.api import Connected
    from longctx.budget import Budget
    from longctx.pack import Pack
    from longctx.prompt import Effort


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
@options(BUDGET, SOURCES, SERVER, CONFIG, CACHE)
@click.pass_context
def command(ctx: click.Context, /, sources: tuple[str, ...], **_: object) -> None:
    """Write the prompt that a question about SOURCEs would send.

    With --report, the report goes to standard output and the prompt only to --output.

    \b
    longctx pack ./monorepo --report
    longctx pack ./monorepo --profile pro --format ids -o prompt.json
    """
    from longctx import api
    from longctx.api.packing import packed

    want = wanted(ctx, sources)
    connected = api.connect(want.engine, want.connection, want.tokenizer, want.ask.effort, say)
    loaded = api.load(sources, want.places, want.selection, say)
    question, params = str(ctx.params["question"]), ctx.params
    counting = Progress("counting tokens")
    try:
        pack, budget = packed(
            loaded.corpus, want.ask, connected, want.places.memo, question, say, counting
        )
    finally:
        counting.finish()
    if params["report"]:
        _report(pack, budget, everything=bool(params["everything"]))
        if params["output"] is None:
            return
    pieces = _pieces(str(params["form"]), pack, budget, connected, want.ask.effort, question)
    write_data(pieces, params["output"])
    if not params["report"]:
        _tell(pack)


def _report(pack: Pack, budget: Budget, everything: bool) -> None:
    from longctx.cli.report import report_lines

    write_data((f"{line}\n" for line in report_lines(pack, budget, everything)), None)


def _tell(pack: Pack) -> None:
    from longctx.cli.report import left_out_line

    say(f"{len(pack.shown):,} of {len(pack.corpus):,} documents, {pack.tokens:,} tokens")
    line = left_out_line(pack.omissions)
    if line:
        say(line)


def _pieces(
    form: str, pack: Pack, budget: Budget, connected: Connected, effort: Effort, question: str
) -> Iterator[str]:
    from longctx import render

    if form == "ids":
        from longctx.pack.prompts import prefix, prompt_for

        template = connected.template
        if question:
            ids = template.encode(prompt_for(question, pack), effort)
        else:
            ids = template.prefix(prefix(pack), effort)
        yield json.dumps(ids.tolist(), separators=(",", ":")) + "\n"
    elif form == "json":
        yield json.dumps(_as_json(pack, budget, question), indent=1) + "\n"
    else:
        yield render.instructions()
        yield from pack.texts()
        if question:
            yield render.question(question)


def _as_json(pack: Pack, budget: Budget, question: str) -> dict[str, object]:
    from longctx import render
    from longctx.cli.answering import omission_as_json

    messages = [{"role": "system", "content": render.instructions() + "".join(pack.texts())}]
    if question:
        messages.append({"role": "user", "content": render.question(question)})
    return {
        "messages": messages,
        "tokens": {
            "window": budget.window,
            "instructions": budget.instructions,
            "encoding": budget.encoding,
            "corpus": pack.tokens,
            "question": budget.question,
            "answer": budget.answer,
        },
        "tokenizer": pack.tokenizer.name,
        "documents": [
            {"path": unit.document.path, "id": f"d{unit.number}", "tokens": unit.tokens}
            for unit in pack.shown
        ],
        "omissions": [omission_as_json(omission) for omission in pack.omissions],
    }

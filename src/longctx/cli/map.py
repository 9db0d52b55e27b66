"""`longctx map`: the outlines of the files that matter most, within a budget."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from longctx.cli.config import apply_settings
from longctx.cli.narration import Status, plain, say
from longctx.cli.options import CONFIG, PLACES, SOURCES, options, places_of, selection_of
from longctx.cli.output import write, write_json

if TYPE_CHECKING:
    from longctx.api.mapping import Mapped


@click.command("map")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option(
    "--budget",
    "room",  # a settings file's budget is that of prompts
    type=click.IntRange(min=64),
    default=8_192,
    show_default=True,
    help="Tokens of the map, at the most.",
)
@click.option(
    "--tokenizer",
    envvar="LONGCTX_TOKENIZER",
    default="deepseek-v4",
    show_default=True,
    help="deepseek-v4, tiktoken:ENCODING or a tokenizer.json.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
@options(SOURCES, CONFIG, PLACES)
@click.pass_context
def command(ctx: click.Context, /, sources: tuple[str, ...], **_: object) -> None:
    """Print the definitions of the files of SOURCEs that the others lean on most.

    \b
    longctx map ./monorepo
    longctx map ./monorepo --budget 32000 --json
    """
    from longctx.api.mapping import mapped
    from longctx.api.sources import load, roots_of
    from longctx.tokens import tokenizer_for

    apply_settings(ctx, lambda: roots_of(sources), say)
    params, status = ctx.params, Status()
    places = places_of(params)
    corpus = load(sources, places, selection_of(params), say, status).corpus
    tokenizer = tokenizer_for(str(params["tokenizer"]))
    found = mapped(corpus, int(params["room"]), tokenizer, places.memo, status)
    if params["as_json"]:
        write_json(
            {
                "tokens": found.tokens,
                "left_out": found.left,
                "files": [_file_as_json(each) for each in found.files],
            }
        )
        return
    write(plain(found.text))
    say(
        f"{len(found.files):,} of {len(corpus):,} documents, {found.tokens:,} tokens"
        + (f"; {found.left:,} left out (a larger --budget shows more)" if found.left else "")
    )


def _file_as_json(each: Mapped) -> dict[str, object]:
    return {
        "path": each.document.path,
        "lines": each.document.line_count,
        "definitions": [
            {
                "kind": str(definition.kind),
                "name": definition.qualified,
                "lines": (definition.first, definition.last),
                "doc": definition.doc,
            }
            for definition in each.outline.definitions
        ],
    }

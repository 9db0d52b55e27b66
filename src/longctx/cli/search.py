"""`longctx search`: the passages that match a query, best first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from longctx.cli.config import apply_settings
from longctx.cli.narration import Status, plain, say
from longctx.cli.options import CONFIG, PLACES, SOURCES, options, places_of, selection_of
from longctx.cli.output import write, write_json

if TYPE_CHECKING:
    from longctx.recall import Passage

SHOWN = 8
"""Lines of a passage, unless all are asked for."""


@click.command("search")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE... QUERY")
@click.option(
    "--limit",
    type=click.IntRange(1, 200),
    default=10,
    show_default=True,
    help="Passages at the most.",
)
@click.option("--all", "everything", is_flag=True, help="Show passages in full.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
@options(SOURCES, CONFIG, PLACES)
@click.pass_context
def command(ctx: click.Context, /, sources: tuple[str, ...], **_: object) -> None:
    """Find the passages of SOURCEs that match a QUERY, without a model.

    The query may be words, a question, a symbol, a path, a stack trace or a diff.

    \b
    longctx search ./monorepo "retry with backoff"
    longctx search ./case "termination for convenience" --json
    """
    from longctx.api.searching import searched
    from longctx.api.sources import roots_of

    *named, query = sources
    if not named:
        raise click.UsageError("name at least one source before the query")
    apply_settings(ctx, lambda: roots_of(named), say)
    params = ctx.params
    found = searched(
        named,
        query,
        places_of(params),
        selection_of(params),
        int(params["limit"]),
        say,
        Status(),
    )
    if params["as_json"]:
        write_json({"query": query, "passages": [passage_as_json(each) for each in found]})
        return
    for number, each in enumerate(found):
        write("\n" * bool(number) + _text(each, everything=bool(params["everything"])))


def _text(passage: Passage, *, everything: bool) -> str:
    """The place on a line of its own, then the first lines of the passage."""
    from longctx.cli.phrasing import lines_of, one_line

    document = passage.document
    where = _where(passage)
    place = one_line(document.path) + f":{lines_of(document.lines_of(passage.span))}"
    lines = plain(document.slice(passage.span)).strip("\n").split("\n")
    shown = lines if everything else lines[:SHOWN]
    more = f"    ... {len(lines) - len(shown):,} more lines\n" if len(shown) < len(lines) else ""
    head = f"{place} ({one_line(where)})" if where else place
    return f"{head}\n" + "".join(f"    {line}".rstrip() + "\n" for line in shown) + more


def _where(passage: Passage) -> str:
    from longctx.structure.places import Places

    return Places(passage.document).where(passage.span)


def passage_as_json(passage: Passage) -> dict[str, object]:
    """A passage and its place; documented in docs/json.md."""
    return {
        "path": passage.document.path,
        "lines": passage.document.lines_of(passage.span),
        "where": _where(passage),
        "score": round(passage.score, 4),
        "text": passage.document.slice(passage.span),
    }

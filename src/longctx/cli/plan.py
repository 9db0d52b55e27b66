"""`longctx plan`: will it fit, and what will it cost?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from longctx.cli.config import apply_settings
from longctx.cli.narration import Status, say
from longctx.cli.options import CONFIG, PLACES, SOURCES, options, places_of, selection_of
from longctx.cli.output import write, write_data, write_json

if TYPE_CHECKING:
    from longctx.api.places import Places
    from longctx.api.planning import Terms


@click.command("plan")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option(
    "--gpus", help="Reckon for these: 4xH200, 8xB200, 4x96GB (default: the cheapest measured)."
)
@click.option(
    "--prefill-speed",
    type=click.FloatRange(min=1),
    help="Tokens a second that your server prefills (default: as kept turns tell, or a range).",
)
@click.option(
    "--gpu-price", type=click.FloatRange(min=0), help="US dollars that one GPU costs you an hour."
)
@click.option(
    "--hours",
    type=click.FloatRange(min=0.1, max=24),
    default=24.0,
    show_default=True,
    help="Hours a day that the GPUs are rented for.",
)
@click.option(
    "--answer",
    type=click.IntRange(min=1),
    default=1_000,
    show_default=True,
    help="Tokens of a usual answer.",
)
@click.option(
    "--prices",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Your own prices (docs/plan.md says what the file holds).",
)
@click.option(
    "--tokenizer",
    envvar="LONGCTX_TOKENIZER",
    default="deepseek-v4",
    show_default=True,
    help="deepseek-v4, tiktoken:ENCODING or a tokenizer.json.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a report with charts to this file too.",
)
@options(SOURCES, CONFIG, PLACES)
@click.pass_context
def command(ctx: click.Context, /, sources: tuple[str, ...], **_: object) -> None:
    """Say whether SOURCEs fit, and what questions over them cost.

    Tokens at each level, memory for the window, GPUs that hold it, seconds and money of a question
    with nothing cached and with all cached, rented and hosted. Nothing is sent anywhere.

    \b
    longctx plan ./monorepo
    longctx plan ./case ./statutes --gpus 8xH200 --html plan.html
    """
    from longctx.api.planning import planned
    from longctx.api.sources import load, roots_of
    from longctx.tokens import tokenizer_for

    apply_settings(ctx, lambda: roots_of(sources), say)
    params, status = ctx.params, Status()
    places = places_of(params)
    terms = _terms(params, places)
    corpus = load(sources, places, selection_of(params), say, status).corpus
    tokenizer = tokenizer_for(str(params["tokenizer"]))
    plan = planned(sources, corpus, terms, tokenizer, places.memo, status)
    html = params["html"]
    if html is not None:
        from longctx.cli.plan_page import page

        write_data(page(plan), html)
        say(f"report: {html}")
    if params["as_json"]:
        from longctx.cli.plan_json import as_json

        write_json(as_json(plan))
        return
    from longctx.cli.plan_text import lines

    write("".join(f"{line}\n" for line in lines(plan)))


def _terms(params: dict[str, object], places: Places) -> Terms:
    from longctx.api.planning import Terms
    from longctx.api.speeds import remembered

    def number(name: str) -> float | None:
        value = params[name]
        return float(value) if isinstance(value, int | float) else None

    prices = params["prices"]
    terms = Terms(
        gpus=str(params["gpus"] or ""),
        prefill=number("prefill_speed"),
        prefill_source="--prefill-speed",
        gpu_hour=number("gpu_price"),
        hours=number("hours") or 24.0,
        answer=int(number("answer") or 1_000),
        prices=prices if isinstance(prices, Path) else None,
    )
    if terms.prefill is None:
        kept = remembered(places)
        if kept is not None:
            return replace(terms, prefill=kept.speed, prefill_source=kept.source)
    return terms

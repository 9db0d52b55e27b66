"""`longctx doctor`: what answers where, what is wrong with it, and how this machine is."""

from __future__ import annotations

import platform
from contextlib import closing
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import click

from longctx import __version__
from longctx.cli.config import apply_settings
from longctx.cli.diagnosis import report
from longctx.cli.narration import Status, say
from longctx.cli.options import (
    CONFIG,
    PLACES,
    SERVER,
    TOKENIZER,
    WINDOW,
    connection_of,
    options,
    places_of,
)
from longctx.cli.output import write, write_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from longctx.api.doctoring import Aim, Cache, Finding, Measured, Place
    from longctx.api.places import Places

LIBRARIES = ("fastokens", "tiktoken", "httpx2", "diskcache", "GitPython")


@click.command("doctor")
@options(SERVER, TOKENIZER, WINDOW)
@click.option(
    "--measure",
    type=click.IntRange(min=1_024),
    is_flag=False,
    flag_value=32_768,
    metavar="[TOKENS]",
    help="Send a few prompts over a prefix of so many tokens (32,768 unless said): time to the"
    " first token cold and warm, prefill rate, whether the prefix is reused, whether a sentence in"
    " its middle is quoted.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
@options(CONFIG, PLACES)
@click.pass_context
def command(ctx: click.Context, /, measure: int | None, as_json: bool, **_: object) -> None:
    """Examine the servers and this machine, and say how to mend what is wrong.

    Several servers are named with commas or blanks between their URLs.
    Exits with 1 when answers would be wrong or impossible.
    """
    from longctx.api import doctoring

    apply_settings(ctx, tuple, say)
    aim, places = _aim(ctx.params), places_of(ctx.params)
    found = doctoring.servers(str(ctx.params["engine"]), connection_of(ctx.params), aim)
    chosen = _chosen(found)
    if measure is not None:
        tried = dict(zip(chosen, _measured(chosen, aim, measure, places), strict=True))
        found = tuple(tried.get(place, place) for place in found)
        chosen = tuple(tried.values())
    between = doctoring.between([place.facts for place in chosen if place.facts is not None])
    local, kept = doctoring.local(places), doctoring.caches(places)
    said = [each for place in chosen for each in (*place.findings, *place.tried)]
    wrong = doctoring.troubles([*said, *between, *local])
    if as_json:
        write_json(_as_json(found, between, local, kept) | {"usable": not wrong})
    else:
        libraries = ", ".join(f"{name} {_version(name) or 'missing'}" for name in LIBRARIES)
        head = f"longctx {__version__}, Python {platform.python_version()}, {libraries}"
        write("".join(f"{line}\n" for line in report(head, found, between, local, kept, wrong)))
    if wrong:
        ctx.exit(1)


def _aim(params: dict[str, object]) -> Aim:
    from longctx.api.doctoring import Aim
    from longctx.budget import Profile

    profile, budget = str(params["profile"]), params["budget"]
    tokenizer = None if params["tokenizer"] is None else str(params["tokenizer"])
    if isinstance(budget, int):
        return Aim(budget, "", tokenizer)
    return Aim(Profile[profile.upper()].value, profile, tokenizer)


def _chosen(found: Sequence[Place]) -> tuple[Place, ...]:
    """The servers that questions would go to: those that are configured, else the first that an
    engine of ours speaks to."""
    configured = tuple(place for place in found if place.configured)
    return configured or tuple(place for place in found if place.facts and place.facts.takes)[:1]


def _measured(chosen: Sequence[Place], aim: Aim, tokens: int, places: Places) -> Iterator[Place]:
    """Each with what prompts show; how fast it is, is kept where `warm` looks for it."""
    from longctx.api import doctoring
    from longctx.store import Store, StoreError

    def each(store: Store | None) -> Iterator[Place]:
        for place in chosen:
            say(f"{place.url}: asking with a prefix of about {tokens:,} tokens")
            yield doctoring.measure(place, aim, tokens, store, status)
            status("")

    status = Status()
    try:
        store = Store.open(places.data)
    except StoreError as error:
        say(str(error))
        yield from each(None)
        return
    with closing(store):
        yield from each(store)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _as_json(
    found: Sequence[Place],
    between: Sequence[Finding],
    local: Sequence[Finding],
    kept: Sequence[Cache],
) -> dict[str, object]:
    return {
        "longctx": __version__,
        "python": platform.python_version(),
        "libraries": {name: _version(name) for name in LIBRARIES},
        "servers": [_server_as_json(place) for place in found],
        "between": _findings_as_json(between),
        "local": _findings_as_json(local),
        "caches": [
            {"name": cache.name, "folder": str(cache.folder), "bytes": cache.size} for cache in kept
        ],
    }


def _server_as_json(place: Place) -> dict[str, object]:
    told: dict[str, object] = {
        "url": place.url,
        "configured": place.configured,
        "answers": place.facts is not None,
        "findings": _findings_as_json([*place.findings, *place.tried]),
    }
    served = place.served
    if served is None:
        return told
    return told | {
        "engine": served.engine,
        "version": served.version,
        "model": served.model,
        "models": served.models,
        "model_path": served.model_path,
        "window": served.window,
        "page_size": served.page_size,
        "reports_cached_tokens": served.reports_cached,
        "notes": served.notes,
        "measured": None if place.measured is None else _measured_as_json(place.measured),
    }


def _findings_as_json(findings: Iterable[Finding]) -> list[dict[str, str]]:
    return [
        {
            "severity": str(each.severity),
            "about": each.about,
            "seen": each.seen,
            "why": each.why,
            "fix": each.fix,
        }
        for each in findings
    ]


def _measured_as_json(measured: Measured) -> dict[str, object]:
    return {
        "tokens": measured.tokens,
        "cold_first_token_seconds": measured.cold.seconds,
        "warm_first_token_seconds": measured.warm_seconds,
        "prefill_tokens_per_second": measured.rate,
        "cached_tokens": measured.cached,
        "expected_cached_tokens": measured.expected,
        "quoted": measured.found,
    }

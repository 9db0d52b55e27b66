"""`longctx cache`: what is kept where on this machine, and clearing what can be made again."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING

import click

from longctx.cli.narration import say
from longctx.cli.options import PLACES, options, places_of
from longctx.cli.output import write, write_json
from longctx.cli.sessions import JSON, confirmed
from longctx.cli.subcommands import defaulting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longctx.api.clearing import Cleared
    from longctx.api.keeping import Holdings, KeptBase
    from longctx.api.places import Places

DAY = 86_400


@defaulting("cache", usual="show")
def command() -> None:
    """Say what is kept on this machine, and clear what can be made again.

    Sessions are never cleared here: `longctx sessions rm` removes them. Without a command, what is
    kept is shown.

    \b
    longctx cache
    longctx cache clear
    longctx cache clear --bases --older-than 30
    """


@command.command("show")
@options(JSON, PLACES)
@click.pass_context
def show(ctx: click.Context, /, as_json: bool, **_: object) -> None:
    """Show folders and their sizes, and each base with the sessions that use it."""
    from longctx.api.keeping import holdings
    from longctx.store import Store

    places = places_of(ctx.params)
    with closing(Store.open(places.data)) as store:
        kept = holdings(places, store)
    if as_json:
        write_json(_as_json(kept))
    else:
        write("".join(f"{line}\n" for line in _lines(kept)))


def _lines(kept: Holdings) -> Iterator[str]:
    from longctx.cli.phrasing import columns, counted, place, shortened_end, size

    notes = {
        "database": f"  ({counted(kept.sessions, 'session')})",
        "bases": f"  ({len(kept.bases):,})",
    }
    for folder in kept.folders:
        head = f"{folder.name:<9}{size(folder.size):>11}  "
        yield shortened_end(head, place(str(folder.path)) + notes.get(folder.name, ""), columns())
    if kept.bases:
        yield ""
        yield "bases, last used first:"
    for base in kept.bases:
        yield shortened_end(_base(base), _users(base), columns())


def _base(base: KeptBase) -> str:
    from longctx.cli.phrasing import age, counted, size

    documents = "damaged" if base.documents is None else counted(base.documents, "document")
    digest, used = base.frozen.digest.hex()[:8], age(base.frozen.used, time.time())
    return f"{digest} {size(base.frozen.size):>11}  {documents:>16}  {used:>11}  "


def _users(base: KeptBase) -> str:
    return ", ".join(kept.name or kept.id for kept in base.sessions) or "(no session)"


def _as_json(kept: Holdings) -> dict[str, object]:
    return {
        "folders": [
            {"name": each.name, "path": str(each.path), "bytes": each.size} for each in kept.folders
        ],
        "sessions": kept.sessions,
        "bases": [
            {
                "digest": base.frozen.digest.hex(),
                "bytes": base.frozen.size,
                "used": base.frozen.used,
                "documents": base.documents,
                "sessions": [session.id for session in base.sessions],
                "sources": sorted({source for one in base.sessions for source in one.sources}),
            }
            for base in kept.bases
        ],
    }


@command.command("clear")
@click.option(
    "--tokens", is_flag=True, help="Token ids and counts; the next question counts again."
)
@click.option("--texts", is_flag=True, help="Texts of PDFs, DOCX, ...; these are read again.")
@click.option("--clones", is_flag=True, help="Copies of remote repositories; fetched again.")
@click.option(
    "--bases", is_flag=True, help="Frozen bases; the next question of each prefills everything."
)
@click.option(
    "--older-than",
    type=click.FloatRange(min=0),
    metavar="DAYS",
    help="Only what went so long unused.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@options(JSON, PLACES)
@click.pass_context
def clear(ctx: click.Context, /, older_than: float | None, yes: bool, **_: object) -> None:
    """Clear what can be made again: tokens, texts and clones, unless kinds are named.

    Sessions stay. Without the base under it a session gets a new one at its next question, which
    the server then has to prefill.
    """
    places, before = places_of(ctx.params), None
    if older_than is not None:
        before = time.time() - older_than * DAY
    kinds = [kind for kind in ("tokens", "texts", "clones", "bases") if ctx.params[kind]]
    kinds = kinds or ["tokens", "texts", "clones"]
    for line in _plan(places, kinds, before):
        say(line)
    confirmed("clear this?", yes)
    cleared = _cleared(places, kinds, before)
    if ctx.params["as_json"]:
        told = [{"name": one.name, "bytes": one.size, "left": one.left} for one in cleared]
        write_json({"cleared": told})
        return
    from longctx.cli.phrasing import counted, size

    for one in cleared:
        left = f"; {counted(one.left, 'copy')} left, perhaps in use" if one.left else ""
        say(f"{one.name}: {size(one.size)} cleared{left}")


def _plan(places: Places, kinds: list[str], before: float | None) -> Iterator[str]:
    """What will be cleared, and what that costs."""
    from longctx.api.keeping import cache_folders
    from longctx.cli.phrasing import place, size

    limit = "" if before is None else ", as far as it is old enough"
    for folder in cache_folders(places):
        if folder.name in kinds:
            yield f"{folder.name}: {size(folder.size)} in {place(str(folder.path))}{limit}"
    if "bases" in kinds:
        yield from _plan_of_bases(places, before)


def _plan_of_bases(places: Places, before: float | None) -> Iterator[str]:
    from longctx.api.keeping import bases_unused_since
    from longctx.cli.phrasing import counted, size
    from longctx.store import Store

    with closing(Store.open(places.data)) as store:
        bases = bases_unused_since(store, before)
    yield f"bases: {len(bases):,}, {size(sum(base.frozen.size for base in bases))}"
    users = {session.id: session for base in bases for session in base.sessions}
    if users:
        names = ", ".join(session.name or session.id for session in users.values())
        yield (
            f"the next question in {counted(len(users), 'session')} prefills everything again:"
            f" {names}"
        )


def _cleared(places: Places, kinds: list[str], before: float | None) -> list[Cleared]:
    from longctx.api.clearing import clear_bases, clear_clones, clear_texts, clear_tokens
    from longctx.store import Store

    cleared = []
    if "tokens" in kinds:
        cleared.append(clear_tokens(places, before))
    if "texts" in kinds:
        cleared.append(clear_texts(places, before))
    if "clones" in kinds:
        cleared.append(clear_clones(places, before))
    if "bases" in kinds:
        with closing(Store.open(places.data)) as store:
            cleared.append(clear_bases(store, before))
    return cleared

"""`longctx repack`: a new base instead of an old one with updates, primed before it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from longctx.cli.narration import Progress, say
from longctx.cli.options import BUDGET, CONFIG, ISOLATE, PLACES, SERVER, SOURCES, options, wanted
from longctx.cli.output import write_json

if TYPE_CHECKING:
    from longctx.api import Session
    from longctx.api.asked import Shared
    from longctx.api.warming import Repacking


@click.command("repack")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("--dry-run", is_flag=True, help="Only say what it would cost and save.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
@options(BUDGET, SOURCES, ISOLATE, SERVER, CONFIG, PLACES)
@click.pass_context
def command(ctx: click.Context, /, sources: tuple[str, ...], **_: object) -> None:
    """Begin a new base of SOURCEs, what changed moved to its end, instead of carrying updates.

    The server is made to hold the new base before it replaces the old one: until then, and if that
    fails or is interrupted, questions go on over the old one.

    \b
    longctx repack ./monorepo --dry-run
    """
    want, params = wanted(ctx, sources), ctx.params
    with Progress("counting tokens") as counting, want.session(sources, counting) as session:
        repack(session, counting, bool(params["dry_run"]), bool(params["as_json"]))


def repack(
    session: Session, counting: Progress, dry_run: bool = False, as_json: bool = False
) -> None:
    """Weigh it, say so, and do it where there is anything to do."""
    from longctx.api.warming import refuse_promptless, repacking

    refuse_promptless(session)
    shared = session.shown()
    fresh = session.repacked(shared)
    weighed = repacking(shared, fresh)
    counting.finish()
    for line in _told(weighed, shared):
        say(line)
    done = bool(weighed.carried) and not dry_run
    if done:
        _done(session, fresh)
    if as_json:
        write_json(_as_json(weighed, done))


def _told(weighed: Repacking, shared: Shared) -> list[str]:
    if not weighed.carried:
        return ["there is nothing to repack: the base carries no updates"]
    told = [
        f"the base has {weighed.base:,} tokens and carries {weighed.carried:,} tokens of updates"
        f" ({weighed.carried / weighed.base:.1%} of it)",
        f"repacking prefills {weighed.prefill:,} tokens, all from where the new base differs, and"
        f" spares each question {weighed.saved:,}",
    ]
    if shared.continued.shared is not None:
        told.append(
            "other clones share the base as it is; the new one is your own, until the history"
            " begins another base for everyone"
        )
    return told


def _done(session: Session, fresh: Shared) -> None:
    from longctx.api.warming import outlook
    from longctx.cli.warm import prefilled, result

    done = prefilled(session, fresh.prefix, outlook(session, fresh.prefix))
    session.keep(fresh.continued)
    say("repacked" if done is None else f"repacked: {result(done)}")


def _as_json(weighed: Repacking, done: bool) -> dict[str, object]:
    return {
        "base_tokens": weighed.base,
        "carried_tokens": weighed.carried,
        "prefill_tokens": weighed.prefill,
        "saved_tokens": weighed.saved,
        "repacked": done,
    }

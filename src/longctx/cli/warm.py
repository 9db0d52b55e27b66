"""`longctx warm`: what questions share, prefilled before anybody asks, and while files change."""

from __future__ import annotations

import gc
import json
import time
from typing import TYPE_CHECKING

import click

from longctx.cli.narration import Once, Progress, say
from longctx.cli.options import BASE, BUDGET, CONFIG, PLACES, SERVER, SOURCES, options, wanted
from longctx.cli.output import write_data, write_json

if TYPE_CHECKING:
    from longctx.api import Session
    from longctx.api.warming import Outlook
    from longctx.api.watching import Warming
    from longctx.cli.options import Wanted
    from longctx.session.prefixes import Prefix
    from longctx.session.warming import Warmth

NAMED = 3
"""Changed documents that a line names."""


@click.command("warm")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("--watch", is_flag=True, help="Stay, and keep it warm while files change.")
@click.option(
    "--interval",
    type=click.FloatRange(min=0.1),
    default=2.0,
    show_default=True,
    help="Seconds between two looks for changes, with --watch.",
)
@click.option(
    "--keep-alive",
    type=click.FloatRange(min=2),
    default=15.0,
    show_default=True,
    metavar="MINUTES",
    help="Use the prefix so often that the server keeps it, with --watch.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object (with --watch: a line each)."
)
@options(BUDGET, SOURCES, BASE, SERVER, CONFIG, PLACES)
@click.pass_context
def command(ctx: click.Context, /, sources: tuple[str, ...], **_: object) -> None:
    """Make the server hold what all questions about SOURCEs share, so that the first one is fast.

    \b
    longctx warm ./monorepo
    longctx warm ./monorepo --watch
    """
    want = wanted(ctx, sources)
    if ctx.params["watch"]:
        _watch(want, sources)
        return
    with Progress("counting tokens") as counting, want.session(sources, counting) as session:
        once(session, counting, bool(ctx.params["as_json"]))


def once(session: Session, counting: Progress, as_json: bool = False) -> None:
    """Prime what questions share as things are now, and go on from there."""
    from longctx.api.warming import outlook, refuse_unprimable

    refuse_unprimable(session)
    shared = session.shown()
    ahead = outlook(session, shared.prefix)
    counting.finish()
    say(forecast(ahead))
    done = prefilled(session, shared.prefix, ahead)
    session.keep(shared.continued)
    if as_json:
        write_json(_as_json(ahead, done, session))
    elif done is not None and ahead.lacking:
        say(f"warm: {result(done)}")


def forecast(ahead: Outlook) -> str:
    """What is there, what is to be done, and how long that may take."""
    told = f"{ahead.tokens:,} tokens are shared by all questions"
    if not ahead.lacking:
        return f"{told}; the server has them: it is warm"
    cached = max(0, ahead.tokens - ahead.lacking)
    told += f"; {cached:,} should be cached, {ahead.lacking:,} are to be prefilled"
    if ahead.seconds is None:
        return told
    return f"{told}, about {max(1, round(ahead.seconds)):,} s at {ahead.rate:,.0f} tokens/s"


def prefilled(session: Session, prefix: Prefix, ahead: Outlook) -> Warmth | None:
    """Prime it, showing how that goes."""
    from longctx.api.warming import warmed
    from longctx.cli.priming import priming

    with priming(ahead.lacking, session) as waited_for:
        return warmed(session, prefix, waited_for)


def result(done: Warmth) -> str:
    if done.waited and not done.prefilled:
        return f"another process prefilled it meanwhile, {done.seconds:.1f} s"
    cached = "" if done.cached is None else f" ({done.cached:,} were cached)"
    return f"prefilled {done.prefilled:,} tokens in {done.seconds:.1f} s{cached}"


def _as_json(ahead: Outlook, done: Warmth | None, session: Session) -> dict[str, object]:
    served = session.surface.connected.served
    return {
        "tokens": ahead.tokens,
        "predicted_cached_tokens": ahead.tokens - ahead.lacking,
        "estimated_seconds": ahead.seconds,
        **_warmth_as_json(done),
        "engine": served.engine,
        "model": served.model,
    }


def _warmth_as_json(done: Warmth | None) -> dict[str, object]:
    return {
        "cached_tokens": None if done is None else done.cached,
        "prefilled_tokens": 0 if done is None else done.prefilled,
        "seconds": 0.0 if done is None else done.seconds,
        "waited": done is not None and done.waited,
    }


def _watch(want: Wanted, sources: tuple[str, ...]) -> None:
    from longctx.api.warming import refuse_unprimable
    from longctx.api.watching import Watch

    gc.enable()  # this one lives for days
    params, once = want.params, Once()

    def begin() -> Session:
        session = want.session(sources, tell=once)
        params["fresh"] = False  # only the first look begins a base
        refuse_unprimable(session)
        return session

    watch = Watch(begin, float(str(params["interval"])), 60 * float(str(params["keep_alive"])), say)
    since, times, tokens = time.monotonic(), 0, 0
    try:
        for each in watch:
            times += bool(each.warmth and each.warmth.prefilled)
            tokens += each.warmth.prefilled if each.warmth else 0
            _tell(each, as_json=bool(params["as_json"]))
    except KeyboardInterrupt:
        minutes = (time.monotonic() - since) / 60
        say(f"watched for {minutes:.0f} min: prefilled {tokens:,} tokens in {times:,} prefills")


def _tell(each: Warming, as_json: bool) -> None:
    if as_json:
        line = {
            "reason": each.reason,
            "changed": each.changed,
            "tokens": each.tokens,
            **_warmth_as_json(each.warmth),
        }
        write_data([json.dumps(line) + "\n"], None)
        return
    now = time.strftime("%H:%M:%S")
    done = ""
    if each.warmth is not None and (each.warmth.prefilled or each.warmth.waited):
        done = f": {result(each.warmth)}"
    if each.reason == "start":
        say(f"{now} {each.tokens:,} tokens are warm{done}; watching, Ctrl-C ends it")
    elif each.reason == "edit":
        say(f"{now} {_named(each.changed)}{done}")
    elif each.reason == "going":
        say(f"{now} the server was giving it up: warm again{done}")


def _named(changed: tuple[str, ...]) -> str:
    if not changed:
        return "the history moved on"
    more = f" and {len(changed) - NAMED:,} more" if len(changed) > NAMED else ""
    return f"{', '.join(changed[:NAMED])}{more} changed"

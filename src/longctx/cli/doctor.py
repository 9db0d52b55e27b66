"""`longctx doctor`: what answers where, what it can do, and what is kept here."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import click

from longctx import __version__
from longctx.cli.config import apply_settings
from longctx.cli.narration import say
from longctx.cli.options import CONFIG, PLACES, SERVER, connection_of, options, places_of
from longctx.cli.output import write, write_json
from longctx.errors import EngineUnavailable

if TYPE_CHECKING:
    from longctx.api.doctoring import Cache, Place

LIBRARIES = ("fastokens", "tiktoken", "httpx2", "diskcache", "GitPython")


@click.command("doctor")
@options(SERVER)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
@options(CONFIG, PLACES)
@click.pass_context
def command(ctx: click.Context, /, as_json: bool, **_: object) -> None:
    """Say which servers answer, what they can do, and what is cached here.

    Exits with 1 when a server was configured and does not answer.
    """
    from longctx.api.doctoring import caches, servers

    apply_settings(ctx, tuple, say)
    found = servers(connection_of(ctx.params))
    kept = caches(places_of(ctx.params))
    if as_json:
        write_json(
            {
                "longctx": __version__,
                "python": platform.python_version(),
                "libraries": {name: _version(name) for name in LIBRARIES},
                "servers": [_as_json(place) for place in found],
                "caches": [
                    {"name": cache.name, "folder": str(cache.folder), "bytes": cache.size}
                    for cache in kept
                ],
            }
        )
    else:
        write("".join(f"{line}\n" for line in _lines(found, kept)))
    silent = [place for place in found if place.usual == "configured" and place.served is None]
    if silent:
        raise EngineUnavailable(
            f"no answer from the configured server {silent[0].url}: start it, or correct"
            " --base-url, LONGCTX_BASE_URL or longctx.toml"
        )


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _lines(found: tuple[Place, ...], kept: tuple[Cache, ...]) -> list[str]:
    libraries = ", ".join(f"{name} {_version(name) or 'missing'}" for name in LIBRARIES)
    lines = [f"longctx {__version__}, Python {platform.python_version()}, {libraries}", ""]
    for place in found:
        lines += _server_lines(place)
    if not any(place.served for place in found):
        lines.append("no server: `longctx ask` answers with quotes until one is connected, like")
        lines.append("  sglang serve --model-path MODEL --port 30000 --enable-cache-report")
    lines.append("")
    for cache in kept:
        lines.append(f"cache {cache.name}: {cache.size / 1e6:,.1f} MB in {cache.folder}")
    return lines


def _server_lines(place: Place) -> list[str]:
    served = place.served
    if served is None:
        return [f"{place.url} ({place.usual}): nothing answers"]
    lines = [
        f"{place.url}: {served.engine} {served.version or '(version not told)'}",
        f"  model         {served.model or 'not told'}",
        f"  window        {_number(served.window, ' tokens')}",
        f"  page size     {_number(served.page_size, ' tokens')}",
        f"  cached tokens {_reported(served.reports_cached)}",
    ]
    return lines + [f"  note: {note}" for note in served.notes]


def _number(value: int | None, unit: str) -> str:
    return "not told" if value is None else f"{value:,}{unit}"


def _reported(reports: bool | None) -> str:
    if reports is None:
        return "not told whether they are reported"
    return "reported" if reports else "not reported"


def _as_json(place: Place) -> dict[str, object]:
    served = place.served
    return {"url": place.url, "answers": served is not None} | (
        {}
        if served is None
        else {
            "engine": served.engine,
            "version": served.version,
            "model": served.model,
            "models": served.models,
            "window": served.window,
            "page_size": served.page_size,
            "reports_cached_tokens": served.reports_cached,
            "notes": served.notes,
        }
    )

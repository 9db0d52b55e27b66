"""What `longctx doctor` found, for a person: lines of 80 columns that mean the same without colour.

What must never be known here: how anything was found.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from longctx.api.doctoring import Cache, Finding, Place

WIDTH = 80
COLUMN = 11
"""Where the words behind a label begin."""


def report(
    head: str,
    found: Sequence[Place],
    between: Sequence[Finding],
    local: Sequence[Finding],
    kept: Sequence[Cache],
    wrong: Sequence[Finding],
) -> Iterator[str]:
    """The lines, the gravest of each part last. `wrong`: the troubles that stand in the way."""
    yield from _wrapped(head)
    answering = [place for place in found if place.facts is not None or place.configured]
    for place in answering:
        yield ""
        yield from _server_lines(place)
    if not answering:
        yield ""
        yield "no server: `longctx ask` answers with quotes until one is connected, like"
        yield "  sglang serve --model-path MODEL --port 30000 --enable-cache-report"
    if between:
        yield ""
        yield "the servers together"
        yield from _finding_lines(between)
    yield ""
    yield "this machine"
    yield from _finding_lines(local)
    for cache in kept:
        size = f"{cache.size / 1e6:,.1f} MB"
        yield from _wrapped(f"{cache.name}, {size} in {cache.folder}", "kept")
    silent = [place for place in found if place not in answering]
    if silent:
        where = ", ".join(f"{place.url} ({place.usual})" for place in silent)
        yield ""
        yield from _wrapped(f"nothing answers at {where}")
    if wrong:
        about = ", ".join(dict.fromkeys(each.about for each in wrong))
        yield ""
        yield from _wrapped(f"answers would be wrong, cut or impossible: {about}")


def _server_lines(place: Place) -> Iterator[str]:
    served = place.served
    if served is None:
        yield from _wrapped(f"{place.url} ({place.usual})")
        yield from _finding_lines(place.findings)
        return
    version = served.version or "(version not told)"
    yield from _wrapped(f"{place.url} ({place.usual}): {served.engine} {version}")
    if served.model is not None or place.usable:
        yield from _wrapped(served.model or "not told", "model")
        yield from _wrapped(_tokens(served.window), "window")
        yield from _wrapped(_tokens(served.page_size), "page size")
        yield from _wrapped(_reported(served.reports_cached), "cached")
    yield from _finding_lines(place.findings)
    if place.tried:
        yield from _finding_lines(place.tried, brief=False)


def _finding_lines(findings: Sequence[Finding], *, brief: bool = True) -> Iterator[str]:
    """The gravest last, where the eye is; what is fine in one line if `brief`."""
    fine = [each for each in findings if each.severity == "ok"]
    if brief and fine:
        yield from _wrapped(", ".join(each.about for each in fine), "fine")
    for severity in ("unknown", "ok", "advice", "trouble"):
        for each in findings:
            if each.severity != severity or (brief and severity == "ok"):
                continue
            label = severity.upper() if severity == "trouble" else severity
            about = "" if each.about == "note" else f"{each.about}: "
            yield from _wrapped(f"{about}{each.seen}", label)
            if each.why:
                yield from _wrapped(f"why: {each.why}", "")
            if each.fix:
                yield from _wrapped(f"do: {each.fix}", "")


def _wrapped(text: str, label: str | None = None) -> Iterator[str]:
    """Lines of 80 columns; with a label, which may be empty, in the column behind it."""
    first = "" if label is None else f"  {label}".ljust(COLUMN + 1) + " "
    yield from textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=" " * len(first) if first else "  ",
        break_on_hyphens=False,  # a flag is copied whole
        max_lines=12,
        placeholder=" …",
    )


def _tokens(count: int | None) -> str:
    return "not told" if count is None else "1 token" if count == 1 else f"{count:,} tokens"


def _reported(reports: bool | None) -> str:
    if reports is None:
        return "not told whether cached tokens are reported"
    return "tokens are reported" if reports else "tokens are not reported"

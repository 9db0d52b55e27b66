"""Commands for a POSIX shell, with the reasons above them."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

from longctx.serving.launches import Var

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from longctx.serving.launches import Launch, Process, Text

_SAFE = re.compile(r"[A-Za-z0-9@%+=:,./_-]+")
WIDTH = 98


def word(text: Text) -> str:
    """One word, quoted where it must be; a variable that is not set stops the command."""
    return "".join(_piece(piece) for piece in text) or "''"


def _piece(piece: str | Var) -> str:
    if isinstance(piece, Var):
        return f'"${{{piece.name}:?}}"'
    if _SAFE.fullmatch(piece):
        return piece
    return "'" + piece.replace("'", "'\"'\"'") + "'"


def command(process: Process, indent: str = "", *, narrow: bool = True) -> str:
    """The process as a command, a flag a line; `narrow` names the GPUs that it may use."""
    lines = [" ".join(word((each,)) for each in process.program)]
    for flag in process.flags:
        lines.append(" ".join((word((flag.name,)), *((word(flag.value),) if flag.value else ()))))
    lines += [word((each,)) for each in process.extra]
    before = [f"{name}={word((value,))}" for name, value in process.env]
    if narrow and process.gpus:
        before.append(f"CUDA_VISIBLE_DEVICES={visible(process)}")
    lines[0] = " ".join((*before, lines[0]))
    return f" \\\n{indent}  ".join(lines)


def visible(process: Process) -> str:
    """The GPUs of the process, as CUDA_VISIBLE_DEVICES takes them."""
    return ",".join(str(process.first + each) for each in range(process.gpus))


def comments(launch: Launch) -> Iterator[str]:
    """What a person should know, as lines that begin with `# `."""
    yield f"# {launch.title}"
    for note in launch.notes:
        yield "#"
        yield from wrapped(note)
    reasons = [flag for process in launch.processes for flag in process.flags if flag.why]
    if reasons:
        yield "#"
    for flag in dict.fromkeys(reasons):
        yield from wrapped(f"{flag.name}: {flag.why}")


def wrapped(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(text, WIDTH, break_on_hyphens=False)]


def needs(names: Iterable[str]) -> Iterator[str]:
    """Comments on the variables that must be set."""
    told = {
        "NODE_RANK": "0 on the first machine, 1, 2, ... on the others",
        "HEAD_ADDRESS": "the first machine's address, the same on all",
    }
    for name in names:
        yield f"# needs {name}: {told.get(name, 'the API key; clients send it too')}"


def script(launch: Launch) -> str:
    """A script that starts everything, and ends everything when it ends."""
    lines = list(comments(launch))
    variables = dict.fromkeys(name for each in launch.processes for name in each.variables)
    lines += needs(variables)
    if launch.nodes > 1:
        lines.append(f"# run it on each of {launch.nodes} machines")
    lines.append("")
    if len(launch.processes) == 1:
        return "\n".join((*lines, command(launch.servers[0], narrow=False), ""))
    lines += ["set -eu", "trap 'kill 0' EXIT INT TERM", ""]
    for process in launch.processes:
        lines += [command(process) + " &", ""]
    lines += ["wait -n   # where one ends, all end", ""]
    return "\n".join(("#!/usr/bin/env bash", *lines))

"""Units for systemd: one service a process, and one target over them where there are several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx.serving import shell
from longctx.serving.launches import HEAD, NODE_RANK, Var

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longctx.serving.launches import Launch, Process, Text


def word(text: Text) -> str:
    """A word of ExecStart: quoted, with `%` and `$` doubled so that systemd leaves them alone."""
    said = "".join(
        f"${{{piece.name}}}" if isinstance(piece, Var) else _escaped(piece) for piece in text
    )
    plain = all(c.isascii() and (c.isalnum() or c in "-_./:=,@+${}%") for c in said)
    return said if said and plain else f'"{said}"'


def _escaped(piece: str) -> str:
    for plain, escaped in (("\\", "\\\\"), ('"', '\\"'), ("%", "%%"), ("$", "$$")):
        piece = piece.replace(plain, escaped)
    return piece


def units(launch: Launch) -> dict[str, str]:
    """File name to content."""
    several = len(launch.processes) > 1
    names = {
        process.name: f"{launch.name}-{process.name}" if several else launch.name
        for process in launch.processes
    }
    files = {
        f"{names[process.name]}.service": "\n".join((*_service(launch, process, names), ""))
        for process in launch.processes
    }
    if several:
        wants = " ".join(files)
        files[f"{launch.name}.target"] = (
            f"[Unit]\nDescription={_escaped(launch.title)}\nWants={wants}\n\n"
            "[Install]\nWantedBy=multi-user.target\n"
        )
    return files


def _service(launch: Launch, process: Process, names: dict[str, str]) -> Iterator[str]:
    name = names[process.name]
    yield from shell.comments(launch)
    yield "#"
    yield f"# /etc/systemd/system/{name}.service, then `systemctl enable --now {name}`"
    yield from _variables(launch, process)
    yield ""
    yield "[Unit]"
    yield f"Description={_escaped(launch.title)} ({process.name})"
    yield "After=network-online.target"
    yield "Wants=network-online.target"
    if process is launch.router:
        yield "After=" + " ".join(f"{names[server.name]}.service" for server in launch.servers)
    if len(names) > 1:
        yield f"PartOf={launch.name}.target"
    yield ""
    yield "[Service]"
    if needed(launch, process):
        yield f"EnvironmentFile=/etc/longctx/{launch.name}.env"
    for key, value in process.env:
        yield f"Environment={word((f'{key}={value}',))}"
    if process.gpus and len(launch.servers) > 1:
        yield f"Environment=CUDA_VISIBLE_DEVICES={shell.visible(process)}"
    command = " \\\n  ".join(_lines(process))
    yield f"ExecStart=/usr/bin/env {command}"
    yield "Restart=on-failure"
    yield "RestartSec=10"
    yield "KillMode=mixed"
    yield "TimeoutStopSec=120"
    yield "LimitMEMLOCK=infinity"
    yield ""
    yield "[Install]"
    yield f"WantedBy={launch.name}.target" if len(names) > 1 else "WantedBy=multi-user.target"


def needed(launch: Launch, process: Process) -> tuple[str, ...]:
    """The variables that the unit's environment file must set."""
    key = (launch.key,) if launch.key and process is not launch.router else ()
    return tuple(dict.fromkeys((*process.variables, *key)))


def _variables(launch: Launch, process: Process) -> Iterator[str]:
    names = needed(launch, process)
    if names:
        yield f"# /etc/longctx/{launch.name}.env (mode 0600) sets:"
        for name in names:
            rest = {NODE_RANK.name: "0", HEAD.name: "10.0.0.1"}.get(name, "...")
            yield f"#   {name}={rest}"


def _lines(process: Process) -> Iterator[str]:
    yield " ".join(word((each,)) for each in process.program)
    for flag in process.flags:
        yield " ".join((word((flag.name,)), *((word(flag.value),) if flag.value else ())))
    yield from (word((each,)) for each in process.extra)

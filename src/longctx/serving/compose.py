"""A compose file. Scalars are JSON strings, which YAML reads alike; `$` is doubled for compose."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from longctx.errors import UsageError
from longctx.serving import shell
from longctx.serving.launches import HEAD, NODE_RANK, Var

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longctx.serving.launches import Launch, Process, Text

START = "30m"
"""How long a server may load before its health counts."""


def scalar(text: Text) -> str:
    said = "".join(
        f"${{{piece.name}:?set {piece.name}}}"
        if isinstance(piece, Var)
        else piece.replace("$", "$$")
        for piece in text
    )
    return json.dumps(said, ensure_ascii=False)


def text(launch: Launch) -> str:
    """The file for one machine; with several, the same file is started on each."""
    if not launch.image:
        raise UsageError(f"no container image is known for {launch.engine}: name one with --image")
    lines = [*shell.comments(launch)]
    if launch.nodes > 1:
        lines += shell.needs((NODE_RANK.name, HEAD.name))
    if launch.key:
        lines += shell.needs((launch.key,))
    lines += ["# start it with `docker compose up -d`", f"name: {launch.name}", "services:"]
    for process in launch.processes:
        lines += _service(launch, process)
    lines += ["volumes:", "  models: {}"]
    return "\n".join((*lines, ""))


def _service(launch: Launch, process: Process) -> Iterator[str]:
    routed = launch.router is not None
    yield f"  {process.name}:"
    yield f"    image: {scalar((launch.image,))}"
    yield "    restart: unless-stopped"
    yield "    network_mode: host" if routed or launch.nodes > 1 else "    ipc: host"
    if routed or launch.nodes > 1:
        yield "    ipc: host"
    else:
        yield "    ports:"
        yield f"      - {scalar((f'{process.port}:{process.port}',))}"
    yield "    entrypoint:"
    for word in process.words:
        yield f"      - {scalar(word)}"
    variables = [*process.env, *_keys(launch, process)]
    if variables:
        yield "    environment:"
        for name, value in variables:
            yield f"      {name}: {value}"
    yield "    volumes:"
    yield "      - models:/root/.cache/huggingface"
    yield "    healthcheck:"
    url = f"http://127.0.0.1:{process.port}{process.health}"
    yield f'      test: ["CMD", "curl", "-fsS", {scalar((url,))}]'
    yield "      interval: 30s"
    yield "      timeout: 20s"
    yield f"      start_period: {START}"
    if process.gpus:
        yield from _gpus(process)
    elif process is launch.router:
        yield "    depends_on:"
        for server in launch.servers:
            yield f"      {server.name}:"
            yield "        condition: service_healthy"


def _keys(launch: Launch, process: Process) -> Iterator[tuple[str, str]]:
    """The key for engines that read it from their environment."""
    if launch.key and launch.key not in process.variables and process is not launch.router:
        yield launch.key, scalar((Var(launch.key),))


def _gpus(process: Process) -> Iterator[str]:
    ids = ", ".join(json.dumps(each) for each in shell.visible(process).split(","))
    yield "    deploy:"
    yield "      resources:"
    yield "        reservations:"
    yield "          devices:"
    yield "            - driver: nvidia"
    yield f"              device_ids: [{ids}]"
    yield "              capabilities: [gpu]"

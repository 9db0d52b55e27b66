"""`longctx serve`: the command that serves a model on the user's hardware, written or run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from longctx.cli.narration import say
from longctx.cli.output import write_data, write_json
from longctx.errors import UsageError

if TYPE_CHECKING:
    from longctx.serving import Launch
    from longctx.sizing import Fit

MODELS = ("flash", "pro")


@click.command("serve")
@click.argument("words", nargs=-1, metavar="[flash|pro] [-- SERVER'S OWN FLAGS...]")
@click.option(
    "--engine",
    type=click.Choice(["sglang", "vllm", "llamacpp"]),
    default="sglang",
    show_default=True,
    help="What serves it.",
)
@click.option("--model", "path", help="Another checkpoint, a folder, or a GGUF file.")
@click.option(
    "--gpus", help="4xH200, 8xB200, 4x96GB, none, ...; default: what nvidia-smi shows here."
)
@click.option(
    "--window",
    type=click.IntRange(min=256),
    help="Tokens of prompt and answer (default: 262,144 for flash, 1,048,576 for pro).",
)
@click.option(
    "--nodes",
    type=click.IntRange(1, 64),
    default=1,
    help="Machines that one server spans, each with --gpus.",
)
@click.option(
    "--replicas", type=click.IntRange(1, 64), default=1, help="Servers that share the GPUs."
)
@click.option(
    "--router/--no-router",
    "routed",
    default=True,
    help="Put sglang-router before several replicas (default), or leave that to longctx.",
)
@click.option("--name", help="The name that clients use (default: deepseek-v4-flash or -pro).")
@click.option("--host", default="0.0.0.0", show_default=True, help="Where to listen.")  # noqa: S104 - for other machines
@click.option("--port", type=click.IntRange(1, 65_000), help="Default: the engine's usual one.")
@click.option(
    "--key-env",
    "key",
    metavar="VARIABLE",
    help="Ask clients for the API key that this variable of the environment holds.",
)
@click.option("--python", default="", help="The Python that has the server installed.")
@click.option("--image", default="", help="Another container image.")
@click.option("--compose", "form", flag_value="compose", help="Write a compose file.")
@click.option("--systemd", "form", flag_value="systemd", help="Write a unit for systemd.")
@click.option("--slurm", "form", flag_value="slurm", help="Write a batch script for Slurm.")
@click.option("--kubernetes", "form", flag_value="kubernetes", help="Write manifests.")
@click.option("--json", "form", flag_value="json", help="Write the command as one JSON object.")
@click.option("--run", "form", flag_value="run", help="Run it, until it ends or Ctrl-C.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Write to this file (several units: into this folder).",
)
@click.option(
    "--check/--no-check",
    default=True,
    help="Ask the server's own parser about the flags, where it is installed here (default).",
)
@click.option("--anyway", is_flag=True, help="Write or run even what does not fit.")
def command(words: tuple[str, ...], form: str | None, output: Path | None, **said: object) -> None:
    """Print, write or run the command that serves DeepSeek V4 on your hardware.

    Tells by arithmetic whether weights and window fit, and refuses what does not.

    \b
    longctx serve flash --gpus 4xH200
    longctx serve pro --gpus 8xH200 --nodes 2 --slurm -o pro.sbatch
    longctx serve flash --replicas 2 --compose -o compose.yaml
    longctx serve flash --run
    """
    from longctx.api.serving import arithmetic, check_flags, planned

    wanted = _said(words, said)
    launch, fit = planned(wanted, anyway=bool(said["anyway"]))
    if fit is not None:
        _tell(fit, arithmetic(fit))
    if said["check"]:
        check_flags(launch, wanted.python, say)
    if form == "run":
        from longctx.api.supervising import supervised

        supervised(launch, say)
    elif form == "json":
        write_json(_as_json(launch, fit))
    else:
        _write(launch, form, output)


def _said(words: tuple[str, ...], said: dict[str, object]):  # type: ignore[no-untyped-def]
    from longctx.api.serving import Said

    model = words[0] if words and words[0] in MODELS else ""
    extra = words[1:] if model else words
    if extra and not extra[0].startswith("-"):
        raise UsageError(f"{extra[0]!r}: flash or pro, or --model for your own")
    return Said(
        model=model,
        path=str(said["path"] or ""),
        engine=str(said["engine"]),
        gpus=str(said["gpus"] or ""),
        nodes=_number(said["nodes"]),
        replicas=_number(said["replicas"]),
        routed=bool(said["routed"]),
        window=None if said["window"] is None else _number(said["window"]),
        name=str(said["name"] or ""),
        host=str(said["host"]),
        port=None if said["port"] is None else _number(said["port"]),
        key=str(said["key"] or ""),
        python=str(said["python"]),
        image=str(said["image"]),
        extra=extra,
    )


def _number(value: object) -> int:
    assert isinstance(value, int)  # noqa: S101 - click's types
    return value


def _tell(fit: Fit, lines: list[str]) -> None:
    verdict = "fits" if fit.holds else "does not fit"
    say(f"{fit.model.name}, window {fit.window:,}: {verdict} {fit.setup.name}")
    for line in lines:
        say(line)
    if fit.ratio:
        say(
            f"  so {fit.pool:,} tokens of prefixes stay warm, {fit.chunk:,} are prefilled at a time"
        )


def _write(launch: Launch, form: str | None, output: Path | None) -> None:
    from longctx.serving import compose, kubernetes, shell, slurm, systemd

    if form == "systemd":
        units = systemd.units(launch)
        if len(units) == 1:
            write_data(units.values(), output)
        elif output is None:
            write_data((f"# file: {name}\n{text}\n" for name, text in units.items()), None)
        else:
            output.mkdir(parents=True, exist_ok=True)
            for name, text in units.items():
                write_data((text,), output / name)
        return
    texts = {
        None: shell.script,
        "compose": compose.text,
        "slurm": slurm.text,
        "kubernetes": kubernetes.text,
    }
    write_data((texts[form](launch),), output)


def _as_json(launch: Launch, fit: Fit | None) -> dict[str, object]:
    from longctx.serving.launches import Var

    return {
        "title": launch.title,
        "engine": launch.engine,
        "port": launch.port,
        "nodes": launch.nodes,
        "notes": launch.notes,
        "processes": [
            {
                "name": process.name,
                "port": process.port,
                "gpus": list(range(process.first, process.first + process.gpus)),
                # A variable of the environment stands as ${NAME}.
                "words": [
                    "".join(f"${{{p.name}}}" if isinstance(p, Var) else p for p in word)
                    for word in process.words
                ],
            }
            for process in launch.processes
        ],
        "fit": None if fit is None else fit_as_json(fit),
    }


def fit_as_json(fit: Fit) -> dict[str, object]:
    """Memory of each GPU, in bytes, and tokens."""
    return {
        "setup": fit.setup.name,
        "gpus": fit.setup.count,
        "nodes": fit.setup.nodes,
        "holds": fit.holds,
        "window": fit.window,
        "memory": fit.setup.gpu.memory,
        "fraction": fit.fraction,
        "weights": fit.weights,
        "state": fit.state,
        "cache": fit.left,
        "needed": fit.needed,
        "bytes_per_token": fit.per_token,
        "pool_tokens": fit.pool,
        "window_pool_tokens": fit.window_pool,
        "chunk": fit.chunk,
    }

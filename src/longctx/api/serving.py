"""From what the user says of a server to a launch that fits, or a refusal with the arithmetic.

What must never be known here: how options are spelled, how a launch is written down.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from longctx.api.flag_checking import checked
from longctx.api.hardware import gpus_here
from longctx.errors import BudgetError, UsageError
from longctx.serving import ENGINES, Wish, launch_for
from longctx.sizing import Setup, fit, fit_gguf, fitting, tables
from longctx.sizing.hardware import GIB

if TYPE_CHECKING:
    from collections.abc import Callable

    from longctx.serving import Launch
    from longctx.sizing import Fit, Tables

NONE = "none"
"""What stands for "no GPU"."""

PART = re.compile(r"-00001-of-(\d{5})\.gguf$")


@dataclass(frozen=True, slots=True)
class Said:
    """What the user says; "" and None leave it to us."""

    model: str = ""
    """flash, pro or "" for one of the user's own."""
    path: str = ""
    engine: str = "sglang"
    gpus: str = ""
    nodes: int = 1
    replicas: int = 1
    routed: bool = True
    window: int | None = None
    name: str = ""
    host: str = "0.0.0.0"  # noqa: S104 - a model server is for other machines
    port: int | None = None
    key: str = ""
    python: str = ""
    image: str = ""
    extra: tuple[str, ...] = ()


def planned(said: Said, *, anyway: bool = False) -> tuple[Launch, Fit | None]:
    """What to start, and how it fits.

    Raises BudgetError, with the arithmetic and what does hold it, where it does not fit, unless it
    is wanted `anyway`.
    """
    known = tables()
    model = known.models.get(said.model)
    path = said.path or ("" if model is None else model.path)
    if not path or (model is not None and said.engine == "llamacpp" and not said.path):
        what = "a GGUF file" if said.engine == "llamacpp" else "a model: flash, pro, or your own"
        raise UsageError(f"name {what} with --model")
    setup = _setup(said, known)
    window = said.window or (8_192 if model is None else model.profile)
    if model is not None and window > model.window:
        raise UsageError(f"{model.name} takes {model.window:,} tokens, not {window:,}")
    wish = Wish(
        engine=said.engine,
        path=path,
        served=said.name or _served_name(said, path),
        window=window,
        model=model,
        setup=setup,
        replicas=said.replicas,
        routed=said.routed,
        host=said.host,
        port=said.port or ENGINES[said.engine],
        key=said.key,
        python=said.python,
        image=said.image,
        extra=said.extra,
    )
    wish = replace(wish, fit=_fit(wish, known))
    if wish.fit is not None and not anyway:
        _refuse(wish, wish.fit, known)
    # llama.cpp's flags are the same whatever fits.
    return launch_for(wish), wish.fit


def check_flags(
    launch: Launch, python: str, say: Callable[[str], None], *, extra: tuple[str, ...] = ()
) -> None:
    """Say what the installed server says of the flags; UsageError where it does not take them."""
    found = checked(launch.engine, launch.servers[0], python)
    if found is None:
        say(f"flags not checked: {launch.engine} is not installed here")
        return
    if found.fine:
        say(f"flags checked: {launch.engine} {found.version}, installed here, takes all of them")
        return
    ours = [f"{flag}" + (f" (is it {like} now?)" if like else "") for flag, like in found.unknown]
    told = f"does not know {', '.join(ours)}" if ours else found.complaint
    raise UsageError(
        f"{launch.engine} {found.version}, installed here: {told}; --no-check writes the command"
        " all the same"
    )


def _setup(said: Said, known: Tables) -> Setup | None:
    """The GPUs of one server."""
    if said.gpus.strip().lower() == NONE:
        return None
    if said.gpus:
        setup = known.setup(said.gpus)
    else:
        here = gpus_here()
        if not here:
            raise UsageError(
                "no GPU was found here (nvidia-smi): say which there are with --gpus, like 4xH200"
                f" or 4x96GB, or --gpus {NONE}"
            )
        setup = known.detected(here)
    if said.nodes > 1:
        if setup.nodes > 1:
            raise UsageError("--gpus names machines already: leave --nodes out")
        # Then --gpus says what one machine has.
        setup = Setup(setup.gpu, setup.count * said.nodes, said.nodes)
    elif said.gpus and setup.nodes == 1 and setup.count > setup.gpu.node and said.replicas == 1:
        setup = replace(setup, nodes=-(-setup.count // setup.gpu.node))
    if setup.count % (said.replicas * setup.nodes):
        raise UsageError(
            f"{setup.count} GPUs cannot be shared evenly between"
            f" {said.replicas * setup.nodes} servers or machines"
        )
    setup = replace(setup, count=setup.count // said.replicas)
    if setup.used() % setup.nodes:
        raise UsageError(
            f"a server shares the model between 1, 2, 4, 8, ... GPUs: {setup.nodes} machines cannot"
            f" take equal parts of {setup.used()}"
        )
    return setup


def _served_name(said: Said, path: str) -> str:
    return f"deepseek-v4-{said.model}" if said.model else Path(path).name.lower() or "model"


def _fit(wish: Wish, known: Tables) -> Fit | None:
    if wish.model is None or wish.setup is None:
        return None
    if wish.engine == "llamacpp":
        return fit_gguf(wish.model, wish.setup, wish.window, known.gguf, _size(wish.path))
    return fit(wish.model, wish.setup, wish.window, known.cache)


def _size(path: str) -> int | None:
    """Bytes of a GGUF and its further parts; None where it is not here."""
    file = Path(path)
    part = PART.search(file.name)
    files = [file]
    if part is not None:
        stem = file.name[: part.start()]
        files = [
            file.with_name(f"{stem}-{number:05d}-of-{part[1]}.gguf")
            for number in range(1, int(part[1]) + 1)
        ]
    if not all(each.is_file() for each in files):
        return None
    return sum(each.stat().st_size for each in files)


def _refuse(wish: Wish, found: Fit, known: Tables) -> None:
    gpu = found.setup.gpu
    unfit = wish.engine != "llamacpp" and gpu.runs is False
    if found.holds and not unfit:
        return
    lines = [f"{found.model.name} with a window of {found.window:,} tokens "]
    lines[0] += f"does not run on {gpu.name}" if found.holds else f"does not fit {found.setup.name}"
    if unfit:
        lines.append(f"  {gpu.name}: {gpu.why}")
    if not found.holds:
        lines += arithmetic(found)
    if wish.engine != "llamacpp":
        holding = fitting(found.model, known.gpus.values(), found.window, known.cache)
        named = ", ".join(each.setup.name for each in holding)
        lines.append(f"what holds it, by the same arithmetic: {named}")
    lines.append("--anyway writes the command all the same")
    raise BudgetError("\n".join(lines))


def arithmetic(found: Fit) -> list[str]:
    """How the memory of each GPU is shared out, in lines."""

    def line(what: str, size: float, why: str) -> str:
        return f"  {what:<18}{size / GIB:>9,.1f} GiB  {why}"

    shared = found.setup.used()
    given = f"{found.fraction:.2f} of it, the rest for activations, graphs"
    lines = [
        line("a GPU's memory", found.setup.gpu.memory, found.setup.gpu.name),
        line("for both", found.given, given),
        line("weights", found.weights, f"{found.weights * shared / 1e9:,.0f} GB over {shared}"),
    ]
    if found.state:
        lines.append(line("state", found.state, "of all requests at once"))
    why = f"{found.window:,} tokens x {found.per_token:,.0f} bytes, on each GPU"
    lines.append(line("cache left", found.left, f"{found.pool:,} tokens"))
    lines.append(line("cache needed", found.needed, why))
    if found.short:
        lines.append(line("short by", found.short, "on each GPU"))
    return lines

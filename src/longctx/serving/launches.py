"""What is started: processes with their flags, as values that each format writes in its own way.

What must never be known here: engines, quoting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from longctx.sizing import Fit, Model, Setup


@dataclass(frozen=True, slots=True)
class Var:
    """A value that only the place where the process starts knows."""

    name: str
    """Of a variable of its environment."""


Text = tuple[str | Var, ...]
"""Pieces of one word of a command."""

NODE_RANK = Var("NODE_RANK")
"""Which of several machines this is, from 0."""
HEAD = Var("HEAD_ADDRESS")
"""The machine of rank 0."""


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag of a command."""

    name: str
    value: Text = ()
    """() for a flag that takes none."""
    why: str = ""
    """For a person, where the reason is not plain."""


@dataclass(frozen=True, slots=True)
class Process:
    """One process to run."""

    name: str
    program: tuple[str, ...]
    flags: tuple[Flag, ...]
    port: int
    extra: tuple[str, ...] = ()
    """The user's own words, after ours."""
    env: tuple[tuple[str, str], ...] = ()
    gpus: int = 0
    """How many it takes of its machine."""
    first: int = 0
    """The first of them."""
    health: str = "/health"

    @property
    def words(self) -> tuple[Text, ...]:
        """The whole command."""
        said: list[Text] = [(word,) for word in self.program]
        for flag in self.flags:
            said.append((flag.name,))
            if flag.value:
                said.append(flag.value)
        return (*said, *((word,) for word in self.extra))

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of the environment that it needs, each once."""
        found = (piece.name for word in self.words for piece in word if isinstance(piece, Var))
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Launch:
    """Everything that serves one model."""

    name: str
    """Short, of letters, digits and dashes."""
    title: str
    notes: tuple[str, ...]
    """What a person should know, each a sentence or two."""
    engine: str
    servers: tuple[Process, ...]
    router: Process | None = None
    nodes: int = 1
    """Machines that each server spans."""
    image: str = ""
    """A container image that has the engine; "" where none is known."""
    key: str = ""
    """Name of the variable that holds the API key; "" for none."""

    @property
    def port(self) -> int:
        """Where clients connect."""
        return self.servers[0].port if self.router is None else self.router.port

    @property
    def processes(self) -> tuple[Process, ...]:
        return self.servers if self.router is None else (*self.servers, self.router)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user wants served."""

    engine: str
    path: str
    """The model: a name on a hub, a folder, or a GGUF file."""
    served: str
    """The name that clients use."""
    window: int
    model: Model | None = None
    """What is known of it; None for a model of the user's own."""
    setup: Setup | None = None
    """None for no GPU at all."""
    fit: Fit | None = None
    """None where nothing is known to reckon with."""
    replicas: int = 1
    routed: bool = True
    """Whether a router stands before several replicas."""
    host: str = "0.0.0.0"  # noqa: S104 - a model server is for other machines
    port: int = 30_000
    key: str = ""
    python: str = ""
    """An interpreter that has the engine; "" for its own command on the PATH."""
    image: str = ""
    extra: tuple[str, ...] = ()

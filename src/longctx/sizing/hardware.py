"""GPUs and setups of them, and how people spell these.

What must never be known here: models, prices, commands that ask a machine.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MIB = 1 << 20
GIB = 1 << 30
MOST = 4_096
"""GPUs of one setup; more is a slip."""


@dataclass(frozen=True, slots=True)
class Gpu:
    """One kind of GPU."""

    key: str
    """"" for one that is known by its memory alone."""
    name: str
    memory: int
    """Bytes, as its driver tells."""
    node: int = 8
    """How many one machine usually has."""
    runs: bool | None = None
    """Whether servers run DeepSeek V4 on it; None where that is not known."""
    why: str = ""
    """Why not."""
    fraction: float = 1.0
    """At most this share of the memory may be given to weights and cache."""
    published: tuple[tuple[str, int], ...] = ()
    """(model, how many a server's own cookbook takes for it)."""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Setup:
    """GPUs of one kind, in one machine or several alike."""

    gpu: Gpu
    count: int
    """Of all machines together."""
    nodes: int = 1

    @property
    def per_node(self) -> int:
        return self.count // self.nodes

    @property
    def name(self) -> str:
        machines = f" ({self.nodes} machines)" if self.nodes > 1 else ""
        return f"{self.count}x {self.gpu.name}{machines}"

    def used(self) -> int:
        """GPUs that one server can share the model's heads and experts between: a power of two."""
        return 1 << (self.count.bit_length() - 1)


_COUNT = r"(?P<count>\d{1,4})"
_TIMES = r"\s*[x*×]\s*"
_FORMS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?P<nodes>\d{{1,3}}){_TIMES}{_COUNT}{_TIMES}(?P<gpu>.*[a-z].*)",
        rf"{_COUNT}{_TIMES}(?P<gpu>.+)",
        rf"{_COUNT}\s+(?P<gpu>.*[a-z].*)",
        rf"(?P<gpu>.*[a-z].*?)(?:{_TIMES}|\s*:\s*){_COUNT}",
        r"(?P<gpu>.+)",
    )
)
_MEMORY = re.compile(r"(?P<size>\d{1,5}(?:\.\d{1,3})?)\s*(?P<unit>gib|gb|g|mib|mb)")
_NOISE = ("nvidia", "geforce", "tesla", "amd", "radeon", "gpus", "gpu")


def parsed(text: str, known: Mapping[str, Gpu], aliases: Mapping[str, str]) -> Setup:
    """A setup as a person writes it: `4xH200`, `H200:4`, `2x8xH100`, `8 x 96GB`.

    `aliases` maps squeezed names to keys of `known`. Raises UsageError.
    """
    said = text.strip().lower()
    for form in _FORMS:
        match = form.fullmatch(said)
        gpu = None if match is None else found(match["gpu"], known, aliases)
        if match is None or gpu is None:
            continue
        parts = match.groupdict()
        nodes, count = int(parts.get("nodes") or 1), int(parts.get("count") or 1)
        if not 1 <= nodes * count <= MOST:
            raise UsageError(f"--gpus {text}: between 1 and {MOST:,} GPUs")
        return Setup(gpu, nodes * count, nodes)
    names = ", ".join(sorted(gpu.name for gpu in known.values()))
    raise UsageError(
        f"--gpus {text}: not understood; write 4xH200, or the memory of one that is not listed,"
        f" like 4x96GB (listed: {names})"
    )


def found(text: str, known: Mapping[str, Gpu], aliases: Mapping[str, str]) -> Gpu | None:
    """The kind of GPU of this name, or of this memory; None for neither."""
    squeezed = re.sub(r"[\s_\-()]+", "", text.lower())
    for noise in _NOISE:
        squeezed = squeezed.replace(noise, "")
    if squeezed in aliases:
        return known[aliases[squeezed]]
    memory = _MEMORY.fullmatch(squeezed)
    if memory is None:
        return None
    unit = MIB if memory["unit"].startswith("m") else GIB
    return unlisted(int(float(memory["size"]) * unit))


def unlisted(memory: int, name: str = "") -> Gpu | None:
    """A GPU that is known by its memory alone; None for no memory worth the name."""
    if memory < GIB:
        return None
    return Gpu("", name or f"{memory / GIB:,.0f}GB GPU", memory)


def alike(
    gpus: Iterable[tuple[str, int]], known: Mapping[str, Gpu], aliases: Mapping[str, str]
) -> Setup:
    """The setup that a driver's list of (name, bytes) is; the smallest of unlike ones counts."""
    listed = sorted(gpus, key=lambda each: each[1])
    if not listed:
        raise UsageError("no GPU was found: name yours with --gpus, like 4xH200")
    name, memory = listed[0]
    gpu = found(name, known, aliases) or unlisted(memory, name)
    if gpu is None:
        raise UsageError(f"{name}: no memory to speak of; name your GPUs with --gpus")
    return Setup(gpu, len(listed))

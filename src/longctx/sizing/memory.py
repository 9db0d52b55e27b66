"""Whether a model with a window fits a setup, as arithmetic that can be shown.

SGLang gives a fraction of each GPU to weights and cache and keeps the rest for activations and
graphs. Weights are shared between the GPUs; the cache is not: V4 has one key head, so that each GPU
holds all of it. What must never be known here: prices, times, flags.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.sizing.hardware import GIB, MIB, Setup

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longctx.sizing.hardware import Gpu
    from longctx.sizing.models import Cache, Gguf, Model

RUNNING = 32
"""Requests at once: enough for a team, and each takes compression state."""

RUNTIME = 4 * GIB
"""What the driver, communication and graphs take of a GPU."""

PER_CHUNK = 3 * MIB // 2
PER_REQUEST = 2 * MIB
"""Activations for each token of a chunk and graphs for each request at once, as SGLang 0.5.23
itself reckons (arg_groups/memory_hook.py)."""

MOST = 0.88
"""The largest --mem-fraction-static that SGLang's cookbook has for V4 on ample GPUs."""

CHUNKS = (8_192, 4_096, 2_048, 1_024)
BELOW = 4
"""The window pool holds this many chunks at least: one prefill must not push out the windows at
whose ends other prefixes are continued (measured on SGLang 0.5.23: pool 4,500, chunk 4,096: every
prefix lost; chunk 2,048: all kept)."""


@dataclass(frozen=True, slots=True)
class Fit:
    """What each GPU of a setup holds, in bytes, and what that comes to in tokens."""

    model: Model
    setup: Setup
    window: int
    fraction: float
    """Of the memory, for weights and cache."""
    chunk: int
    """Tokens prefilled at a time."""
    ratio: float
    """Of the window pool to the full pool."""
    weights: int
    state: int
    """Compression state of all requests at once."""
    per_token: float

    @property
    def given(self) -> int:
        """For weights and cache."""
        return int(self.setup.gpu.memory * self.fraction)

    @property
    def left(self) -> int:
        """For the cache; negative where not even the weights fit."""
        return self.given - self.weights - self.state

    @property
    def pool(self) -> int:
        """Tokens that the cache holds."""
        return max(0, int(self.left / self.per_token))

    @property
    def needed(self) -> int:
        """Bytes of cache that the window takes."""
        return int(self.window * self.per_token)

    @property
    def window_pool(self) -> int:
        return int(self.pool * self.ratio)

    @property
    def holds(self) -> bool:
        """Whether the weights and one whole window fit."""
        return self.pool >= self.window

    @property
    def short(self) -> int:
        """Bytes that each GPU lacks; 0 where it fits."""
        return max(0, self.needed - self.left)


def fit(model: Model, setup: Setup, window: int, cache: Cache, running: int = RUNNING) -> Fit:
    """The best way to put the model with this window on this setup."""
    tries = [_fit(model, setup, window, cache, chunk, running) for chunk in CHUNKS]
    fitting = [each for each in tries if each.holds and each.window_pool >= BELOW * each.chunk]
    # Where none fits, what fails by least says best what is missing.
    return next(iter(fitting), min(tries, key=lambda each: each.short))


def _fit(model: Model, setup: Setup, window: int, cache: Cache, chunk: int, running: int) -> Fit:
    gpu = setup.gpu
    kept = RUNTIME + chunk * PER_CHUNK + running * PER_REQUEST
    fraction = min(MOST, gpu.fraction, int((1 - kept / gpu.memory) * 100) / 100)
    return Fit(
        model,
        setup,
        window,
        max(0.0, fraction),
        chunk,
        cache.ratio,
        model.weights // setup.used(),
        cache.fixed(model.layers, running),
        cache.per_token(model.layers),
    )


def fit_gguf(model: Model, setup: Setup, window: int, gguf: Gguf, size: int | None = None) -> Fit:
    """The same for a GGUF of `size` bytes (None: as large as they usually are) with llama.cpp.

    Layers are spread over the GPUs, and each layer's cache with them; any number of GPUs will do.
    """
    weights = int(model.parameters * gguf.bits / 8) if size is None else size
    layers = model.layers
    token = layers.c4 * (gguf.row + gguf.index) / 4 + layers.c128 * gguf.row / 128
    fraction = max(0.0, int((1 - RUNTIME / 2 / setup.gpu.memory) * 100) / 100)
    return Fit(
        model, setup, window, fraction, 2_048, 0.0, weights // setup.count, 0, token / setup.count
    )


def smallest(
    model: Model, gpu: Gpu, window: int, cache: Cache, running: int = RUNNING
) -> Fit | None:
    """The fewest GPUs of this kind that hold model and window; None where 64 do not."""
    for power in range(7):
        count = 1 << power
        nodes = max(1, count // gpu.node)
        found = fit(model, Setup(gpu, count, nodes), window, cache, running)
        if found.holds:
            return found
    return None


def fitting(model: Model, gpus: Iterable[Gpu], window: int, cache: Cache) -> tuple[Fit, ...]:
    """For each kind of GPU that runs the model the smallest setup, the least memory first."""
    found = (smallest(model, gpu, window, cache) for gpu in gpus if gpu.runs)
    fits = [each for each in found if each is not None]
    return tuple(sorted(fits, key=lambda each: each.setup.gpu.memory * each.setup.count))

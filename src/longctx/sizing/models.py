"""What a model's weights and its cache take, in bytes.

The cache is DeepSeek V4's: every layer keeps a sliding window of latents, and most keep latents of
the whole text too, one for 4 or for 128 tokens. What must never be known here: GPUs, prices.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Layers:
    """Layers of attention by what they keep of the whole text."""

    window: int
    """Nothing but the window."""
    c4: int
    """A latent and an indexer entry for every 4 tokens."""
    c128: int
    """A latent for every 128 tokens."""
    source: str = ""

    @property
    def total(self) -> int:
        return self.window + self.c4 + self.c128


@dataclass(frozen=True, slots=True)
class Cache:
    """How a server lays the cache out: tokens, bytes and rows; see data/models.toml for each."""

    page: int
    row: int
    align: int
    index: int
    state_ring: int
    state_row: int
    heavy_ring: int
    heavy_row: int
    ratio: float
    sliding_window: int
    source: str = ""

    def padded(self, rows: int) -> float:
        """Bytes of a latent in a page of so many, the page's padding shared out."""
        return -(-rows * self.row // self.align) * self.align / rows

    def whole(self, layers: Layers) -> float:
        """Bytes that a token of the text takes in the pool of the whole text."""
        four = (self.padded(self.page // 4) + self.index) / 4
        heavy = self.padded(self.page // 128) / 128
        return layers.c4 * four + layers.c128 * heavy

    def windowed(self, layers: Layers) -> float:
        """Bytes of a token's place in the window pool, with the state that follows it."""
        state = self.state_ring / self.page * self.state_row
        return layers.total * self.padded(self.page) + layers.c4 * state

    def per_token(self, layers: Layers, ratio: float | None = None) -> float:
        """Bytes for each token that the full pool holds, its share of the window pool included."""
        share = self.ratio if ratio is None else ratio
        return self.whole(layers) + share * self.windowed(layers)

    def fixed(self, layers: Layers, running: int) -> int:
        """Bytes of compression state for so many requests at once, whatever their length."""
        rows = (running + 2) * self.heavy_ring + 1
        return -(-rows // 128) * 128 * self.heavy_row * layers.c128


@dataclass(frozen=True, slots=True)
class Gguf:
    """How llama.cpp keeps these models."""

    row: int
    """Bytes of a latent."""
    index: int
    """Bytes of an indexer entry."""
    bits: float
    """Of a parameter."""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """A model to serve."""

    key: str
    name: str
    path: str
    """What a server's --model-path takes."""
    profile: int
    """Tokens of the window that longctx aims at."""
    window: int
    """Tokens that the model itself takes."""
    parameters: int
    weights: int
    """Bytes on disk, and so in GPU memory."""
    layers: Layers
    source: str = ""

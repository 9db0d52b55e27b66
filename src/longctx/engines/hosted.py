"""What is known of hosted models whose API does not tell it: a data file, with dates and sources.

Here may live: reading that file. It must never know how a request is spelled, or prices.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from datetime import date

V4 = "deepseek-v4"
"""What `encoding` says of DeepSeek V4's vocabulary and chat encoding."""


@dataclass(frozen=True, slots=True)
class Hosted:
    """A hosted model; sizes in tokens, None where its pages do not say."""

    names: tuple[str, ...]
    encoding: str | None
    window: int | None
    answer: int | None
    """The longest answer, reasoning included."""
    prefix_units: int | None
    read: date
    source: str


def host_of(url: str) -> str | None:
    return urlsplit(url).hostname


def hosted_at(root: str) -> tuple[Hosted, ...]:
    """What is known of the models of the API at this URL."""
    host = host_of(root)
    text = files("longctx.engines").joinpath("data", "hosted.toml").read_text("utf-8")
    return tuple(
        Hosted(
            tuple(entry["names"]),
            entry.get("encoding"),
            entry.get("window"),
            entry.get("answer"),
            entry.get("prefix_units"),
            entry["read"],
            entry["source"],
        )
        for entry in tomllib.loads(text)["model"]
        if entry["host"] == host
    )


def hosted_model(root: str, name: str | None) -> Hosted | None:
    """What is known of one model there."""
    return next((model for model in hosted_at(root) if name in model.names), None)


def encoding_of(name: str | None) -> str | None:
    """The encoding that a served model's name gives away, wherever it is served; None for most."""
    plain = (name or "").lower().replace("_", "-")
    return V4 if "deepseek-v4" in plain and "deepseek-v4.1" not in plain else None

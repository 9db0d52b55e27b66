"""The dated tables as values: models, GPUs, measurements, prices.

Reads the toml files beside it, or a file of prices that the user keeps; a wrong entry is named.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from longctx.errors import UsageError
from longctx.sizing.hardware import MIB, Gpu, Setup, alike, parsed
from longctx.sizing.models import Cache, Gguf, Layers, Model
from longctx.sizing.money import Hosted, Rent
from longctx.sizing.timing import Measured, Range

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    Table = Mapping[str, Any]
    """As tomllib gives it; it is read here and nowhere else."""


MODELS = ("flash", "pro")


@dataclass(frozen=True)
class Tables:
    """Everything that is looked up."""

    models: dict[str, Model]
    cache: Cache
    gguf: Gguf
    gpus: dict[str, Gpu]
    aliases: dict[str, str]
    measured: tuple[Measured, ...]
    slowest: float
    slowest_source: str
    hosted: dict[str, Hosted]
    rent: dict[str, Rent]
    currency: str
    checked: date
    """When the prices were last looked at."""

    def setup(self, text: str) -> Setup:
        return parsed(text, self.gpus, self.aliases)

    def detected(self, gpus: Iterable[tuple[str, int]]) -> Setup:
        """The setup of a driver's list of (name, bytes)."""
        return alike(gpus, self.gpus, self.aliases)


def tables(prices: Path | None = None) -> Tables:
    """The tables that ship, with the user's own prices where a file is named."""
    models, hardware = _shipped("models.toml"), _shipped("hardware.toml")
    named = "prices.toml" if prices is None else str(prices)
    money = _shipped(named) if prices is None else _read(prices)
    cache = Cache(**models["cache"])
    gpus = {key: _gpu(key, entry) for key, entry in hardware["gpu"].items()}
    try:
        hosted = {key: _hosted(entry) for key, entry in money["hosted"].items()}
        rent = {key: _rent(entry) for key, entry in money["rent"].items()}
        checked, currency = _date(money["checked"]), str(money["currency"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(f"{named}: {_wrong(error)}; see docs/plan.md for what it holds") from error
    return Tables(
        {key: _model(key, models[key]) for key in MODELS},
        cache,
        Gguf(**models["gguf"]),
        gpus,
        {name: key for key, entry in hardware["gpu"].items() for name in entry["aliases"]},
        tuple(_measured(entry) for entry in hardware["measured"]),
        hardware["slowest"]["factor"],
        hardware["slowest"]["source"],
        hosted,
        rent,
        currency,
        checked,
    )


def _shipped(name: str) -> Table:
    return tomllib.loads(files("longctx.sizing").joinpath("data", name).read_text("utf-8"))


def _read(path: Path) -> Table:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not TOML: {error}") from error


def _wrong(error: Exception) -> str:
    return f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)


def _model(key: str, entry: Table) -> Model:
    rest = {name: value for name, value in entry.items() if name != "layers"}
    return Model(key=key, layers=Layers(**entry["layers"]), **rest)


def _gpu(key: str, entry: Table) -> Gpu:
    return Gpu(
        key,
        entry["name"],
        entry["memory"] * MIB,
        entry["node"],
        entry["v4"] == "verified",
        entry.get("why", ""),
        entry.get("fraction", 1.0),
        tuple((model, entry[model]) for model in MODELS if model in entry),
        entry["source"],
    )


def _measured(entry: Table) -> Measured:
    return Measured(**{"per_token": None, **entry})


def _hosted(entry: Table) -> Hosted:
    numbers = {
        name: _price(entry, name) for name in ("hit", "miss", "output", "peak", "peak_hours")
    }
    return Hosted(
        name=str(entry["name"]),
        date=_date(entry["date"]),
        source=str(entry["source"]),
        **numbers,
    )


def _rent(entry: Table) -> Rent:
    hour = Range(_price(entry, "low"), _price(entry, "high"))
    return Rent(hour, _date(entry["date"]), str(entry["source"]))


def _price(entry: Table, name: str) -> float:
    value = entry[name]
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 1e9:
        raise ValueError(f"{name} cannot be {value!r}")
    return float(value)


def _date(value: object) -> date:
    if not isinstance(value, date):
        raise ValueError(f"{value!r} is not a date such as 2026-11-24")
    return value

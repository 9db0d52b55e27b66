"""Sizing: what a model's window needs of memory, time and money, as arithmetic on dated tables.

    tables (toml) ─▶ Model, Gpu, Hosted, Rent ─▶ memory.fit ─▶ timing ─▶ money

Pure values and functions; the tables beside them are the only thing read. What must never be known
here: documents, prompts, servers, how figures are shown.
"""

from __future__ import annotations

from longctx.sizing.hardware import Gpu, Setup, parsed
from longctx.sizing.memory import Fit, fit, fit_gguf, fitting, smallest
from longctx.sizing.models import Cache, Gguf, Layers, Model
from longctx.sizing.money import Break, Hosted, Question, Rent, breaks_even
from longctx.sizing.tables import Tables, tables
from longctx.sizing.timing import Measured, Range, Speed

__all__ = [
    "Break",
    "Cache",
    "Fit",
    "Gguf",
    "Gpu",
    "Hosted",
    "Layers",
    "Measured",
    "Model",
    "Question",
    "Range",
    "Rent",
    "Setup",
    "Speed",
    "Tables",
    "breaks_even",
    "fit",
    "fit_gguf",
    "fitting",
    "parsed",
    "smallest",
    "tables",
]

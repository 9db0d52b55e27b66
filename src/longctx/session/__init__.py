"""Asking, following up, forking, priming: a conversation over one shared prefix.

Pure but for the engine, the log and the locks it is handed. What must never be known here:
terminals, configuration, how sources were read, how turns are kept.
"""

from longctx.session.asking import (
    EXCERPTS,
    Generation,
    Turn,
    excerpts_for,
    refuse_overlong,
    request_for,
)
from longctx.session.warming import Levers

__all__ = [
    "EXCERPTS",
    "Generation",
    "Levers",
    "Turn",
    "excerpts_for",
    "refuse_overlong",
    "request_for",
]

"""Asking, following up, forking, priming: a conversation over one shared prefix.

Pure but for the engine, the log and the locks it is handed. What must never be known here:
terminals, configuration, how sources were read, how turns are kept.
"""

from longctx.session.asking import (
    Generation,
    Turn,
    refuse_overlong,
    request_for,
)
from longctx.session.warming import Levers

__all__ = [
    "Generation",
    "Levers",
    "Turn",
    "refuse_overlong",
    "request_for",
]

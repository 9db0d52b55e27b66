"""Serving: the command that serves a model on given hardware, and the files that run it.

    Wish ─▶ flags (sglang, vllm, llamacpp) ─▶ Launch ─▶ shell, compose, systemd, slurm, kubernetes

Pure: nothing here starts a process, reads a machine or writes a file. An API key is only ever a
reference to a variable of the environment. What must never be known here: options, documents.
"""

from __future__ import annotations

from longctx.serving.launches import Flag, Launch, Process, Text, Var, Wish
from longctx.serving.planning import ENGINES, launch_for

__all__ = ["ENGINES", "Flag", "Launch", "Process", "Text", "Var", "Wish", "launch_for"]

"""The GPUs of this machine, as its driver tells."""

from __future__ import annotations

import shutil
import subprocess

MIB = 1 << 20
ASK = ("--query-gpu=name,memory.total", "--format=csv,noheader,nounits")
PATIENCE = 20.0
"""Seconds; a driver that wakes many GPUs takes several."""


def gpus_here() -> tuple[tuple[str, int], ...]:
    """(name, bytes) of each GPU; none where there is no driver, or it says nothing sensible."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    try:
        done = subprocess.run(
            [program, *ASK], capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    found = []
    for line in done.stdout.splitlines() if done.returncode == 0 else ():
        name, _, memory = line.rpartition(",")
        if memory.strip().isdigit():
            found.append((name.strip(), int(memory) * MIB))
    return tuple(found)

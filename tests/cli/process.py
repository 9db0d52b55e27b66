"""Runs the command line as a process, as a person or a script would."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SAMPLES = Path(__file__).parents[2] / "sample_corpora"


Words = list[str | Path]


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str


def run(
    *words: str | Path,
    home: Path,
    stdin: str = "",
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
) -> Done:
    """One command with a home of its own and no settings from outside."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("LONGCTX_", "XDG_"))}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "longctx", *map(str, words)],
        input=stdin.encode(),
        capture_output=True,
        cwd=cwd,
        env={**clean, "HOME": str(home), **(env or {})},
        timeout=120,
        check=False,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

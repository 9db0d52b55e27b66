"""Installs SGLang 0.5.23 for the CPU and makes its tiny models, outside the repository, once.

Here may live: where the installation lies, how it is made, and how a finished one is told from a
broken one. Standard library only. Prints a JSON object on standard output: `python` (SGLang's
interpreter) and `model` (the folder of the model); everything else goes to standard error.

    python tests/live/server/install.py [--variant dsv4|jinja|swa]

The first run takes two to three minutes and 3.5 GB; pip takes its options from the environment
and its configuration as always, and must find a CPU build of torch there.
"""

import argparse
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements.txt"
MODEL_MAKER = HERE / "make_model.py"
ANSWER = HERE / "answer.py"
VARIANTS = ("dsv4", "jinja", "swa")
DONE = "finished"
"""A file written last: a folder without it was left half made."""

CHECK_TORCH = """
import torch
if torch.version.cuda:
    raise SystemExit(
        f"torch {torch.__version__} is a CUDA build: let pip find a CPU build of it, for instance "
        "through PIP_EXTRA_INDEX_URL"
    )
"""


def home() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return Path(cache) / "longctx-live" / f"sglang-0.5.23-{_digest(REQUIREMENTS)}-py{version}"


def install(variant: str) -> tuple[Path, Path]:
    """SGLang's interpreter and the folder of the variant's model, both made if need be."""
    root = home()
    root.mkdir(parents=True, exist_ok=True)
    python = root / "venv" / "bin" / "python"
    model = root / f"model-{variant}-{_digest(MODEL_MAKER, ANSWER)}"
    with _one_at_a_time(root / "lock"):
        _once(root / "venv", _make_venv)
        _once(model, lambda folder: _run(python, MODEL_MAKER, variant, folder))
    return python, model


def _make_venv(folder: Path) -> None:
    python = folder / "bin" / "python"
    _run(sys.executable, "-m", "venv", folder)
    _run(python, "-m", "pip", "install", "--quiet", "--no-deps", "-r", REQUIREMENTS)
    _run(python, "-c", CHECK_TORCH)


def _once(folder: Path, make: Callable[[Path], None]) -> None:
    if (folder / DONE).exists():
        return
    if folder.exists():
        shutil.rmtree(folder)
    sys.stderr.write(f"making {folder}\n")
    make(folder)
    (folder / DONE).touch()


@contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run(*command: str | Path) -> None:
    # The tests' environment must not reach into SGLang's.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    subprocess.run([str(word) for word in command], check=True, stdout=sys.stderr, env=environment)


def _digest(*paths: Path) -> str:
    content = b"".join(path.read_bytes() for path in paths)
    return hashlib.sha256(content).hexdigest()[:12]


def main() -> None:
    parser = argparse.ArgumentParser(description="Install SGLang for the live tests.")
    parser.add_argument("--variant", choices=VARIANTS, default="dsv4")
    python, model = install(parser.parse_args().variant)
    sys.stdout.write(json.dumps({"python": str(python), "model": str(model)}) + "\n")


if __name__ == "__main__":
    main()

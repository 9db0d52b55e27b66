"""Installs SGLang 0.5.23 for the CPU with its tiny models, and its router, out of the repository.

Here may live: where the installation lies, how it is made, and how a finished one is told from a
broken one. Standard library only. Prints a JSON object on standard output: `python` (the
interpreter that has it) and `model` (the folder of the model); all else goes to standard error.

    python tests/live/server/install.py [--variant dsv4|jinja|swa]
    python tests/live/server/install.py --router

Each is made once; SGLang takes two to three minutes and 3.5 GB. pip takes its options from the
environment and its configuration as always, and must find a CPU build of torch there.
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
ROUTER_REQUIREMENTS = HERE / "router-requirements.txt"
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
    """Where SGLang and its models are."""
    return _place("sglang-0.5.23", REQUIREMENTS)


def router_home() -> Path:
    """Where the router is."""
    return _place("router-0.3.2", ROUTER_REQUIREMENTS)


def _place(name: str, requirements: Path) -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return Path(cache) / "longctx-live" / f"{name}-{_digest(requirements)}-py{version}"


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


def install_router() -> Path:
    """The interpreter that has the router, made if need be."""
    root = router_home()
    root.mkdir(parents=True, exist_ok=True)
    with _one_at_a_time(root / "lock"):
        _once(root / "venv", lambda folder: _install_into(folder, ROUTER_REQUIREMENTS))
    return root / "venv" / "bin" / "python"


def _make_venv(folder: Path) -> None:
    python = _install_into(folder, REQUIREMENTS)
    _run(python, "-c", CHECK_TORCH)


def _install_into(folder: Path, requirements: Path) -> Path:
    python = folder / "bin" / "python"
    _run(sys.executable, "-m", "venv", folder)
    _run(python, "-m", "pip", "install", "--quiet", "--no-deps", "-r", requirements)
    return python


def _once(folder: Path, make: Callable[[Path], object]) -> None:
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
    parser.add_argument("--router", action="store_true", help="install the router instead")
    args = parser.parse_args()
    if args.router:
        made = {"python": str(install_router())}
    else:
        python, model = install(args.variant)
        made = {"python": str(python), "model": str(model)}
    sys.stdout.write(json.dumps(made) + "\n")


if __name__ == "__main__":
    main()

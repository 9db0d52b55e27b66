"""Installs the servers of the live tests for the CPU, with tiny models, out of the repository.

Here may live: where the installation lies, how it is made, and how a finished one is told from a
broken one. Standard library only. Prints a JSON object on standard output: `python` (the
interpreter that has it) and `model` (the folder of the model); all else goes to standard error.

    python tests/live/server/install.py [--variant dsv4|jinja|swa]   # SGLang 0.5.23
    python tests/live/server/install.py --router
    python tests/live/server/install.py --vllm       # 0.32, and SGLang, for its model
    python tests/live/server/install.py --llamacpp   # build 11549, and SGLang, for its model

Each is made once; SGLang takes two to three minutes and 3.5 GB, vLLM as long and 2.3 GB, llama.cpp
five seconds. pip takes its options from the environment and its configuration as always, and must
find a CPU build of torch there.
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
VLLM_REQUIREMENTS = HERE / "vllm-requirements.txt"
LLAMACPP_REQUIREMENTS = HERE / "llamacpp-requirements.txt"
MODEL_MAKER = HERE / "make_model.py"
GGUF_MAKER = HERE / "make_gguf.py"
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


def vllm_home() -> Path:
    """Where vLLM is."""
    return _place("vllm-0.32.0", VLLM_REQUIREMENTS)


def llamacpp_home() -> Path:
    """Where llama.cpp's server and its model are."""
    return _place("llamacpp-11549", LLAMACPP_REQUIREMENTS)


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


def install_vllm() -> Path:
    """The interpreter that has vLLM, made if need be."""
    root = vllm_home()
    root.mkdir(parents=True, exist_ok=True)
    with _one_at_a_time(root / "lock"):
        _once(root / "venv", lambda folder: _make_venv(folder, VLLM_REQUIREMENTS))
    return root / "venv" / "bin" / "python"


def install_llamacpp() -> tuple[Path, Path]:
    """The interpreter that has llama.cpp's server, and the folder of its model's GGUF: the model
    with the plain template, written by SGLang's interpreter."""
    python, model = install("jinja")
    root = llamacpp_home()
    root.mkdir(parents=True, exist_ok=True)
    gguf = root / f"gguf-{_digest(MODEL_MAKER, ANSWER, GGUF_MAKER)}"
    with _one_at_a_time(root / "lock"):
        _once(root / "venv", lambda folder: _install_into(folder, LLAMACPP_REQUIREMENTS))
        _once(gguf, lambda folder: _make_gguf(python, model, folder))
    return root / "venv" / "bin" / "python", gguf / "tiny.gguf"


def _make_gguf(python: Path, model: Path, folder: Path) -> None:
    folder.mkdir()
    _run(python, GGUF_MAKER, model, folder / "tiny.gguf")


def _make_venv(folder: Path, requirements: Path = REQUIREMENTS) -> None:
    python = _install_into(folder, requirements)
    _run(python, "-c", CHECK_TORCH)


def _install_into(folder: Path, requirements: Path) -> Path:
    python = folder / "bin" / "python"
    _run(sys.executable, "-m", "venv", folder)
    # Compiling every module takes as long again; what a server imports it compiles itself, once.
    flags = ("--quiet", "--no-deps", "--no-compile")
    _run(python, "-m", "pip", "install", *flags, "-r", requirements)
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
    parser = argparse.ArgumentParser(description="Install a server for the live tests.")
    parser.add_argument("--variant", choices=VARIANTS, default="dsv4")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--router", action="store_true", help="install the router instead")
    instead.add_argument("--vllm", action="store_true", help="install vLLM instead")
    instead.add_argument("--llamacpp", action="store_true", help="install llama.cpp instead")
    args = parser.parse_args()
    if args.router:
        made = {"python": str(install_router())}
    elif args.vllm:
        made = {"python": str(install_vllm()), "model": str(install("dsv4")[1])}
    elif args.llamacpp:
        python, model = install_llamacpp()
        made = {"python": str(python), "model": str(model)}
    else:
        python, model = install(args.variant)
        made = {"python": str(python), "model": str(model)}
    sys.stdout.write(json.dumps(made) + "\n")


if __name__ == "__main__":
    main()

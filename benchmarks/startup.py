"""How long longctx takes before anything useful happens.

    python -m benchmarks.startup                     # every row
    python -m benchmarks.startup --tools edited --repeat 15

`version`: `longctx --version` beside `python -c pass`, with the same interpreter. `ask`: a warm
question over about a million tokens of Django that did not change, from the start of a fresh
process to the last byte of its first request reaching the server; `edited`: the same with five
files edited since the last question, and first questions 250 commits after the anchor; `openai`: an
import of the usual client library, in an environment of its own, for comparison.

The server is a test double (`benchmarks.double`).
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.double import Server, answering
from benchmarks.measuring import (
    COMMITTED,
    DJANGO,
    Run,
    arguments,
    installed,
    longctx,
    measured,
    middle_and_best,
    setting,
    show,
    source,
)
from longctx.updates import AnchorRule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TOOLS = ("version", "ask", "edited", "openai")
OPENAI = "openai==3.54.0"
TIMES = {"version": 20, "ask": 7, "edited": 7, "openai": 7}
VERSION_TARGET = 0.060
"""Seconds above the bare interpreter."""

ASK_TARGET = 0.7
"""Seconds to the first request."""
ASK_PEAK = 250
"""Megabytes."""
EDITED = 5
COMMITS = 250
QUESTION = "Where is the session cookie signed? Question number"
CORPORA = {
    "docs/ref and docs/topics, which fit": ("/docs/ref/", "/docs/topics/"),
    "django/, cut to the window": ("/django/",),
    "all of Django, cut to the window": (),
}
"""What is included, by what it is called."""

HEADER = (
    "what",
    "wall ms, median (best)",
    "CPU ms, median (best)",
    "peak MB, median (best)",
    "of target",
    "target met?",
)


def main() -> None:
    runs = ", ".join(f"{name} {count}" for name, count in TIMES.items())
    parser = arguments(__doc__, TOOLS, None, f"runs a row (default: {runs})")
    args = parser.parse_args()
    times = {name: args.repeat or count for name, count in TIMES.items()}
    rows: list[list[str]] = []
    if "version" in args.tools:
        rows += versions(times["version"])
    if "ask" in args.tools:
        rows += asks(args.cache, times["ask"])
    if "edited" in args.tools:
        rows += edits(args.cache, times["edited"])
        rows += first_questions(args.cache)
    if "openai" in args.tools:
        rows += imports(args.cache, times["openai"])
    print(f"Runs of each row: {times}. {setting()}\n")
    show(HEADER, rows)


def versions(times: int) -> Iterator[list[str]]:
    """The two commands in turn, so that both see the same machine."""
    bare: list[Run] = []
    ours: list[Run] = []
    for _ in range(times):
        bare.append(measured([sys.executable, "-c", "pass"]))
        ours.append(checked(measured([longctx(), "--version"])))
    above = middle(ours) - middle(bare)
    yield [*figures("python -c pass", bare), "", ""]
    yield [*figures("longctx --version", ours), *against(above, VERSION_TARGET, "{:+.0f} ms")]


def asks(cache: Path, times: int) -> Iterator[list[str]]:
    django = source(cache, *DJANGO)
    with answering() as server, scratch(cache) as folder:
        for name, included in CORPORA.items():
            command = asking(django, folder, server, included)
            question(command, server, 0)  # counts what no run before has counted
            sent = [question(command, server, number) for number in range(1, times + 1)]
            yield row(f"longctx ask, {name}", sent)


def edits(cache: Path, times: int) -> Iterator[list[str]]:
    """Five files edited before each question, in turn throughout the corpus."""
    with answering() as server, scratch(cache) as folder:
        for name, included in CORPORA.items():
            django = folder / f"django{len(included)}"
            shutil.copytree(source(cache, *DJANGO), django, symlinks=True)
            command = asking(django, folder, server, included)
            question(command, server, 0)
            inside = tuple(part.strip("/") for part in included) or ("django",)
            files = sorted(
                path
                for part in inside
                for path in (django / part).rglob("*")
                if path.suffix in (".py", ".txt") and path.stat().st_size > 2_000
            )
            sent = []
            for number in range(1, times + 1):
                for file in files[number :: len(files) // EDITED][:EDITED]:
                    file.write_text(
                        file.read_text("utf-8") + f"One more line, {number}.\n", "utf-8"
                    )
                sent.append(question(command, server, number))
            yield row(f"longctx ask, {EDITED} files edited, {name}", sent)


def first_questions(cache: Path) -> Iterator[list[str]]:
    """Over a history whose anchor lies COMMITS back: nothing known, then the texts counted."""
    with answering() as server, scratch(cache) as folder:
        name, included = next(iter(CORPORA.items()))
        django = folder / "django"
        shutil.copytree(source(cache, *DJANGO), django, symlinks=True)
        aged(django, included[0].strip("/"))
        for known in ("nothing known", "its texts counted before"):
            shutil.rmtree(folder / "data", ignore_errors=True)
            run = question(asking(django, folder, server, included), server, 0)
            label = f"first longctx ask, {COMMITS} commits after the anchor, {known}, {name}"
            yield [*figures(f"{label}: {run.tokens:,} tokens", [run.run]), "", ""]


def aged(repository: Path, folder: str) -> None:
    """COMMITS more commits of one small change each, none of which is an anchor."""
    files = sorted((repository / folder).rglob("*.txt"))
    for number in range(COMMITS):
        with files[number % len(files)].open("a", encoding="utf-8") as more:
            more.write(f"Line {number}.\n")
        for attempt in range(9):
            said = ["--amend"] if attempt else []
            words = ["commit", "--all", "--quiet", *said, "--message", f"{number} {attempt}"]
            git(repository, *words)
            if not AnchorRule().holds(git(repository, "rev-parse", "HEAD").strip()):
                break


def git(repository: Path, *words: str) -> str:
    return subprocess.run(
        ["git", "-C", str(repository), *words],
        env={**os.environ, **COMMITTED},
        check=True,
        capture_output=True,
        text=True,
    ).stdout


@contextmanager
def scratch(cache: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        yield Path(folder)


def asking(django: Path, folder: Path, server: Server, included: Sequence[str]) -> list[str | Path]:
    """The command without its question; what it keeps lies in `folder`."""
    command: list[str | Path] = [longctx(), "ask", django, "--profile", "pro"]
    command += [part for glob in included for part in ("--include", glob)]
    command += ["--base-url", f"http://127.0.0.1:{server.port}"]
    return [*command, "--cache-dir", folder / "cache", "--data-dir", folder / "data"]


class Sent(NamedTuple):
    """A question that was answered."""

    run: Run
    """Its seconds are those until its first request, a prime or itself, had arrived."""
    requests: int
    tokens: int
    """Of the question's prompt."""


def question(command: Sequence[str | Path], server: Server, number: int) -> Sent:
    server.heard()
    started = time.perf_counter()
    run = checked(measured([*command, f"{QUESTION} {number}"]))
    arrivals = server.heard()
    if not arrivals:
        raise SystemExit(f"the question did not reach the server:\n{run.said}")
    seconds = arrivals[0].time - started
    return Sent(replace(run, seconds=seconds), len(arrivals), arrivals[-1].tokens)


def row(label: str, sent: Sequence[Sent]) -> list[str]:
    runs = [each.run for each in sent]
    requests = max(each.requests for each in sent)
    told = f"{label}: {sent[-1].tokens:,} tokens, {requests} request{'s' * (requests > 1)}"
    met = against(middle(runs), ASK_TARGET, "{:.0f} ms")
    peak = statistics.median(run.peak_mb for run in runs)
    if peak > ASK_PEAK:
        met[1] = f"no, {peak:.0f} of {ASK_PEAK} MB"
    return [*figures(told, runs), *met]


def imports(cache: Path, times: int) -> Iterator[list[str]]:
    python = installed(cache, OPENAI) / "python"
    for command in ("pass", "import openai"):
        measured([python, "-c", command])  # compiles it
        runs = [checked(measured([python, "-c", command])) for _ in range(times)]
        if command != "pass":
            yield [*figures(f"python -c '{command}' ({OPENAI})", runs), "", ""]


def checked(run: Run) -> Run:
    if run.status:
        raise SystemExit(f"exit status {run.status}:\n{run.said}")
    return run


def figures(label: str, runs: Sequence[Run]) -> list[str]:
    return [
        label,
        middle_and_best((run.seconds * 1000 for run in runs), "{:.0f}"),
        middle_and_best((run.cpu * 1000 for run in runs), "{:.0f}"),
        middle_and_best((run.peak_mb for run in runs), "{:.0f}"),
    ]


def middle(runs: Sequence[Run]) -> float:
    return statistics.median(run.seconds for run in runs)


def against(seconds: float, target: float, form: str) -> list[str]:
    """What is compared with the target, and whether it is met."""
    told = f"{form.format(seconds * 1000)} of {target * 1000:.0f}"
    return [told, "yes" if seconds <= target else "no"]


if __name__ == "__main__":
    main()

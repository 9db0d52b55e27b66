"""How much CPU, time and memory it takes to pack Django 5.2.6, beside other packers.

    python -m benchmarks.pack                                  # every row
    python -m benchmarks.pack --tools longctx,repomix --repeat 5

`cold` begins with an empty cache folder, `warm` with that of an earlier run over the same files;
the tools without such rows keep no cache. Every tool writes its pack to a file. longctx packs once
into the window of the `pro` profile and once everything, which is what the others do.
"""

from __future__ import annotations

import re
import shutil
import statistics
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measuring import (
    DJANGO,
    Run,
    arguments,
    installed,
    longctx,
    measured,
    middle_and_best,
    repomix,
    setting,
    show,
    source,
    vocabularies,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

EVERYTHING = "12000000"
"""More tokens than Django has."""

COLD_CPU, WARM_CPU, PEAK = 1.5, 0.5, 250
"""What longctx set out to reach: CPU seconds, and megabytes of the largest process."""

UNREACHABLE = "http://127.0.0.1:9"
"""A proxy that is not there: what a machine without a network looks like to a download."""

HEADER = (
    "tool",
    "CPU s, median (best)",
    "wall s, median (best)",
    "peak MB",
    "tokens reported",
    "target met?",
)


@dataclass(frozen=True, slots=True)
class Peer:
    """Another packer: how it is run and how its output is read."""

    name: str
    version: str
    options: tuple[str, ...]
    """With `{source}` and `{output}` in them."""
    header: str
    """What begins a file in its output; the group is the file's path."""
    tokens: str = r"(?!)"
    """How it reports tokens; the default matches nowhere."""
    vocabulary: bool = False
    """Whether it counts with a tiktoken vocabulary that it downloads."""

    def command(self, cache: Path, source: str, output: Path) -> list[str | Path]:
        """To be run in the folder that `source` is named from."""
        program: list[str | Path] = [installed(cache, f"{self.name}=={self.version}") / self.name]
        return program + self._filled(source, output)

    def _filled(self, source: str, output: Path) -> list[str | Path]:
        return [option.format(source=source, output=output) for option in self.options]


class Repomix(Peer):
    """The one peer that runs on Node.js."""

    __slots__ = ()

    def command(self, cache: Path, source: str, output: Path) -> list[str | Path]:
        return [*repomix(cache, self.version), *self._filled(source, output)]


PEERS: Mapping[str, Peer] = {
    peer.name: peer
    for peer in (
        Repomix(
            "repomix",
            "1.18.1",
            ("{source}", "-o", "{output}"),
            r'^<file path="(.*)">$',
            r"Total Tokens: ([\d,]+)",
        ),
        Peer(
            "gitingest",
            "0.3.1",
            ("{source}", "-o", "{output}"),
            r"^FILE: (.*)$",
            r"Estimated tokens: (\S+)",
            vocabulary=True,
        ),
        Peer(
            "code2prompt",
            "0.8.1",
            ("-p", "{source}", "-o", "{output}", "--tokens"),
            r"^## File: (.*)$",
            r"Token count: ([\d,]+)",
            vocabulary=True,
        ),
        Peer(
            "files-to-prompt",
            "0.6",
            ("{source}", "--cxml", "-o", "{output}"),
            r"^<source>(.*)</source>$",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Row:
    """One way to run a tool."""

    tool: str
    label: str
    command: list[str | Path]
    state: Path
    """Where the tool keeps what it may use again; emptied before each cold run."""
    warm: bool | None
    """None: the tool keeps nothing."""
    tokens: str
    env: dict[str, str] = field(default_factory=dict)


def main() -> None:
    parser = arguments(__doc__, ["longctx", *PEERS], 3)
    args = parser.parse_args()
    django = source(args.cache, *DJANGO)
    with tempfile.TemporaryDirectory(dir=args.cache) as scratch:
        rows = list(rows_of(args.tools, args.cache, django, Path(scratch)))
        print(f"Django {DJANGO[1]}, runs of each row: {args.repeat}. {setting()}\n")
        done = [(row, runs_of(row, args.repeat, django.parent)) for row in rows]
    show(HEADER, [[*figures(row, runs), met(row, runs)] for row, runs in done])


def rows_of(tools: list[str], cache: Path, django: Path, scratch: Path) -> Iterator[Row]:
    for tool in tools:
        if tool == "longctx":
            yield from ours(django.name, scratch)
        elif tool == "repomix":
            yield from both(PEERS[tool], cache, django.name, scratch)
        else:
            yield from cacheless(PEERS[tool], cache, django.name, scratch)


def ours(name: str, scratch: Path) -> Iterator[Row]:
    for label, window in (
        ("longctx --profile pro", ["--profile", "pro"]),
        ("longctx, everything", ["--budget", EVERYTHING]),
    ):
        state = scratch / f"longctx{window[0]}"
        command: list[str | Path] = [
            longctx(),
            "pack",
            name,
            "--cache-dir",
            state,
            "--data-dir",
            state,
            *window,
        ]
        command += ["-o", scratch / "longctx.txt"]
        for warm in (False, True):
            yield Row("longctx", label, command, state, warm, r"documents, ([\d,]+) tokens")


def both(peer: Peer, cache: Path, name: str, scratch: Path) -> Iterator[Row]:
    """Cold and warm, for a peer that keeps its cache below TMPDIR."""
    command = peer.command(cache, name, scratch / f"{peer.name}.txt")
    state, label = scratch / peer.name, f"{peer.name} {peer.version}"
    for warm in (False, True):
        env = {"TMPDIR": str(state)}
        yield Row(peer.name, label, command, state, warm, peer.tokens, env)


def cacheless(peer: Peer, cache: Path, name: str, scratch: Path) -> Iterator[Row]:
    command = peer.command(cache, name, scratch / f"{peer.name}.txt")
    state, label = scratch / peer.name, f"{peer.name} {peer.version}"
    if not peer.vocabulary:
        yield Row(peer.name, f"{label} (does not count)", command, state, None, peer.tokens)
        return
    for note, folder in (("", vocabularies(cache)), (", no vocabulary", scratch / "none")):
        offline = {"HTTPS_PROXY": UNREACHABLE, "https_proxy": UNREACHABLE}
        env = {"TIKTOKEN_CACHE_DIR": str(folder), **offline}
        yield Row(peer.name, label + note, command, state, None, peer.tokens, env)


def runs_of(row: Row, repeat: int, cwd: Path) -> list[Run]:
    runs = []
    if row.warm:
        emptied(row.state)
        measured(row.command, cwd, row.env)
    for _ in range(repeat):
        if not row.warm:
            emptied(row.state)
        runs.append(measured(row.command, cwd, row.env))
    return runs


def emptied(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()


def figures(row: Row, runs: list[Run]) -> list[str]:
    state = {None: "", False: ", cold", True: ", warm"}[row.warm]
    failed = next((run for run in runs if run.status), None)
    label = row.label + state + (f" (exit status {failed.status})" if failed else "")
    return [
        label,
        middle_and_best(run.cpu for run in runs),
        middle_and_best(run.seconds for run in runs),
        f"{max(run.peak_mb for run in runs):.0f}",
        counted(row, runs) or "–",
    ]


def counted(row: Row, runs: list[Run]) -> str | None:
    """The tokens that the tool reports; None where it reports none, or 0 of them."""
    found = re.search(row.tokens, runs[-1].said)
    return found[1] if found and found[1] != "0" else None


def met(row: Row, runs: list[Run]) -> str:
    """Whether longctx reached what it set out to; nothing is asked of the others."""
    if row.tool != "longctx":
        return ""
    reached = cpu_of(runs) <= (WARM_CPU if row.warm else COLD_CPU)
    lean = max(run.peak_mb for run in runs) <= PEAK
    return "yes" if reached and lean and not any(run.status for run in runs) else "no"


def cpu_of(runs: list[Run]) -> float:
    return statistics.median(run.cpu for run in runs)


if __name__ == "__main__":
    main()

"""How many tracked text files each packer loses without a word.

    python -m benchmarks.coverage                                    # flask and Django
    python -m benchmarks.coverage --repo PATH --repo PATH --only     # these work trees alone
    python -m benchmarks.coverage --tools longctx --names            # and name what is lost

What is tracked is git's own word (`git ls-files`). A tracked file is text if it is a regular file
on disk, has no NUL in its first 8,000 bytes, and is not a git LFS pointer. For longctx a file is
unexplained if it is neither among the documents nor among the omissions, both from its JSON; for
the others if no file header with its path is in the output.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measuring import (
    DJANGO,
    FLASK,
    Run,
    arguments,
    longctx,
    measured,
    setting,
    show,
    source,
    vocabularies,
)
from benchmarks.pack import PEERS, Peer

if TYPE_CHECKING:
    from collections.abc import Iterable

PROBE = 8_000
POINTER = b"version https://git-lfs.github.com/spec/"
EVERYTHING = "100000000"
"""More tokens than any repository here has."""

LINK, SUBMODULE = "120000", "160000"
HEADER = (
    "repository",
    "tool",
    "text files",
    "in the output",
    "named as left out",
    "unexplained",
    "CPU s",
    "target met?",
)


@dataclass(frozen=True, slots=True)
class Tracked:
    """Every path that git tracks in a work tree, by kind."""

    text: frozenset[str]
    binary: frozenset[str]
    pointers: frozenset[str]
    links: frozenset[str]
    submodules: frozenset[str]
    missing: frozenset[str]

    def __str__(self) -> str:
        return (
            f"{len(self.text):,} text, {len(self.binary):,} binary, {len(self.pointers):,} LFS"
            f" pointers, {len(self.links):,} links, {len(self.submodules):,} submodules,"
            f" {len(self.missing):,} not on disk"
        )

    def all(self) -> frozenset[str]:
        others = (self.binary, self.pointers, self.links, self.submodules, self.missing)
        return self.text.union(*others)


@dataclass(frozen=True, slots=True)
class Told:
    """What a tool says about a repository."""

    packed: frozenset[str]
    left_out: frozenset[str]
    run: Run


def main() -> None:
    parser = arguments(__doc__, ["longctx", *PEERS], 1)
    parser.add_argument(
        "--repo", type=Path, action="append", default=[], help="a git work tree, any number"
    )
    parser.add_argument("--only", action="store_true", help="not flask and Django too")
    parser.add_argument("--names", action="store_true", help="list the unexplained files")
    args = parser.parse_args()
    repos = [] if args.only else [source(args.cache, *FLASK), source(args.cache, *DJANGO)]
    rows, lost, notes = [], [], []
    for repo in [*repos, *(path.resolve() for path in args.repo)]:
        tracked = tracked_in(repo)
        notes.append(f"{repo.name}: {tracked}.")
        for tool in args.tools:
            told = asked(tool, args.cache, repo, args.repeat)
            row, names = judged(repo.name, tool, tracked, told)
            rows.append(row)
            lost += names
    print(f"{setting()}\n")
    show(HEADER, rows)
    print("", *notes, sep="\n")
    if args.names:
        print("", *lost, sep="\n")


def tracked_in(repo: Path) -> Tracked:
    listed = subprocess.run(
        ["git", "-C", str(repo), "ls-files", "--stage", "-z"], check=True, capture_output=True
    )
    kinds: dict[str, set[str]] = {name: set() for name in Tracked.__slots__}
    for entry in listed.stdout.split(b"\0")[:-1]:
        head, _, path = entry.partition(b"\t")
        kind = kind_of(head.split()[0].decode(), repo / os.fsdecode(path))
        kinds[kind].add(path.decode("utf-8", "backslashreplace"))
    return Tracked(**{name: frozenset(paths) for name, paths in kinds.items()})


def kind_of(mode: str, path: Path) -> str:
    if mode in (LINK, SUBMODULE):
        return "links" if mode == LINK else "submodules"
    if not path.is_file():
        return "missing"
    with path.open("rb") as file:
        head = file.read(PROBE)
    if b"\0" in head:
        return "binary"
    return "pointers" if head.startswith(POINTER) else "text"


def asked(tool: str, cache: Path, repo: Path, repeat: int) -> Told:
    """What the tool packs; of several runs the one with the least CPU is kept."""
    ask = ours if tool == "longctx" else lambda *places: theirs(PEERS[tool], cache, *places)
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        told = [ask(repo, Path(scratch)) for _ in range(repeat)]
    return min(told, key=lambda one: one.run.cpu)


def ours(repo: Path, scratch: Path) -> Told:
    output = scratch / "longctx.json"
    options = ["--budget", EVERYTHING, "--format", "json", "--cache-dir", str(scratch / "cache")]
    options += ["--data-dir", str(scratch / "data")]
    run = measured([longctx(), "pack", repo, *options, "-o", output], scratch)
    if run.status:
        return Told(frozenset(), frozenset(), run)
    pack = json.loads(output.read_bytes())
    return Told(paths(pack["documents"]), paths(pack["omissions"]), run)


def paths(items: Iterable[dict[str, str]]) -> frozenset[str]:
    return frozenset(item["path"] for item in items)


def theirs(peer: Peer, cache: Path, repo: Path, scratch: Path) -> Told:
    """Run from the folder above, so that paths begin with the repository's name or not at all."""
    output = scratch / f"{peer.name}.txt"
    env = {"TMPDIR": str(scratch)}
    if peer.vocabulary:
        env["TIKTOKEN_CACHE_DIR"] = str(vocabularies(cache))
    run = measured(peer.command(cache, repo.name, output), repo.parent, env)
    text = output.read_text("utf-8", "surrogateescape") if output.exists() else ""
    headers = re.findall(peer.header, text, re.MULTILINE)
    inside = {path.removeprefix(f"{repo.name}/") for path in headers}
    return Told(frozenset(headers) | inside, frozenset(), run)


def within(folder: str, paths: frozenset[str]) -> bool:
    """Whether the files of a submodule are there, under its path."""
    return any(path.startswith(f"{folder}/") for path in paths)


def judged(repo: str, tool: str, tracked: Tracked, told: Told) -> tuple[list[str], list[str]]:
    """The table's row, and the names of what is lost."""
    expected = tracked.all() if tool == "longctx" else tracked.text
    inside = {name for name in tracked.submodules if within(name, told.packed)}
    lost = sorted(expected - told.packed - told.left_out - inside)
    version = f" {PEERS[tool].version}" if tool in PEERS else ""
    failed = f" (exit status {told.run.status})" if told.run.status else ""
    row = [
        repo,
        f"{tool}{version}{failed}",
        f"{len(tracked.text):,}",
        f"{len(tracked.text & told.packed):,}",
        f"{len(tracked.text & told.left_out):,}" if tool == "longctx" else "–",
        f"{len(lost):,}",
        f"{told.run.cpu:.1f}",
        ("no" if lost else "yes") if tool == "longctx" else "",
    ]
    return row, [f"{repo}: {tool}: {path}" for path in lost]


if __name__ == "__main__":
    main()

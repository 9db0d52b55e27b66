"""How much CPU outline and rank of Django 5.2.6 take, cold and after one change, and whether the
order stays the same.

    python -m benchmarks.outline
    python -m benchmarks.outline --repeat 5 --source ~/src/terraform

`cold` outlines every file, reads what it names and ranks all; `one file changed` begins with the
values of that as bytes, as a cache keeps them. Each row is a process of its own with its own seed
of hashes; files are read before the clock starts. The digests are of the order of all files and of
all outlines, in runs with different seeds and from two clones.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measuring import DJANGO, arguments, middle_and_best, setting, show, source
from longctx.corpus import Document
from longctx.outline import Kind, outline_text, outlined
from longctx.outline import packed as outline_packed
from longctx.pack.tiers import tier_of
from longctx.rank import (
    FileFacts,
    Mentions,
    connected,
    graph_packed,
    graph_unpacked,
    heard,
    mentions_in,
    packed,
    ranked,
    unpacked,
)

if TYPE_CHECKING:
    from longctx.outline import Outline

COLD_CPU, CHANGED_CPU = 3.0, 0.3
"""What outline and rank set out to take; the recall index has the other half of 6."""
RUNS = 3
"""With different seeds, whose results must be equal."""
CHANGED = (
    "\n\ndef put_back_in_order(queryset: QuerySet) -> Manager:\n    return Manager(queryset)\n"
)


SUPPRESSED = "==SUPPRESS=="
"""argparse's word for an option without a help text."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One process: CPU seconds of each part, and digests of what came out."""

    outline: float
    mentions: float
    rank: float
    changed: float
    outlines: str
    order: str
    files: int
    definitions: int
    characters: int
    shown: int

    @property
    def cold(self) -> float:
        return self.outline + self.mentions + self.rank


def main() -> None:
    parser = arguments(__doc__, ["longctx"], 5, "processes")
    parser.add_argument("--source", type=Path, help="a work tree instead of Django's sdist")
    parser.add_argument("--one", type=Path, help=SUPPRESSED)
    args = parser.parse_args()
    if args.one:
        json.dump(asdict(measured(args.one)), sys.stdout)
        return
    tree = args.source or source(args.cache, *DJANGO)
    print(f"{tree.name}, processes: {args.repeat}. {setting()}\n")
    with tempfile.TemporaryDirectory(dir=args.cache) as scratch:
        clone = Path(scratch) / "another" / "place"
        shutil.copytree(tree, clone)
        rows = [process(tree, str(seed)) for seed in range(max(RUNS, args.repeat))]
        elsewhere = process(clone, "77")
    report(rows, elsewhere)


def process(tree: Path, seed: str) -> Measured:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.outline", "--one", tree],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        check=True,
    )
    return Measured(**json.loads(done.stdout))


def measured(tree: Path) -> Measured:
    texts = {path: text for path in sorted(files_of(tree)) if (text := read(tree / path))}
    clock = time.process_time
    began = clock()
    outlines = {path: outlined(path, text) for path, text in texts.items()}
    outline_done = clock()
    mentions = {
        path: mentions_in(path, text, names(outlines[path]))
        if heard(tier_of(path).keep)
        else Mentions()
        for path, text in texts.items()
    }
    mentions_done = clock()
    files = [facts(path, text, mentions[path]) for path, text in texts.items()]
    graph = connected(files)
    order = ranked(files, graph)
    ranked_at = clock()
    kept = {path: packed(each) for path, each in mentions.items()}
    kept_graph = graph_packed(graph)
    changed = after_one_change(texts, kept, kept_graph)
    shown = sum(
        len(outline_text(outline, Document(path, texts[path])))
        for path, outline in outlines.items()
    )
    sha = hashlib.sha256()
    for path, outline in outlines.items():
        sha.update(path.encode() + b"\0" + outline_packed(outline))
    return Measured(
        outline_done - began,
        mentions_done - outline_done,
        ranked_at - mentions_done,
        changed,
        sha.hexdigest()[:12],
        hashlib.sha256("\n".join(order).encode()).hexdigest()[:12],
        len(texts),
        sum(map(len, outlines.values())),
        sum(map(len, texts.values())),
        shown,
    )


def after_one_change(texts: dict[str, str], kept: dict[str, bytes], kept_graph: bytes) -> float:
    """CPU seconds from bytes to the new order, after a function was added to the largest file that
    is neither a test nor data."""
    path = max(
        (path for path in texts if tier_of(path).keep == 1 and path.endswith(".py")),
        key=lambda path: (len(texts[path]), path),
        default=next(iter(texts)),
    )
    text = texts[path] + CHANGED
    began = time.process_time()
    before = graph_unpacked(kept_graph)
    new = mentions_in(path, text, names(outlined(path, text)))
    files = [
        facts(each, texts[each], new if each == path else unpacked(data))
        for each, data in kept.items()
    ]
    ranked(files, connected(files, before))
    return time.process_time() - began


def names(outline: Outline) -> list[str]:
    return [each.name for each in outline.definitions if each.kind is not Kind.HEADING]


def facts(path: str, text: str, mentions: Mentions) -> FileFacts:
    return FileFacts(path, len(text), mentions, tier_of(path).keep)


def files_of(tree: Path) -> list[str]:
    listed = subprocess.run(
        ["git", "-C", tree, "ls-files", "-z"], capture_output=True, check=True
    ).stdout
    return [path for path in listed.decode("utf-8", "surrogateescape").split("\0") if path]


def read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8") if path.is_file() else ""
    except UnicodeDecodeError:
        return ""


def report(rows: list[Measured], elsewhere: Measured) -> None:
    one = rows[0]
    print(
        f"{one.files:,} files, {one.characters:,} characters, {one.definitions:,} definitions;"
        f" outlines of {one.shown:,} characters\n"
    )
    same = len({each.order for each in (*rows, elsewhere)}) == 1
    whole = len({each.outlines for each in (*rows, elsewhere)}) == 1
    colds, changes = [each.cold for each in rows], [each.changed for each in rows]
    show(
        ("what", "longctx, CPU s, median (best)", "target", "target met?"),
        [
            ("outlines", middle_and_best(each.outline for each in rows), "", ""),
            ("names and imports", middle_and_best(each.mentions for each in rows), "", ""),
            ("graph and order", middle_and_best(each.rank for each in rows), "", ""),
            ("cold, together", middle_and_best(colds), COLD_CPU, verdict(colds, COLD_CPU)),
            (
                "one file changed",
                middle_and_best(changes),
                CHANGED_CPU,
                verdict(changes, CHANGED_CPU),
            ),
            ("same order in all runs and clones", one.order, "identical", "yes" if same else "NO"),
            ("same outlines", one.outlines, "identical", "yes" if whole else "NO"),
        ],
    )


def verdict(values: list[float], target: float) -> str:
    return "yes" if sorted(values)[len(values) // 2] <= target else "no"


if __name__ == "__main__":
    main()

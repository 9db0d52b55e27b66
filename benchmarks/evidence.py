"""How often recall finds the evidence: gold files and lines of questions about repositories.

    python benchmarks/evidence.py                        # the table
    python benchmarks/evidence.py --set name=1 --set path=0   # the same with other weights
    python benchmarks/evidence.py --misses               # the questions whose files are not found

Questions and contracts come from `--data` (default `../shared/data` from the project's root), the
sdists from `--sdists` or LONGCTX_SDISTS (a folder that holds them unpacked; what is not there is
downloaded with pip into it). Sample corpora are used when they are there.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
import tracemalloc
from dataclasses import dataclass, fields, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from longctx.corpus import Corpus, Document
from longctx.loaders import Selection, Surroundings, loader_for
from longctx.recall import Passage, Weights, recall

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
SDISTS = {"flask": "flask-3.1.1", "requests": "requests-2.32.5", "pytest": "pytest-8.4.2"}
LARGE = "django-5.2.6"
FIRST_FILES = 5
PASSAGES = 12


@dataclass
class Tally:
    """One row of the table."""

    name: str
    count: int = 0
    found: int = 0
    first: int = 0
    all_files: float = 0.0
    lines: int = 0
    with_lines: int = 0
    seconds: float = 0.0

    def add(self, other: Tally) -> None:
        for field in fields(Tally)[1:]:
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))


def main() -> None:
    args = parse()
    weights = Weights()
    for item in args.set:
        weights = changed(weights, item)
    everything = Tally("all questions")
    print(f"{'':24}{'n':>5}{'in 5':>8}{'first':>8}{'files':>8}{'lines':>8}{'CPU s':>8}")
    for name, sdist in SDISTS.items():
        corpus = load(unpacked(args.sdists, sdist))
        tally = repository(name, corpus, args.data / "questions" / f"{name}.jsonl", weights, args)
        show(tally)
        everything.add(tally)
    show(everything)
    if args.quick:
        return
    bug_reports(args, weights)
    contracts(args, weights)
    samples(args, weights)
    if args.large:
        large(args, weights)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    default = os.environ.get("LONGCTX_SDISTS") or Path(tempfile.gettempdir()) / "longctx-sdists"
    parser.add_argument("--sdists", type=Path, default=Path(default))
    parser.add_argument("--set", action="append", default=[], metavar="WEIGHT=VALUE")
    parser.add_argument("--misses", action="store_true", help="print what is not found")
    parser.add_argument("--quick", action="store_true", help="only the questions on repositories")
    parser.add_argument("--large", action="store_true", help=f"time a question on {LARGE}")
    return parser.parse_args()


def changed(weights: Weights, item: str) -> Weights:
    """The weights with `name=value`; `module.NAME=value` sets a constant of recall instead."""
    name, _, value = item.partition("=")
    module, _, constant = name.rpartition(".")
    if module:
        setattr(import_module(f"longctx.recall.{module}"), constant, float(value))
        return weights
    return replace(weights, **{name: type(getattr(weights, name))(float(value))})


def unpacked(folder: Path, sdist: str) -> Path:
    """The sdist's folder; downloaded where it is missing."""
    place = folder / sdist
    if not place.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        name, _, version = sdist.rpartition("-")
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", ":all:"]
        subprocess.run([*command, "-d", str(folder), f"{name}=={version}"], check=True)
        with tarfile.open(folder / f"{sdist}.tar.gz") as archive:
            archive.extractall(folder, filter="data")
    return place


def load(root: Path) -> Corpus:
    around = Surroundings(cache=root, say=lambda line: print(line, file=sys.stderr))
    loader = loader_for(str(root))
    loaded = list(loader.load(str(root), Selection(), around))
    return Corpus.of(item for item in loaded if isinstance(item, Document))


def records(path: Path) -> Iterator[dict[str, Any]]:
    if path.is_file():
        yield from map(json.loads, path.read_text(encoding="utf-8").splitlines())


def asked(corpus: Corpus, question: str, weights: Weights) -> tuple[tuple[Passage, ...], float]:
    began = time.process_time()
    passages = recall(corpus, question, PASSAGES, weights)
    return passages, time.process_time() - began


def repository(
    name: str, corpus: Corpus, path: Path, weights: Weights, args: argparse.Namespace
) -> Tally:
    tally = Tally(name)
    for record in records(path):
        gold = [file for file in record.get("gold_files", []) if corpus.get(file)]
        if not gold:
            continue
        passages, seconds = asked(corpus, record["question"], weights)
        files = list(dict.fromkeys(passage.document.path for passage in passages))
        first = files[:FIRST_FILES]
        found = any(file in first for file in gold)
        tally.add(
            Tally(
                "",
                count=1,
                found=found,
                first=bool(files) and files[0] in gold,
                all_files=sum(file in first for file in gold) / len(gold),
                lines=any(touches(p, record.get("gold_spans", [])) for p in passages),
                with_lines=any(corpus.get(span[0]) for span in record.get("gold_spans", [])),
                seconds=seconds,
            )
        )
        if args.misses and not found:
            print(f"  {record['id']}: {record['question']}\n    gold {gold}\n    got  {files}")
    return tally


def touches(passage: Passage, gold: list[tuple[str, int, int]]) -> bool:
    first, last = passage.document.lines_of(passage.span)
    return any(
        path == passage.document.path and start <= last and first <= end
        for path, start, end in gold
    )


def show(tally: Tally) -> None:
    n = max(tally.count, 1)
    lines = f"{tally.lines / tally.with_lines:8.3f}" if tally.with_lines else f"{'-':>8}"
    print(
        f"{tally.name:24}{tally.count:5}{tally.found / n:8.3f}{tally.first / n:8.3f}"
        f"{tally.all_files / n:8.3f}{lines}{tally.seconds / n:8.3f}"
    )


def bug_reports(args: argparse.Namespace, weights: Weights) -> None:
    """Against the sdists, so not at the reports' commits: only files that still exist count."""
    tally = Tally("bug reports (see doc)")
    corpora = {name: load(unpacked(args.sdists, sdist)) for name, sdist in SDISTS.items()}
    for record in records(args.data / "questions" / "bug-reports.jsonl"):
        corpus = corpora[record["repo"].rsplit("/", 1)[-1]]
        gold = [name for file in record["gold_files"] for name in moved(corpus, file)]
        if gold:
            passages, seconds = asked(corpus, record["question"], weights)
            files = list(dict.fromkeys(passage.document.path for passage in passages))
            found = any(file in gold for file in files[:FIRST_FILES])
            first = bool(files) and files[0] in gold
            share = sum(file in files[:FIRST_FILES] for file in gold) / len(gold)
            tally.add(Tally("", 1, found, first, share, seconds=seconds))
            if args.misses and not found:
                print(f"  {record['id']}: {record['question'][:300]!r}\n    {gold} got {files}")
    show(tally)


def moved(corpus: Corpus, file: str) -> list[str]:
    """The file's path in an sdist that keeps its packages below src/."""
    return [path for path in (file, f"src/{file}") if corpus.get(path)]


def folded(text: str) -> str:
    return " ".join(text.split())


def contracts(args: argparse.Namespace, weights: Weights) -> None:
    tally = Tally("contracts (in 5, first)")
    for path in sorted((args.data / "contracts").glob("*.txt")):
        corpus = Corpus.of([Document(path.name, path.read_text(encoding="utf-8"))])
        for record in records(path.with_suffix(".questions.jsonl")):
            passages, seconds = asked(corpus, record["question"], weights)
            gold = folded(record["gold"])
            inside = [gold in folded(p.document.slice(p.span)) for p in passages]
            found, first, lines = any(inside[:5]), any(inside[:1]), any(inside)
            tally.add(Tally("", 1, found, first, found, lines, 1, seconds))
            if args.misses and not found:
                print(f"  {path.stem}: {record['question'][55:]}\n    {gold[:200]}")
                print(f"    at {[i for i, x in enumerate(inside) if x]}")
    show(tally)


def samples(args: argparse.Namespace, weights: Weights) -> None:
    for path in sorted((ROOT / "sample_corpora").glob("*.questions.jsonl")):
        folder = path.with_name(path.name.removesuffix(".questions.jsonl"))
        if folder.is_dir():
            show(repository(f"sample {folder.name}", load(folder), path, weights, args))


def large(args: argparse.Namespace, weights: Weights) -> None:
    corpus = load(unpacked(args.sdists, LARGE))
    size = sum(len(document.text) for document in corpus)
    print(f"{LARGE}: {len(corpus)} documents, {size / 1e6:.1f} M characters")
    for question in (
        "where is auth?",
        "How does the ORM decide which database a query is routed to, and where can a router "
        "override the default for related objects?",
        "Why does QuerySet.bulk_create() ignore conflicts only when `ignore_conflicts` is set?",
    ):
        passages, seconds = asked(corpus, question, weights)
        tracemalloc.start()
        recall(corpus, question, PASSAGES, weights)
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        print(f"  {seconds:.2f} CPU s, {peak:.0f} MB: {question}")
        for passage in passages[:5]:
            print(f"    {passage.document.path}:{passage.document.lines_of(passage.span)}")


if __name__ == "__main__":
    main()

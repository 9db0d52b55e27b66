"""How often recall finds the evidence: gold files, lines and clauses within budgets of tokens.

    python -m benchmarks.evidence                              # all figures
    python -m benchmarks.evidence --clones FOLDER              # bug reports at their commits
    python -m benchmarks.evidence --quick --set neighbour=0    # the questions, another weight
    python -m benchmarks.evidence --large                      # only times, on Django

Questions and contracts come from `--data` (default `../shared/data` from the project's root), the
sdists from `--sdists` or LONGCTX_SDISTS (a folder that holds them unpacked; what is not there is
downloaded with pip into it). Sample corpora are used when they are there.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import tempfile
import time
from dataclasses import dataclass, field, replace
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

if __package__ in (None, ""):  # started as a file, not with -m
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.evidence_baselines import Plain
from benchmarks.evidence_sources import (
    asked,
    load,
    of_bug_reports,
    of_repositories,
    records,
    unpacked,
)
from longctx.corpus import Corpus, Document, Span
from longctx.recall import Index, Passage, Weights
from longctx.tokens import tokenizer_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from benchmarks.evidence_sources import Asked

ROOT = Path(__file__).resolve().parents[1]
LARGE = "django-5.2.6"
BUDGETS = (4_000, 16_000, 64_000, 256_000)
FIRST_FILES = 5
TIGHT = 20
"""Passages that did not fit, after which a budget counts as full."""
FOCUS = 4_000
TOKENS = tokenizer_for("deepseek-v4")


@dataclass
class Row:
    """One line of the table."""

    name: str
    found: list[bool] = field(default_factory=list)
    """Whether a gold file is among the first five that are named."""
    first: list[bool] = field(default_factory=list)
    shares: list[tuple[float, ...]] = field(default_factory=list)
    """By question: the share of its gold spans that each budget touches."""
    seconds: float = 0.0

    def extend(self, other: Row) -> None:
        self.found += other.found
        self.first += other.first
        self.shares += other.shares
        self.seconds += other.seconds

    def show(self) -> None:
        n = max(1, len(self.found))
        lines = "".join(
            f"{sum(each[i] for each in self.shares) / len(self.shares):8.3f}" if self.shares
            else f"{'-':>8}"
            for i in range(len(BUDGETS))
        )  # fmt: skip
        print(
            f"{self.name:32}{len(self.found):5}{sum(self.found) / n:8.3f}"
            f"{sum(self.first) / n:8.3f}{lines}{self.seconds / n:8.3f}",
            flush=True,
        )


def main() -> None:
    args = parse()
    weights = Weights()
    for item in args.set:
        weights = changed(weights, item)
    if args.large:
        large(args)
        return
    print(f"{'':32}{'n':>5}{'in 5':>8}{'first':>8}", end="")
    print("".join(f"{f'{budget // 1000}K':>8}" for budget in BUDGETS), f"{'CPU s':>7}")
    rows: dict[str, Row] = {}
    for name, corpus, questions in of_repositories(args.data, args.sdists):
        for way, row in measured(corpus, questions, weights, args):
            rows.setdefault(f"all questions, {way}", Row(f"all questions, {way}")).extend(row)
            replace(row, name=f"{name}, {way}").show()
    if not args.quick:
        for _, corpus, questions in of_bug_reports(args.data, args.sdists, args.clones):
            for way, row in measured(corpus, questions, weights, args):
                rows.setdefault(f"bug reports, {way}", Row(f"bug reports, {way}")).extend(row)
    for row in rows.values():
        row.show()
    contracts(args, weights)
    if not args.quick:
        samples(args, weights)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    default = os.environ.get("LONGCTX_SDISTS") or Path(tempfile.gettempdir()) / "longctx-sdists"
    parser.add_argument("--sdists", type=Path, default=Path(default))
    parser.add_argument(
        "--clones", type=Path, help="a folder with clones of the three repositories"
    )
    parser.add_argument("--set", action="append", default=[], metavar="WEIGHT=VALUE")
    parser.add_argument("--lines", type=int, default=15, help="lines of a passage")
    parser.add_argument("--misses", action="store_true", help="print what 16K do not touch")
    parser.add_argument("--quick", action="store_true", help="no bug reports, no baselines")
    parser.add_argument("--alone", action="store_true", help="no baselines")
    parser.add_argument("--large", action="store_true", help=f"only times and bytes, on {LARGE}")
    return parser.parse_args()


def changed(weights: Weights, item: str) -> Weights:
    """The weights with `name=value`; `module.NAME=value` sets a constant of recall instead."""
    name, _, value = item.partition("=")
    module, _, constant = name.rpartition(".")
    if module:
        setattr(import_module(f"longctx.recall.{module}"), constant, float(value))
        return weights
    return replace(weights, **{name: type(getattr(weights, name))(float(value))})


def measured(
    corpus: Corpus, questions: list[Asked], weights: Weights, args: argparse.Namespace
) -> Iterator[tuple[str, Row]]:
    """Recall and, unless in haste, the baselines."""
    index = Index.of(corpus)
    ways: list[tuple[str, Callable[[str], Iterable[Passage]]]] = [
        ("recall", lambda question: index.passages(question, args.lines, weights))
    ]
    if not (args.quick or args.alone):
        ways.append(("BM25 over functions", Plain(corpus, whole=False).passages))
        ways.append(("BM25 over files", Plain(corpus, whole=True).passages))
    for way, passages in ways:
        row = Row(way)
        for question in questions:
            began = time.process_time()
            found = list(passages(question.question))
            row.seconds += time.process_time() - began
            files = list(dict.fromkeys(passage.document.path for passage in found))
            row.found.append(any(file in question.files for file in files[:FIRST_FILES]))
            row.first.append(bool(files) and files[0] in question.files)
            if question.spans:
                row.shares.append(shares(found, question))
                if args.misses and way == "recall" and row.shares[-1][1] < 1:
                    print(f"  {question.id} {row.shares[-1]}: {question.question[:300]!r}")
                    print(f"    gold {question.spans}\n    got {files[:FIRST_FILES]}")
        yield way, row


def costed(passages: Iterable[Passage]) -> Iterator[tuple[Passage, int, int, int]]:
    """Each passage with its lines and the tokens that it takes under a line that names it."""
    rest = iter(passages)
    while several := list(islice(rest, 200)):
        lines = [passage.document.lines_of(passage.span) for passage in several]
        texts = [
            f"{passage.document.path}:{first}-{last}\n{passage.document.slice(passage.span)}\n"
            for passage, (first, last) in zip(several, lines, strict=True)
        ]
        for passage, place, tokens in zip(several, lines, TOKENS.count_batch(texts), strict=True):
            yield passage, *place, tokens


def shares(passages: Iterable[Passage], question: Asked) -> tuple[float, ...]:
    """What share of the question's gold spans has a line in what fits, for each budget."""
    used = dict.fromkeys(BUDGETS, 0)
    refused = dict.fromkeys(BUDGETS, 0)
    touched: dict[int, set[int]] = {budget: set() for budget in BUDGETS}
    for passage, first, last, tokens in costed(passages):
        for budget in BUDGETS:
            if refused[budget] >= TIGHT:
                continue
            if used[budget] + tokens > budget:
                refused[budget] += 1
                continue
            used[budget] += tokens
            touched[budget].update(
                number
                for number, (path, start, end) in enumerate(question.spans)
                if path == passage.document.path and start <= last and first <= end
            )
        if refused[BUDGETS[-1]] >= TIGHT:
            break
    return tuple(len(touched[budget]) / len(question.spans) for budget in BUDGETS)


def folded(text: str) -> str:
    return " ".join(text.split())


def contracts(args: argparse.Namespace, weights: Weights) -> None:
    """Whether the gold passage stands in the focus: passages joined where they meet."""
    inside: dict[int, list[bool]] = {FOCUS: [], 2 * FOCUS: []}
    for path in sorted((args.data / "contracts").glob("*.txt")):
        document = Document(path.name, path.read_text(encoding="utf-8"))
        index = Index.of([document])
        for record in records(path.with_suffix(".questions.jsonl")):
            found = list(costed(index.passages(record["question"], args.lines, weights)))
            for room, results in inside.items():
                used, spans = 0, []
                for passage, _, _, tokens in found:
                    if used + tokens <= room:
                        used += tokens
                        spans.append(passage.span)
                gold = folded(record["gold"])
                results.append(any(gold in folded(text) for text in merged(document, spans)))
            if args.misses and not inside[FOCUS][-1]:
                print(f"  {path.stem}: {record['question'][55:]}\n    {record['gold'][:300]!r}")
    for room, results in inside.items():
        if results:
            print(
                f"contracts, a focus of {room}: {sum(results) / len(results):.3f} of {len(results)}"
            )


def merged(document: Document, spans: Iterable[Span]) -> Iterator[str]:
    """The texts of the spans in order, as one where only white space is between them."""
    held: Span | None = None
    for span in sorted(spans):
        if held and not document.text[held.end : span.start].strip():
            held = Span(held.start, span.end)
            continue
        if held:
            yield document.slice(held)
        held = span
    if held:
        yield document.slice(held)


def samples(args: argparse.Namespace, weights: Weights) -> None:
    for path in sorted((ROOT / "sample_corpora").glob("*.questions.jsonl")):
        folder = path.with_name(path.name.removesuffix(".questions.jsonl"))
        if folder.is_dir():
            corpus = load(folder)
            questions = [
                asked({"id": str(number), "gold_spans": [], **record}, corpus)
                for number, record in enumerate(records(path))
            ]
            quick = argparse.Namespace(**{**vars(args), "quick": True})
            questions = [each for each in questions if each.files]
            for _, row in measured(corpus, questions, weights, quick):
                replace(row, name=f"sample {folder.name}").show()


def large(args: argparse.Namespace) -> None:
    """CPU seconds of one run, and the digest of the index: equal in every run."""
    corpus = load(unpacked(args.sdists, LARGE))
    size = sum(len(document.content) for document in corpus)
    print(f"{LARGE}: {len(corpus)} documents, {size / 1e6:.1f} MB")
    began = time.process_time()
    index = Index.of(corpus)
    print(f"built in {time.process_time() - began:.2f} CPU s")
    data = index.to_bytes()
    print(f"{len(data) / 1e6:.1f} MB, {hashlib.sha256(data).hexdigest()[:16]}")
    edited = [
        Document(each.path, each.text + "\n\ndef brand_new_name():\n    pass\n")
        if each.path.endswith("db/models/query.py")
        else each
        for each in corpus
    ]
    for document in edited:
        document.digest  # noqa: B018 - counted with loading, where it is taken
    began = time.process_time()
    again = Index.from_bytes(data, edited)
    found = again.search("brand_new_name", 1)
    took = time.process_time() - began
    print(f"loaded with one file changed, and asked: {took:.2f} CPU s, {found[0].document.path}")
    index.search("warm")
    for question in (
        "where is auth?",
        "How does the ORM decide which database a query is routed to, and where can a router "
        "override the default for related objects?",
        "Why does QuerySet.bulk_create() ignore conflicts only when `ignore_conflicts` is set?",
        "What is the purpose of the flag in the model class that prevents setup methods from being"
        " called after the test request form field has been registered once?",
    ):
        began = time.process_time()
        passages = index.search(question)
        print(f"  {time.process_time() - began:.3f} CPU s: {question}")
        for passage in passages[:3]:
            print(f"    {passage.document.path}:{passage.document.lines_of(passage.span)}")


if __name__ == "__main__":
    main()

"""How good answers without a model are: gold lines and clauses that they quote, and their length.

    python -m benchmarks.extractive                  # questions, contracts, foreign questions
    python -m benchmarks.extractive --misses         # and what was missed
    python -m benchmarks.extractive --way passages   # the baseline alone

A gold line counts when an answer's verified citation covers it, a gold passage of a contract when a
verified quote shares a sentence's worth of characters with it. Questions of another repository, or
of another kind of document, should find nothing. `passages` are the five best passages, quoted
whole. Data and sdists as for benchmarks.evidence.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if __package__ in (None, ""):  # started as a file, not with -m
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.evidence_sources import of_repositories, records
from longctx.citation import Verdict, cited
from longctx.corpus import Corpus, Document, Span
from longctx.engines import Delta, Excerpt, Request
from longctx.engines.extractive import Extractive
from longctx.errors import NothingFound
from longctx.excerpts import excerpts_for
from longctx.prompt import Effort
from longctx.recall import Index
from longctx.render.marks import place_mark
from longctx.tokens import tokenizer_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from longctx.citation import Citation

    Way = Callable[[str, Index], str | None]

ROOT = Path(__file__).resolve().parents[1]
TOKENS = tokenizer_for("deepseek-v4")
SHARED = 60
"""Characters of a gold passage that a quote must hold, or all of a shorter one."""
FOREIGN = 30
"""Questions of each other source."""


@dataclass
class Row:
    """Answers of one way to questions of one kind."""

    spans: list[float] = field(default_factory=list)
    """By question: the share of gold spans that are touched."""
    tokens: list[int] = field(default_factory=list)
    nothing: list[bool] = field(default_factory=list)
    verified: list[bool] = field(default_factory=list)
    """By citation."""
    seconds: float = 0.0

    def show(self, name: str) -> None:
        touched = f"{mean(self.spans):.3f}" if self.spans else "-"
        verified = f"{mean(self.verified):.3f}" if self.verified else "-"
        print(
            f"| {name} | {len(self.nothing)} | {touched} | {mean(self.tokens):.0f} |"
            f" {mean(self.nothing):.3f} | {verified} |"
            f" {self.seconds / max(1, len(self.nothing)):.3f} |",
            flush=True,
        )


def mean(values: list[float] | list[int] | list[bool]) -> float:
    return sum(values) / len(values) if values else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    default = os.environ.get("LONGCTX_SDISTS") or Path(tempfile.gettempdir()) / "longctx-sdists"
    parser.add_argument("--sdists", type=Path, default=Path(default))
    parser.add_argument("--misses", action="store_true", help="print what is missed")
    parser.add_argument("--way", choices=[*WAYS], action="append", help="default: both")
    args = parser.parse_args()
    ways = {name: WAYS[name] for name in args.way or WAYS}
    print("| | questions | gold touched | tokens | nothing found | verified | CPU s |")
    print("|---|---|---|---|---|---|---|")
    repositories = list(of_repositories(args.data, args.sdists))
    for way, answer in ways.items():
        every, foreign, crossed = Row(), Row(), Row()
        for name, corpus, questions in repositories:
            index = Index.of(corpus)
            for question in questions:
                found = asked(question.question, answer, index, corpus, every)
                if question.spans:
                    every.spans.append(touched(found, question.spans))
                    if args.misses and way == "extractive" and not every.spans[-1]:
                        print(f"  {question.id}: {question.question[:200]!r} {question.spans}")
            for other, _, others in repositories:
                if other != name:
                    for question in others[:FOREIGN]:
                        asked(question.question, answer, index, corpus, foreign)
            for text in clauses(args.data):
                asked(text, answer, index, corpus, crossed)
        every.show(f"questions, {way}")
        foreign.show(f"questions of another repository, {way}")
        crossed.show(f"contracts' questions of a repository, {way}")
        contracts(args, way, answer, [q.question for _, _, each in repositories for q in each])


def clauses(data: Path) -> Iterator[str]:
    for path in sorted((data / "contracts").glob("*.questions.jsonl")):
        yield from [record["question"] for record in records(path)][:2]


def contracts(args: argparse.Namespace, way: str, answer: Way, others: list[str]) -> None:
    row, crossed = Row(), Row()
    for path in sorted((args.data / "contracts").glob("*.txt")):
        document = Document(path.name, path.read_text(encoding="utf-8"))
        corpus, index = Corpus.of([document]), Index.of([document])
        for record in records(path.with_suffix(".questions.jsonl")):
            found = asked(record["question"], answer, index, corpus, row)
            place = document.text.find(record["gold"])
            gold = folded(record["gold"])
            row.spans.append(
                float(
                    any(
                        each.span and shares(folded(document.slice(each.span)), gold)
                        for each in found
                    )
                )
            )
            if args.misses and way == "extractive" and not row.spans[-1]:
                print(f"  {path.stem}: {record['question'][55:300]}\n    {gold[:200]!r} at {place}")
                for each in found:
                    print(f"      {each.where} {each.quote[:150]!r}")
        for question in others[::5]:
            asked(question, answer, index, corpus, crossed)
    row.show(f"contracts, {way}")
    crossed.show(f"repositories' questions of a contract, {way}")


def asked(text: str, answer: Way, index: Index, corpus: Corpus, row: Row) -> list[Citation]:
    """The verified citations of the answer, which is counted in the row."""
    began = time.process_time()
    said = answer(text, index)
    row.seconds += time.process_time() - began
    row.nothing.append(said is None)
    row.tokens.append(0 if said is None else TOKENS.count_batch([said])[0])
    found = cited(said or "", corpus)
    row.verified += [each.verdict is Verdict.VERIFIED for each in found]
    return [each for each in found if each.verdict is Verdict.VERIFIED]


def touched(found: list[Citation], spans: tuple[tuple[str, int, int], ...]) -> float:
    hit = [
        any(
            each.path == path and each.lines and each.lines[0] <= last and first <= each.lines[1]
            for each in found
        )
        for path, first, last in spans
    ]
    return sum(hit) / len(hit)


def shares(quote: str, gold: str) -> bool:
    """Whether they hold the same `SHARED` characters, or one holds all of the other."""
    size = min(SHARED, len(quote), len(gold))
    return any(gold[i : i + size] in quote for i in range(0, len(gold) - size + 1, 5))


def folded(text: str) -> str:
    return " ".join(text.split())


def extractive(question: str, index: Index) -> str | None:
    found = excerpts_for(question, index)
    return engine_says(question, found.excerpts, found.told)


def passages(question: str, index: Index) -> str | None:
    """The five best passages."""
    return engine_says(
        question,
        tuple(
            Excerpt(
                each.document.path,
                place_mark(each.document, each.span),
                each.document.slice(Span(each.span.start, each.span.end)),
            )
            for each in index.search(question, 5)
        ),
    )


def engine_says(question: str, excerpts: tuple[Excerpt, ...], finding: str = "") -> str | None:
    """The embedded engine's answer; None where it finds nothing."""
    request = Request(0, Effort.OFF, question=question, excerpts=excerpts, finding=finding)
    try:
        events = list(Extractive().stream(request))
    except NothingFound:
        return None
    return "".join(event.text for event in events if isinstance(event, Delta))


WAYS: dict[str, Way] = {"passages": passages, "extractive": extractive}

if __name__ == "__main__":
    main()

"""Whether the passages that answer real questions about contracts verify as citations.

    python -m benchmarks.citations FOLDER

FOLDER holds `NAME.txt` and `NAME.questions.jsonl` with a `gold` passage a line, which stands in the
text. An answer is made that quotes each as a careless reader of a printed page would: lines broken
elsewhere, words cut by hyphens where lines end, `fi` and `fl` as ligatures. It cites the passage
once by its lines, once by its clause, where one is known, and by the wrong lines. Every citation
must be found: verified by the first two, and repaired, to the same passage, by the third. Nothing
is random: breaks follow from a hash of the passage.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from longctx.citation import Verdict, cited
from longctx.corpus import Corpus, Document, Span
from longctx.structure.places import Places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longctx.citation import Citation

WIDTH = 46
"""Characters of a line, or a few less."""
SHAPES = 5
"""Ways of breaking a passage into lines."""
COLUMNS = (
    "questions",
    "lines",
    "clause",
    "wrong lines",
    "verified",
    "repaired",
    "wrong",
    "not found",
)
"""Passages; those cited by lines, by clause, by wrong lines; and in `SHAPES` shapes each, what became
of them."""
LIGATURES = (("ffi", "ﬃ"), ("ffl", "ﬄ"), ("ff", "ﬀ"), ("fi", "ﬁ"), ("fl", "ﬂ"))


@dataclass(frozen=True)
class Question:
    """A passage of a document."""

    document: Document
    gold: str
    span: Span


def reset(passage: str, shape: int) -> str:
    """The passage with other line breaks, cut words and ligatures."""
    random = Random(f"{shape} {passage}")
    for letters, ligature in LIGATURES:
        passage = passage.replace(letters, ligature)
    lines, line = [], ""
    for word in passage.split():
        limit = random.randint(WIDTH - 12, WIDTH)
        if line and len(line) + 1 + len(word) > limit:
            cut = random.randint(2, max(2, len(word) - 3))
            if random.random() < 0.6 and re.fullmatch(r"[^\W\d_]{6,}[.,;]?", word):
                lines.append(f"{line} {word[:cut]}-")
                line = word[cut:]
            else:
                lines.append(line)
                line = word
        else:
            line = f"{line} {word}".strip()
    return "\n".join([*lines, line])


def questions(folder: Path) -> Iterator[list[Question]]:
    """The questions of each contract."""
    for path in sorted(folder.glob("*.txt")):
        document = Document(path.name, path.read_text("utf-8"))
        rows = path.with_name(f"{path.stem}.questions.jsonl").read_text("utf-8").splitlines()
        golds = [str(json.loads(row)["gold"]) for row in rows if row.strip()]
        yield [Question(document, gold, _span(document, gold)) for gold in golds]


def _span(document: Document, gold: str) -> Span:
    """Where the passage stands, white space aside."""
    words = r"\s+".join(map(re.escape, gold.split()))
    found = re.search(words, document.text)
    if found is None:
        raise SystemExit(f"{document.path} does not hold the passage {gold[:60]!r}")
    return Span(*found.span())


def claims(question: Question, places: Places) -> Iterator[tuple[str, str, Verdict]]:
    """The ways of citing the passage, with what each must come to."""
    document, span = question.document, question.span
    first, last = document.lines_of(span)
    yield "lines", f":{first}-{last}", Verdict.VERIFIED
    clause = _clause(places, span)
    if clause:
        yield "clause", f" §{clause}", Verdict.VERIFIED
    yield "wrong lines", f":{last + 40}-{last + 44}", Verdict.REPAIRED


def _clause(places: Places, span: Span) -> str:
    """The label of the deepest clause that holds the passage."""
    holding = [each for each in places if each.anchor.kind == "clause" and span.within(each.span)]
    return min(holding, key=lambda each: len(each.span)).anchor.label if holding else ""


def result(question: Question, found: tuple[Citation, ...], wanted: Verdict) -> str:
    """What came of it, as a column is called."""
    if not found or found[0].span is None:
        return "not found"
    passage = question.document.slice(found[0].span)
    if found[0].verdict is not wanted or passage.split() != question.gold.split():
        return "wrong"
    return str(wanted)


def measured(asked: list[Question]) -> tuple[Counter[str], float]:
    """Counts by column, and the CPU seconds of checking."""
    document = asked[0].document
    corpus, places = Corpus.of([document]), Places(document)
    counts, seconds = Counter(questions=len(asked)), 0.0
    for question in asked:
        for kind, place, wanted in claims(question, places):
            counts[kind] += 1
            for shape in range(SHAPES):
                quote = reset(question.gold, shape)
                answer = f'<evidence>\n[{document.path}{place}] "{quote}"\n</evidence>\n'
                started = time.process_time()
                found = cited(answer, corpus)
                seconds += time.process_time() - started
                became = result(question, found, wanted)
                counts[became] += 1
                if became != wanted:
                    reason = found[0].reason if found else "not read"
                    print(f"{document.path}{place} {became}: {reason}\n{quote}", file=sys.stderr)
    return counts, seconds


def row(name: str, counts: Counter[str], seconds: float) -> str:
    checked = sum(counts[each] for each in BECAME)
    cells = [name, *(f"{counts[column]:,}" for column in COLUMNS)]
    return f"| {' | '.join(cells)} | {1000 * seconds / max(1, checked):.1f} |"


def main() -> int:
    parser = argparse.ArgumentParser(description="Whether passages of contracts verify.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--contract", help="only this one")
    args = parser.parse_args()
    heads = ("contract", *COLUMNS, "CPU ms a citation")
    print(f"| {' | '.join(heads)} |\n|{' --- |' * len(heads)}")
    totals: Counter[str] = Counter()
    spent = 0.0
    for asked in questions(args.folder):
        if args.contract not in (None, asked[0].document.path):
            continue
        counts, seconds = measured(asked)
        totals, spent = totals + counts, spent + seconds
        print(row(asked[0].document.path, counts, seconds))
    print(row("all", totals, spent))
    return 1 if totals["not found"] or totals["wrong"] or not totals["questions"] else 0


if __name__ == "__main__":
    sys.exit(main())

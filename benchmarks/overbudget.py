"""What a question is shown of a repository that does not fit, and what that costs the prefix.

    python -m benchmarks.overbudget                       # all tables
    python -m benchmarks.overbudget --only evidence       # or session, or bytes
    python -m benchmarks.overbudget --windows 262144      # the windows of the first table

Questions, their gold lines and the sdists come as for `benchmarks.evidence`. `evidence` prepares
each question in a session of its own and looks what the prompt shows. `session` asks 20 questions
in one session of a scripted engine that keeps what DeepSeek V4's cache on SGLang would, beside
prompts that are made anew for each question. `bytes` compares whole sessions in processes with
other hash seeds and from clones in other folders.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.evidence_sources import asked, load, records, unpacked
from benchmarks.measuring import DJANGO, FLASK, setting, show, source
from longctx.api import Ask, Connected, Loaded, Places, Session
from longctx.api.opening import open as opened
from longctx.api.surface import Surface
from longctx.engines import Takes
from longctx.engines.radix import RadixCache
from longctx.engines.radix_tree import V4
from longctx.engines.scripted import Scripted
from longctx.prompt import Ids
from longctx.recall import Index
from longctx.render.escaping import attribute
from longctx.render.parts import key_of, shown_in
from longctx.store import Store
from longctx.template import template_for
from longctx.tokens import tokenizer_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.evidence_sources import Asked
    from longctx.api.asked import Asked as Ready
    from longctx.corpus import Corpus

ROOT = Path(__file__).resolve().parents[1]
SDISTS = {"flask": "flask-3.1.1", "requests": "requests-2.32.5", "pytest": "pytest-8.4.2"}
LARGE = "django-5.2.6"
WINDOWS = (262_144, 65_536)
EVIDENCE, HITS = 0.97, 0.75
QUESTIONS = 20
ANSWER = "It is there [src/_pytest/config/__init__.py:1-9]. " * 20
TOKENS = tokenizer_for("deepseek-v4")
PASSAGE = re.compile(r"^\[([^\n]+):([0-9]+)-([0-9]+)\]$", re.M)
DJANGO_QUESTIONS = (
    "Where is authentication decided, and which backends are asked?",
    "How does QuerySet.bulk_create() batch its inserts?",
    "How does the ORM decide which database a query is routed to?",
    "What does the CSRF middleware check before it accepts a request?",
    "How are migrations ordered, and how is a cycle reported?",
    "Where is a lazy translation evaluated?",
    "How does the template engine find and cache templates?",
    "What happens when a model form saves many-to-many fields?",
    "How does select_related build its joins?",
    "How does the session middleware decide to save a session?",
    "How are signals dispatched to receivers that are weak references?",
    "How does the admin build its list of changes and its filters?",
    "How does the test client follow redirects?",
    "What does the autoreloader watch and how does it restart?",
    "How are URL patterns resolved and reversed with namespaces?",
    "How is a password hashed, and when is its hash upgraded?",
    "How do transactions nest with savepoints in atomic()?",
    "How does the cache framework version and prefix its keys?",
    "How is an uploaded file kept in memory or on disk?",
    "How does the paginator handle an empty last page?",
)


def main() -> None:
    args = parse()
    if args.one is not None:
        print(json.dumps(digests(args.one, args.home)))
        return
    print(f"{setting()}\n")
    for name in args.only:
        {"evidence": evidence, "session": sessions, "bytes": same_bytes}[name](args)
        print(flush=True)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    default = os.environ.get("LONGCTX_SDISTS") or Path(tempfile.gettempdir()) / "longctx-sdists"
    cache = Path(tempfile.gettempdir()) / "longctx-benchmarks"
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--sdists", type=Path, default=Path(default))
    parser.add_argument("--cache", type=Path, default=cache, help="where repositories are made")
    parser.add_argument("--windows", type=numbers, default=WINDOWS)
    parser.add_argument("--names", type=words, default=list(SDISTS), help="repositories")
    parser.add_argument("--trees", type=words, default=["flask", "django"], help="for bytes")
    parser.add_argument("--only", type=words, default=["evidence", "session", "bytes"])
    parser.add_argument("--misses", action="store_true", help="print what is not shown")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def words(text: str) -> list[str]:
    return text.split(",")


def numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(",")))


def session_over(corpus: Corpus, engine: Scripted, home: Path, window: int) -> Session:
    """A new session over these documents."""
    places = Places(home / "cache", home / "data")
    template = template_for("deepseek-v4")
    connected = Connected(engine, engine.served(), Takes.IDS, TOKENS, template)
    loaded, store = Loaded(corpus, ()), Store.open(places.data)
    wanted = Ask(window=window)
    return Session(Surface(connected, lambda: loaded, wanted, places, store, "here", ("here",)))


# What is shown.


@dataclass
class Shown:
    """What the prompts of several questions show of their gold lines."""

    spans: int = 0
    touched: float = 0.0
    """Sum over questions of the share of spans of which a line is shown."""
    covered: float = 0.0
    """The same of all lines of the spans."""
    in_base: float = 0.0
    """As `touched`, by the base alone."""
    questions: int = 0
    own: float = 0.0
    """Sum of the share of a prompt's tokens that depend on the question."""
    index: float = 0.0


def evidence(args: argparse.Namespace) -> None:
    print("### evidence\n")
    rows = []
    for name in args.names:
        corpus = load(unpacked(args.sdists, SDISTS[name]))
        found = [asked(row, corpus) for row in records(args.data / "questions" / f"{name}.jsonl")]
        questions = [each for each in found if each.spans]
        size = sum(TOKENS.count_batch([document.text for document in corpus]))
        for window in args.windows:
            rows.append((name, size, window, *measured(corpus, questions, window, args.misses)))
    show(
        (
            "repository", "its tokens", "window", "questions", "documents whole in the base",
            "gold spans touched by the base", "by all that is shown", "gold lines shown",
            "tokens that depend on the question", "target met?",
        ),
        rows,
    )  # fmt: skip


def measured(
    corpus: Corpus, questions: Sequence[Asked], window: int, misses: bool
) -> tuple[object, ...]:
    told = Shown()
    bases = 0
    with tempfile.TemporaryDirectory() as home:
        for question in questions:
            with session_over(corpus, Scripted([ANSWER]), Path(home), window) as session:
                ready = session.prepare(question.question)
                bases = ready.shown
                add(told, ready, question, corpus, misses)
    n = max(1, told.questions)
    own, touched = told.own / n, told.touched / n
    fits = bases == len(corpus)
    met = "" if fits else "yes" if touched >= EVIDENCE and own <= 0.5 else "no"
    return (
        told.questions, f"{bases:,} of {len(corpus):,}", f"{told.in_base / n:.3f}",
        f"{touched:.3f}", f"{told.covered / n:.3f}", f"{own:.0%}", met,
    )  # fmt: skip


def add(told: Shown, ready: Ready, question: Asked, corpus: Corpus, misses: bool) -> None:
    assert ready.seen is not None
    assert ready.predicted_tokens is not None
    lines = shown_lines(ready, corpus)
    touched = covered = base = 0.0
    for path, first, last in question.spans:
        whole = path in ready.seen.state
        span = set(range(first, last + 1))
        seen = span if whole else span & lines.get(path, set())
        base += whole
        touched += bool(seen)
        covered += len(seen) / len(span)
        if misses and not seen:
            print(f"  not shown: {path}:{first}-{last}: {question.question[:200]!r}")
    n = len(question.spans)
    told.questions += 1
    told.in_base += base / n
    told.touched += touched / n
    told.covered += covered / n
    told.own += sum(segment.tokens or 0 for segment in ready.segments) / ready.predicted_tokens


def shown_lines(ready: Ready, corpus: Corpus) -> dict[str, set[int]]:
    """By path: the lines that the question brings along."""
    found: dict[str, set[int]] = {}
    parts = shown_in(each.text for each in ready.segments if each.name == "tail")
    for document in corpus:
        for first, last in parts[key_of(document)].lines:
            found.setdefault(document.path, set()).update(range(first, last + 1))
    paths = {attribute(document.path): document.path for document in corpus}
    for segment in ready.segments:
        if segment.name == "focus":
            for path, one, other in PASSAGE.findall(segment.text):
                if path in paths:
                    lines = range(int(one), int(other) + 1)
                    found.setdefault(paths[path], set()).update(lines)
    return found


# What stays cached.


def sessions(args: argparse.Namespace) -> None:
    print("### session\n")
    pytest = load(unpacked(args.sdists, SDISTS["pytest"]))
    rows = records(args.data / "questions" / "pytest.jsonl")
    asks = [each["question"] for each in rows][:QUESTIONS]
    table = []
    for name, corpus, questions in (
        ("pytest", pytest, asks),
        (LARGE, load(unpacked(args.sdists, LARGE)), list(DJANGO_QUESTIONS)),
    ):
        if questions:
            table.append(own_session(name, corpus, questions))
            table.extend(made_anew(name, corpus, questions))
    show(
        ("repository", "prompts", "tokens of 20 prompts", "prefilled, primes included",
         "token hit rate", "target met?"),
        table,
    )  # fmt: skip


def own_session(name: str, corpus: Corpus, questions: Sequence[str]) -> tuple[object, ...]:
    engine = Scripted([ANSWER], rules=V4)
    sent = prefilled = 0
    with (
        tempfile.TemporaryDirectory() as home,
        session_over(corpus, engine, Path(home), WINDOWS[0]) as session,
    ):
        for question in questions:
            for _ in session.ask(question):
                pass
        turns = session.turns
        sent = sum(turn.usage.prompt_tokens or 0 for turn in turns)
    # Everything that the server was sent, primes too, in order, through a cache of its own.
    cache = RadixCache(V4)
    for ids in engine.prompts:
        prefilled += len(ids) - cache.ask(ids)
    return row(name, "longctx, one session", sent, prefilled)


def row(name: str, what: str, sent: int, prefilled: int) -> tuple[object, ...]:
    rate = 1 - prefilled / sent
    met = ("yes" if rate >= HITS else "no") if "longctx" in what else ""
    return name, what, f"{sent:,}", f"{prefilled:,}", f"{rate:.1%}", met


def made_anew(name: str, corpus: Corpus, questions: Sequence[str]) -> Iterable[tuple[object, ...]]:
    """Whole files of the best passages, 20 at most or half a window: in order of relevance, and
    the most popular and largest first, popularity counted over these very questions."""
    index = Index.of(corpus)
    sizes: dict[str, Ids] = {}
    chosen: list[list[str]] = []
    for question in questions:
        paths = dict.fromkeys(each.document.path for each in index.passages(question))
        picked: list[str] = []
        left = WINDOWS[0] // 2
        for path in islice(paths, 200):
            if path not in sizes:
                document = corpus.get(path)
                assert document is not None
                sizes[path] = TOKENS.encode(document.text)
            if len(sizes[path]) <= left and len(picked) < QUESTIONS:
                picked.append(path)
                left -= len(sizes[path])
        chosen.append(picked)
    popular = Counter(path for picked in chosen for path in picked)

    def weight(path: str) -> tuple[int, str]:
        return -popular[path] * len(sizes[path]), path

    for what, order in (
        ("anew, by relevance", list),
        ("anew, popularity x size", partial(sorted, key=weight)),
    ):
        cache = RadixCache(V4)
        sent = prefilled = 0
        for picked, question in zip(chosen, questions, strict=True):
            ids = Ids.joined([*(sizes[path] for path in order(picked)), TOKENS.encode(question)])
            sent += len(ids)
            prefilled += len(ids) - cache.ask(ids)
        yield row(name, what, sent, prefilled)


# What is the same everywhere.


def same_bytes(args: argparse.Namespace) -> None:
    print("### bytes\n")
    args.cache.mkdir(parents=True, exist_ok=True)
    rows = []
    for name, version in (each for each in (FLASK, DJANGO) if each[0] in args.trees):
        tree = source(args.cache, name, version)
        with tempfile.TemporaryDirectory() as scratch:
            clones = [Path(scratch) / "one", Path(scratch) / "quite" / "another place" / "x"]
            for clone in clones:
                subprocess.run(["git", "clone", "--quiet", tree, clone], check=True)
            runs = [process(tree, Path(scratch) / f"home{seed}", str(seed)) for seed in range(3)]
            told = [
                process(each, Path(scratch) / f"elsewhere{place}", "7")
                for place, each in enumerate(clones)
            ]
        rows.append((
            f"{name} {version}", len({tuple(each) for each in runs}),
            len({tuple(each) for each in (*runs, *told)}), runs[0][-1],
            "yes" if len({tuple(each) for each in (*runs, *told)}) == 1 else "NO",
        ))  # fmt: skip
    show(
        ("repository", "different sessions in 3 runs", "with two clones", "digest", "identical?"),
        rows,
    )


def process(tree: Path, home: Path, seed: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.overbudget", "--one", tree, "--home", home],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        check=True,
    )
    return list(json.loads(done.stdout))


def digests(tree: Path, home: Path) -> list[str]:
    """Of all prompts of one session over the tree."""
    script = home / "answer.txt"
    script.parent.mkdir(parents=True)
    script.write_text(ANSWER)
    from longctx.api import Connection

    session = opened(
        str(tree), engine="scripted", connection=Connection(str(script)),
        tokenizer="deepseek-v4", ask=Ask(window=131_072), places=Places(home / "c", home / "d"),
    )  # fmt: skip
    with session:
        for question in ("How is a session saved?", "How are URL rules matched?", "Where is auth?"):
            for _ in session.ask(question):
                pass
        engine = session.surface.connected.engine
        assert isinstance(engine, Scripted)
        return [hashlib.sha256(ids.data).hexdigest()[:16] for ids in engine.prompts]


if __name__ == "__main__":
    main()

"""What is kept of a prompt when its source changes, and whether clones send the same one.

    python -m benchmarks.kept REPO               # a git repository with its full history
    python -m benchmarks.kept REPO --tools longctx

First table: Flask 3.1.1 is packed, changed, and packed again; the share of the first output that
the second begins with, in bytes. Other packers' outputs are compared in the same way.

Then REPO: ids over its last 50 commits for one who asked at each, for a fresh full clone, and for a
clone elsewhere; and the time to find the anchor on a made history of 30,000 commits.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measuring import (
    COMMITTED,
    FLASK,
    arguments,
    longctx,
    measured,
    setting,
    show,
    source,
    vocabularies,
)
from benchmarks.pack import PEERS
from benchmarks.replay import UNLIMITED, Asker, At, history_of
from longctx.api.continuing import RULE
from longctx.corpus import Corpus, Document
from longctx.tokens import DEEPSEEK_V4, tokenizer_for
from longctx.updates import anchor_in
from longctx.updates.anchors import LOOK_BACK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from longctx.loaders.history import History

TOOLS = ("longctx", "repomix", "gitingest")
FILE = "src/flask/app.py"
COMMITS, LONG, FIND = 50, 30_000, 0.3
"""FIND: seconds that finding the anchor may take."""


def main() -> None:
    parser = arguments(__doc__, TOOLS, 5, "runs of finding the anchor (default 5)")
    parser.add_argument("repository", type=Path, metavar="REPO")
    args = parser.parse_args()
    print(f"{setting()}\n")
    with tempfile.TemporaryDirectory(dir=args.cache) as scratch:
        show(("what happened", *args.tools), kept(args.tools, args.cache, Path(scratch)))
        print()
        show(("what", "figure", "target met?"), clones(args.repository, Path(scratch)))
        show_anchor(Path(scratch), args.repeat)


def kept(tools: list[str], cache: Path, scratch: Path) -> Iterator[list[str]]:
    """A row for each change, with what each tool keeps."""
    flask = source(cache, *FLASK)
    for name, change in CHANGES.items():
        figures = []
        for tool in tools:
            work = scratch / "work" / "flask"
            shutil.copytree(flask, work, symlinks=True)
            before = packed(tool, cache, work, scratch)
            changed = change(work)
            after = packed(tool, cache, changed, scratch)
            figures.append("–" if before is None or after is None else share(before, after))
            shutil.rmtree(scratch / "work")
        yield [name, *figures]


def packed(tool: str, cache: Path, folder: Path, scratch: Path) -> bytes | None:
    """What the tool writes for this folder; None where it cannot be run here."""
    output = scratch / "packed.txt"
    output.unlink(missing_ok=True)
    env: Mapping[str, str] = {}
    if tool == "longctx":
        command: list[str | Path] = [longctx(), "pack", folder.name, "--budget", "4000000"]
        command += ["-o", output]
        env = {
            "LONGCTX_CACHE_DIR": str(scratch / "cache"),
            "LONGCTX_DATA_DIR": str(scratch / "data"),
        }
    else:
        try:
            command = PEERS[tool].command(cache, folder.name, output)
            if PEERS[tool].vocabulary:
                env = {"TIKTOKEN_CACHE_DIR": str(vocabularies(cache))}
        except (SystemExit, StopIteration):
            return None
    run = measured(command, folder.parent, env)
    return output.read_bytes() if run.status == 0 and output.exists() else None


def share(before: bytes, after: bytes) -> str:
    """How much of `before` both begin with."""
    pairs = enumerate(zip(before, after, strict=False))
    same = next((place for place, (one, two) in pairs if one != two), min(len(before), len(after)))
    return f"{same / len(before):.1%}"


def edit(work: Path) -> Path:
    text = (work / FILE).read_text().replace("def run(", "def run(  # changed\n", 1)
    (work / FILE).write_text(text)
    return work


def commits(work: Path) -> Path:
    for number in range(10):
        with (work / FILE).open("a") as file:
            file.write(f"# {number}\n")
        git(work, "commit", "--quiet", "--all", "--message", str(number))
    return work


def add(work: Path) -> Path:
    (work / "src/flask/fresh.py").write_text("FRESH = True\n")
    return work


def delete(work: Path) -> Path:
    (work / "src/flask/views.py").unlink()
    return work


def rename(work: Path) -> Path:
    (work / "src/flask/views.py").rename(work / "src/flask/sights.py")
    return work


def clone(work: Path) -> Path:
    elsewhere = work.parent / "elsewhere" / "other"
    git(work, "clone", "--quiet", str(work), str(elsewhere))
    return elsewhere


CHANGES: Mapping[str, Callable[[Path], Path]] = {
    "nothing": lambda work: work,
    "one edit": edit,
    "10 commits to one file": commits,
    "a new file": add,
    "a deleted file": delete,
    "a rename": rename,
    "another clone at another path": clone,
}


def clones(repository: Path, scratch: Path) -> Iterator[list[str]]:
    """Whether three who ask at one commit send the same ids."""
    with walked(repository) as (whole, steps):
        often = Asker(scratch / "often", tokenizer_for(DEEPSEEK_V4), UNLIMITED)
        for corpus, at in steps:
            asked = often.ask(corpus, at)
        fresh = Asker(scratch / "fresh", often.tokenizer, UNLIMITED).ask(corpus, whole)
    git(scratch, "clone", "--quiet", "--bare", str(repository), "elsewhere")
    with walked(scratch / "elsewhere", 0) as (whole, steps):
        ((corpus, at),) = steps
        other = Asker(scratch / "other", often.tokenizer, UNLIMITED).ask(corpus, at)
    for name, lineage in (("a fresh full clone", fresh), ("a clone elsewhere", other)):
        same = lineage.digest == asked.digest
        figure = f"{lineage.tokens:,} tokens" + ("" if same else f", not {asked.tokens:,}")
        yield [f"ids of one who asked {COMMITS} times, and of {name}", figure, yes(same)]


@contextmanager
def walked(
    repository: Path, last: int = COMMITS
) -> Iterator[tuple[History, Iterator[tuple[Corpus, At]]]]:
    """The history, and the documents with the history at each of the last commits."""
    with history_of(repository) as whole:
        chain = whole.chain(last + LOOK_BACK)

        def steps() -> Iterator[tuple[Corpus, At]]:
            path = chain.commits[last::-1]
            documents = {d.path: d for d in whole.documents(path[0]) if isinstance(d, Document)}
            changes = whole.changes(path)
            for place in range(last, -1, -1):
                step = () if place == last else next(changes)
                for change in step:
                    documents.pop(change.path, None)
                    if change.after is not None:
                        documents[change.path] = change.after
                at = At(whole, chain.commits[place:], chain.cut, step)
                yield Corpus.of(documents.values()), at

        yield whole, steps()


def show_anchor(scratch: Path, repeat: int) -> None:
    """How long finding the anchor takes, from opening the history."""
    long = scratch / "long"
    git(scratch, "init", "--quiet", "--bare", str(long))
    stream = "".join(
        f"commit refs/heads/main\nmark :{n}\ncommitter A <a@example.org> {10**9 + n} +0000\n"
        f"data 0\n{f'from :{n - 1}' if n > 1 else ''}\n"
        f"M 100644 inline f{n % 50}\ndata {len(str(n))}\n{n}\n"
        for n in range(1, LONG + 1)
    )
    git(long, "fast-import", "--quiet", stdin=stream.encode())
    git(long, "symbolic-ref", "HEAD", "refs/heads/main")
    seconds = []
    for _ in range(repeat):
        started = time.perf_counter()
        with history_of(long) as history:
            chain = history.chain(LOOK_BACK)
            place = anchor_in(chain.commits, chain.cut, RULE)
        seconds.append(time.perf_counter() - started)
    middle = statistics.median(seconds)
    print(
        f"\nFinding the anchor on {LONG:,} commits, {place} back: {middle:.3f} s"
        f" ({min(seconds):.3f}); target {FIND} s: {yes(middle <= FIND)}"
    )


def yes(met: bool) -> str:
    return "yes" if met else "no"


def git(folder: Path, *arguments: str, stdin: bytes | None = None) -> None:
    subprocess.run(
        ["git", *arguments],
        cwd=folder,
        input=stdin,
        env={**COMMITTED, "PATH": os.environ["PATH"], "HOME": str(folder)},
        check=True,
    )


if __name__ == "__main__":
    main()

"""What a commit costs: one question over every commit of real histories, nothing sent anywhere.

    python -m benchmarks.replay REPO...              # git repositories with their full history
    python -m benchmarks.replay REPO --commits 50 --room 0

Each of the last commits of the first-parent chain is asked about once, oldest first, with one store
for the walk and everything in memory made anew at each commit, as by one process a question. Two
prefixes in a row are compared id by id: what follows their common beginning is prefilled again.

Beside it, from the same commits and the same counts: `path order` packs the same documents anew,
sorted by path (all from the first changed document on is prefilled again); `own base` is longctx
without anchors, as in a plain folder: a base frozen at the first of the commits, diffs, a new base
at 10 %.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measuring import setting, show
from longctx.api import Places
from longctx.api.continuing import RULE, Continuing
from longctx.api.lineages import Lineages
from longctx.corpus import Corpus, Document
from longctx.loaders import Selection, Surroundings
from longctx.loaders.git import GitLoader
from longctx.loaders.history import Chain
from longctx.pack import measured
from longctx.pack.growing import Terms
from longctx.prompt import Effort
from longctx.session.prefixes import prefix_of
from longctx.store import Store
from longctx.template import template_for
from longctx.tokens import DEEPSEEK_V4, tokenizer_for
from longctx.tokens.remembering import Remembering
from longctx.updates.anchors import LOOK_BACK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from longctx.corpus import Omission
    from longctx.loaders.history import Change, History
    from longctx.tokens import Tokenizer
    from longctx.updates import Lineage

PREFILLED, CARRIED = 0.035, 0.05
"""Targets, as means of the repositories."""

UNLIMITED = 1 << 40
CHUNK = 1 << 16
HEADER = (
    "repository",
    "prefix, tokens",
    "prefilled again, path order",
    "own base",
    "**anchors**",
    "worst commit",
    "carried, own base",
    "**anchors**",
    "new bases (at anchors)",
    "CPU ms a commit",
)


@dataclass(frozen=True, slots=True)
class At:
    """A history as a clone has it that stands on an earlier commit."""

    whole: History
    commits: tuple[str, ...]
    """`head` and everything before it, newest first."""
    cut: bool
    step: tuple[Change, ...]
    """From the commit before `head` to it: read once for the walk."""

    @property
    def head(self) -> str:
        return self.commits[0]

    @property
    def submodules(self) -> bool:
        return self.whole.submodules

    def chain(self, limit: int) -> Chain:
        commits = self.commits[:limit]
        return Chain(commits, self.cut and len(commits) < limit)

    def documents(
        self, commit: str, have: Callable[[str], Document | None] = lambda path: None
    ) -> Iterator[Document | Omission]:
        """Without word of what a mirror lacks: the largest files of some."""
        return (one for one in self.whole.documents(commit) if isinstance(one, Document))

    def changes(self, commits: Sequence[str]) -> Iterator[tuple[Change, ...]]:
        if tuple(commits) == self.commits[1::-1]:
            return iter([self.step])
        return self.whole.changes(commits)


@dataclass(slots=True)
class Asker:
    """Asks at one commit after another; every time as a new process, with what is on the disk."""

    folder: Path
    tokenizer: Tokenizer
    room: int
    prefilled: list[float] = field(default_factory=list)
    """For each commit but the first, as a share of the prefix."""
    carried: list[float] = field(default_factory=list)
    """For each commit, as a share of the base."""
    bases: list[bytes] = field(default_factory=list)
    cpu: float = 0
    """Seconds spent on the commits after the first."""
    _sent: bytes = b""

    def ask(self, corpus: Corpus, history: History | None) -> Lineage:
        places = Places(self.folder / "cache", self.folder / "data")
        store = Store.open(places.data)
        started = sum(os.times()[:4])
        lineages = Lineages(store)
        terms = Terms(self.tokenizer, places.memo, self.room, RULE.share)
        continuing = Continuing(lineages, terms, "replayed", unexpected)
        found = continuing.current(corpus, history)
        continuing.keep(found)
        lineage = found.lineage
        encode = Remembering(self.tokenizer, places.memo).encode
        template = template_for("deepseek-v4")
        ids = prefix_of(lineage, template, Effort.OFF, encode, lambda: "").ids
        assert ids is not None
        if self._sent:
            self.cpu += sum(os.times()[:4]) - started
            self.prefilled.append(1 - common(self._sent, ids.data) / len(ids.data))
        self.carried.append(lineage.carried / lineage.base.tokens)
        self.bases.append(lineage.base.digest)
        self._sent = ids.data
        store.close()
        return lineage

    @property
    def tokens(self) -> int:
        """Of the last prefix."""
        return len(self._sent) // 4


@dataclass(slots=True)
class PathOrder:
    """What packing the same documents anew in path order would prefill."""

    tokenizer: Tokenizer
    places: Places
    sizes: dict[str, int] = field(default_factory=dict)
    prefilled: list[float] = field(default_factory=list)

    def ask(self, shown: Iterable[str], changed: Iterable[Document], gone: Iterable[str]) -> None:
        """`shown`: the paths that are in the prompt."""
        documents = list(changed)
        units = measured(Corpus.of(documents), self.tokenizer, self.places.memo)
        self.sizes |= {unit.document.path: unit.tokens for unit in units}
        now = set(shown)
        touched = [document.path for document in documents if document.path in now]
        first = min([*touched, *gone], default=None)
        total = sum(self.sizes[path] for path in now)
        lost = sum(self.sizes[path] for path in now if first is not None and path >= first)
        self.prefilled.append(lost / total)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the commits of one repository cost."""

    name: str
    shared: Asker
    own: Asker
    by_path: PathOrder
    anchors: int

    @property
    def figures(self) -> tuple[float, ...]:
        """Shares, in the order of the table."""
        return (
            statistics.fmean(self.by_path.prefilled[1:]),
            statistics.fmean(self.own.prefilled),
            statistics.fmean(self.shared.prefilled),
            max(self.shared.prefilled),
            statistics.fmean(self.own.carried),
            statistics.fmean(self.shared.carried),
        )

    @property
    def row(self) -> list[str]:
        new = sum(one != two for one, two in itertools.pairwise(self.shared.bases))
        return [
            self.name,
            f"{self.shared.tokens:,}",
            *map("{:.2%}".format, self.figures),
            f"{new} ({self.anchors})",
            f"{1000 * self.shared.cpu / len(self.shared.prefilled):.0f}",
        ]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("repositories", nargs="+", type=Path, metavar="REPO")
    parser.add_argument("--commits", type=int, default=200, help="commits of each (default 200)")
    parser.add_argument(
        "--room", type=int, default=1_000_000, help="tokens for base and updates; 0: no limit"
    )
    args = parser.parse_args()
    print(f"{args.commits} commits of each, room {args.room or 'unlimited'}. {setting()}\n")
    done: list[Replayed] = []
    show(HEADER, rows(args.repositories, args.commits, args.room or UNLIMITED, done))
    prefilled, carried = (
        statistics.fmean(replayed.figures[place] for replayed in done) for place in (2, 5)
    )
    met = prefilled <= PREFILLED and carried <= CARRIED
    worst = max(done, key=lambda replayed: replayed.figures[2])
    print(
        f"\nMean {prefilled:.2%} prefilled again at {carried:.2%} carried (target {PREFILLED:.1%}"
        f" at {CARRIED:.1%}: {'met' if met else 'missed'}); worst repository: {worst.name},"
        f" {worst.figures[2]:.2%}. Load now {os.getloadavg()[0]:.1f}."
    )


def rows(
    repositories: Iterable[Path], commits: int, room: int, done: list[Replayed]
) -> Iterator[Sequence[str]]:
    """A row for each repository, which goes to stderr as soon as it is there; one of the means."""
    for repository in repositories:
        with tempfile.TemporaryDirectory(prefix="longctx-replay-") as scratch:
            done.append(replay(repository, commits, room, Path(scratch)))
        print(" | ".join(done[-1].row), file=sys.stderr, flush=True)
        yield done[-1].row
    means = [statistics.fmean(column) for column in zip(*(r.figures for r in done), strict=True)]
    yield ["**mean**", "", *map("{:.2%}".format, means), "", ""]


def replay(repository: Path, commits: int, room: int, scratch: Path) -> Replayed:
    tokenizer = tokenizer_for(DEEPSEEK_V4)
    shared = Asker(scratch / "shared", tokenizer, room)
    own = Asker(scratch / "own", tokenizer, room)
    by_path = PathOrder(tokenizer, Places(shared.folder / "cache", shared.folder / "data"))
    anchors = -1
    with history_of(repository) as whole:
        chain = whole.chain(commits + LOOK_BACK)
        first = min(commits, len(chain.commits) - 1)
        found = whole.documents(chain.commits[first])
        documents = {one.path: one for one in found if isinstance(one, Document)}
        steps = itertools.chain([()], whole.changes(chain.commits[first::-1]))
        for place, step in zip(range(first, -1, -1), steps, strict=True):
            changed = [change.after for change in step if change.after is not None]
            gone = {change.path for change in step if change.after is None}
            for path in gone:
                del documents[path]
            documents |= {document.path: document for document in changed}
            corpus = Corpus.of(documents.values())
            at = At(whole, chain.commits[place:], chain.cut, step)
            lineage = shared.ask(corpus, at)
            own.ask(corpus, None)
            by_path.ask(lineage.state, corpus if place == first else changed, gone)
            anchors += RULE.holds(at.head) or place == first
    return Replayed(name_of(repository), shared, own, by_path, anchors)


def history_of(repository: Path) -> AbstractContextManager[History]:
    around = Surroundings(repository, unexpected)
    found = GitLoader().history(str(repository), Selection(), around)
    if found is None:
        raise SystemExit(f"{repository}: no history to replay: name a git repository")
    return found


def name_of(repository: Path) -> str:
    """The last part of the path that says something; `owner+name` is a mirror's."""
    parts = [part for part in repository.resolve().parts if part not in ("repo", ".git")]
    return parts[-1].rpartition("+")[2].removesuffix(".git")


def unexpected(line: str) -> None:
    raise SystemExit(f"this history cannot be replayed: {line}")


def common(one: bytes, two: bytes) -> int:
    """Bytes of whole ids that both begin with."""
    shorter = min(len(one), len(two))
    start = 0
    while start < shorter and one[start : start + CHUNK] == two[start : start + CHUNK]:
        start += CHUNK
    start = min(start, shorter)
    while start < shorter and one[start : start + 4] == two[start : start + 4]:
        start += 4
    return start


if __name__ == "__main__":
    main()

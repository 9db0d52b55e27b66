"""Who names whose definitions, and how much each file is leaned on.

What may live here: weights of edges and the iteration. What must never be known here: sizes, tiers,
texts. Every sum runs in the order of paths, so equal facts give equal numbers on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from math import fsum, sqrt
from operator import itemgetter, mul
from typing import TYPE_CHECKING

from longctx.rank.imports import Imports

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from longctx.rank.values import FileFacts

COMMON = 6
"""Files that define a name, from which it says nothing unless one of them is imported."""
MOST_EDGES = 16
"""Files that one file leans on, strongest first."""
IMPORTED = 0.5
"""What an import counts beside the names."""
NAMED_AND_IMPORTED = 3.0
"""How much more a name counts when the file that defines it is imported."""
DAMPING = 0.8
ROUNDS = 20
"""0.8 ** 20 of the first guess is left: one per cent."""

_FAMILIES = {
    ending: family
    for family, endings in {
        "python": "py pyi pyx",
        "script": "js mjs cjs jsx ts mts cts tsx vue svelte",
        "jvm": "java kt kts scala sc groovy",
        "c": "c h cc cpp cxx hh hpp hxx inl ipp cu cuh m mm",
    }.items()
    for ending in endings.split()
}


Row = tuple[tuple[int, float], ...]
"""Places of files in the order of their paths, and how much they are leaned on."""


@dataclass(frozen=True, slots=True)
class Graph:
    """Who leans on whom, and what that was computed from."""

    paths: tuple[str, ...]
    keys: tuple[str, ...]
    """For each file a digest of what it names and imports."""
    defines: tuple[tuple[str, ...], ...]
    rows: tuple[Row, ...]


def family(path: str) -> str:
    """What kind of files may name a file's definitions: its language, or one it is mixed with."""
    ending = path.rsplit("/", 1)[-1].rsplit(".", 1)[-1].lower()
    return _FAMILIES.get(ending, ending)


def connected(files: Sequence[FileFacts], before: Graph | None = None) -> Graph:
    """The graph of the files, in the order of their paths.

    `before`, the graph of an earlier state, saves work and changes nothing: only files that
    changed, or that name what a changed file began or ceased to define, are looked at again.
    """
    known = sorted(files, key=lambda each: each.path)
    paths = tuple(each.path for each in known)
    keys = tuple(_key(each) for each in known)
    defines = tuple(each.mentions.defines for each in known)
    if before is not None and before.paths == paths:
        rows = list(before.rows)
        stale = _stale(known, keys, before)
    else:
        rows = [()] * len(known)
        stale = list(range(len(known)))
    if stale:
        for number, row in zip(stale, _rows(known, stale), strict=True):
            rows[number] = row
    return Graph(paths, keys, defines, tuple(rows))


def _key(each: FileFacts) -> str:
    said = " ".join(each.mentions.names) + "\n" + "\n".join(each.mentions.imports)
    return blake2b(said.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _stale(files: Sequence[FileFacts], keys: Sequence[str], before: Graph) -> list[int]:
    """The files whose rows may differ from before."""
    moved: set[str] = set()
    changed: set[int] = set()
    for number, each in enumerate(files):
        if each.mentions.defines != before.defines[number]:
            moved |= set(each.mentions.defines) ^ set(before.defines[number])
        if keys[number] != before.keys[number]:
            changed.add(number)
    return [
        number
        for number, each in enumerate(files)
        if number in changed or not moved.isdisjoint(each.mentions.names)
    ]


def _rows(files: Sequence[FileFacts], wanted: Sequence[int]) -> Iterator[Row]:
    """For each wanted file those that it leans on with their weights, strongest first."""
    families = [family(each.path) for each in files]
    imports = Imports([each.path for each in files])
    every = len(wanted) == len(files)
    needed = None if every else {name for n in wanted for name in files[n].mentions.names}
    tables = _tables(files, families, needed)
    for number in wanted:
        mentions = files[number].mentions
        weights: dict[int, float] = {}
        for spec in mentions.imports:
            for target in imports.meant(number, spec):
                weights[target] = IMPORTED
        table = tables.get(families[number])
        if table is not None:
            _add_names(weights, filter(None, map(table.get, mentions.names)))
        weights.pop(number, None)
        yield tuple(sorted(weights.items(), key=_strongest)[:MOST_EDGES])


def _strongest(edge: tuple[int, float]) -> tuple[float, int]:
    return -edge[1], edge[0]


def _add_names(weights: dict[int, float], named: Iterable[_Defined]) -> None:
    """What a file's names say of the files that define them, beside what its imports said."""
    imported = frozenset(weights)
    for targets, meant, share in named:
        if len(targets) > 1:
            known = [target for target in targets if target in imported]
            if known:
                part = meant / len(known)
                for target in known:
                    weights[target] += part
            elif share:
                for target in targets:
                    weights[target] = weights.get(target, 0.0) + share
        else:
            target = targets[0]
            weights[target] = weights.get(target, 0.0) + (meant if target in imported else share)


_Defined = tuple[list[int], float, float]
"""The files that define a name, what naming it says of them when they are imported, and what it
says of each when none is."""


def _tables(
    files: Sequence[FileFacts], families: Sequence[str], needed: set[str] | None
) -> dict[str, dict[str, _Defined]]:
    """Who defines each name, by family; only the names that are needed, all for None."""
    definers: dict[str, dict[str, list[int]]] = {}
    for number, each in enumerate(files):
        if each.mentions.defines:
            own = definers.setdefault(families[number], {})
            names = each.mentions.defines
            for name in names if needed is None else needed.intersection(names):
                own.setdefault(name, []).append(number)
    return {
        kind: {name: _said(name, numbers) for name, numbers in names.items()}
        for kind, names in definers.items()
    }


def _said(name: str, numbers: list[int]) -> _Defined:
    """What falls with the number of files falls faster than it: a name of many files is a word.
    Square roots are rounded the same everywhere, other powers are not."""
    worth, count = _worth(name), len(numbers)
    share = 0.0 if count > COMMON else worth / (count * sqrt(count))
    return numbers, worth * NAMED_AND_IMPORTED, share


def _worth(name: str) -> float:
    """What naming it says: long compound names are meant, short words may be anything."""
    inner = name.strip("_")
    if "_" in inner or not (inner.islower() or inner.isupper() or inner[1:].islower()):
        worth = 2.0
    else:
        worth = 1.0 if len(name) > 7 or name[0].isupper() else 0.4
    return worth * 0.3 if name[0] == "_" else worth


def popularity(edges: Sequence[Row], votes: Sequence[float]) -> list[float]:
    """How much each file is leaned on, 1.0 on average; `votes` say whose leaning counts how much.

    PageRank with the votes as its teleport, files that lean on nothing giving back to all. Sums are
    exact (`fsum`), so they do not depend on the version of Python or the order of the edges.
    """
    count = len(edges)
    total = fsum(votes)
    if not count or total <= 0:
        return [1.0] * count
    start = [vote / total for vote in votes]
    sources: dict[int, list[tuple[int, float]]] = {}
    for number, row in enumerate(edges):
        whole = fsum(weight for _, weight in row)
        for target, weight in row:
            sources.setdefault(target, []).append((number, DAMPING * weight / whole))
    pulls = [_pull(target, given) for target, given in sorted(sources.items())]
    idle = [number for number, row in enumerate(edges) if not row]
    score = list(start)
    for _ in range(ROUNDS):
        kept = 1.0 - DAMPING + DAMPING * fsum(map(score.__getitem__, idle))
        new = [kept * share for share in start]
        for target, shares, given in pulls:
            new[target] += fsum(map(mul, shares, given(score)))
        score = new
    return [each * count for each in score]


def _pull(
    target: int, given: Sequence[tuple[int, float]]
) -> tuple[int, tuple[float, ...], Callable[[list[float]], tuple[float, ...]]]:
    """What a file gets in each round: shares, and how to read the scores they are shares of."""
    numbers = [number for number, _ in given]
    shares = [share for _, share in given]
    if len(given) == 1:  # an itemgetter of one gives no tuple
        numbers, shares = [*numbers, numbers[0]], [*shares, 0.0]
    return target, tuple(shares), itemgetter(*numbers)

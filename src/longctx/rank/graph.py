"""Who names whose definitions, and how much each file is leaned on.

What may live here: weights of edges and the iteration. What must never be known here: sizes, tiers,
texts. Every sum runs in the order of paths, so equal facts give equal numbers on every machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx.rank.imports import Imports

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longctx.rank.values import FileFacts

COMMON = 12
"""Files that define a name, from which it says nothing unless one of them is imported."""
MOST_EDGES = 32
"""Files that one file leans on, strongest first."""
IMPORTED = 2.0
"""What an import counts beside the names."""
NAMED_AND_IMPORTED = 3.0
"""How much more a name counts when the file that defines it is imported."""
DAMPING = 0.8
ROUNDS = 24
"""0.8 ** 24 of the first guess is left: half a per cent."""

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
_PROSE = frozenset("md markdown mdx rst txt adoc asciidoc org tex html htm".split())


def family(path: str) -> str:
    """What kind of files may name a file's definitions: the language, or `prose` for any."""
    ending = path.rsplit("/", 1)[-1].rsplit(".", 1)[-1].lower()
    return "prose" if ending in _PROSE else _FAMILIES.get(ending, ending)


def edges_of(files: Sequence[FileFacts]) -> list[list[tuple[int, float]]]:
    """For each file those that it leans on with their weights, strongest first."""
    paths = [each.path for each in files]
    families = [family(path) for path in paths]
    imports = Imports(paths)
    definers: dict[str, list[int]] = {}
    for number, each in enumerate(files):
        for name in each.mentions.defines:
            definers.setdefault(name, []).append(number)
    worth = {name: _worth(name) for name in definers}
    result: list[list[tuple[int, float]]] = []
    for number, each in enumerate(files):
        weights: dict[int, float] = {}
        for spec in each.mentions.imports:
            for target in imports.meant(number, spec):
                weights[target] = IMPORTED
        imported = frozenset(weights)
        any_family = families[number] == "prose"
        for name in each.mentions.names:
            found = definers.get(name)
            if found is None:
                continue
            known = [target for target in found if target in imported] if imported else ()
            if known:
                share = worth[name] * NAMED_AND_IMPORTED / len(known)
            elif len(found) > COMMON:
                continue
            else:
                known, share = found, worth[name] / len(found) ** 1.5
            for target in known:
                if any_family or families[target] == families[number]:
                    weights[target] = weights.get(target, 0.0) + share
        weights.pop(number, None)
        result.append(sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:MOST_EDGES])
    return result


def _worth(name: str) -> float:
    """What naming it says: long compound names are meant, short words may be anything."""
    compound = "_" in name.strip("_") or any(a.islower() and b.isupper() for a, b in zip(name, name[1:], strict=False))
    worth = 2.0 if compound else 1.0 if len(name) > 7 or name[0].isupper() else 0.4
    return worth * (0.3 if name.startswith("_") else 1.0)


def popularity(
    edges: Sequence[Sequence[tuple[int, float]]], votes: Sequence[float]
) -> list[float]:
    """How much each file is leaned on, 1.0 on average; `votes` say whose leaning counts how much.

    PageRank with the votes as its teleport, files that lean on nothing giving back to all.
    """
    count = len(edges)
    total = sum(votes)
    if not count or total <= 0:
        return [1.0] * count
    start = [vote / total for vote in votes]
    targets: list[tuple[int, tuple[tuple[int, float], ...]]] = []
    for number, row in enumerate(edges):
        whole = sum(weight for _, weight in row)
        if whole > 0:
            shares = tuple((target, DAMPING * weight / whole) for target, weight in row)
            targets.append((number, shares))
    leaning = frozenset(number for number, _ in targets)
    idle = [number for number in range(count) if number not in leaning]
    score = list(start)
    for _ in range(ROUNDS):
        kept = 1.0 - DAMPING + DAMPING * sum(score[number] for number in idle)
        new = [kept * share for share in start]
        for number, shares in targets:
            given = score[number]
            for target, share in shares:
                new[target] += given * share
        score = new
    return [each * count for each in score]

"""Syntax trees by tree-sitter, with grammars that come in wheels.

What may live here: which wheel holds which grammar, and the bounds of parsing. What must never be
known here: definitions, documents, files. Nothing is downloaded and nothing a file holds is run.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Language, Tree

LARGEST = 1_000_000
"""Bytes; longer files are read by their lines."""
MOST_STEPS = 40_000
"""Times that the parser reports progress, about 20 microseconds each: ordinary code takes one for
every 160 bytes. A count, not a clock, so that every machine stops at the same place."""

WHEELS = {
    "python": ("tree_sitter_python", "language"),
    "javascript": ("tree_sitter_javascript", "language"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
    "java": ("tree_sitter_java", "language"),
    "kotlin": ("tree_sitter_kotlin", "language"),
    "go": ("tree_sitter_go", "language"),
    "rust": ("tree_sitter_rust", "language"),
    "c": ("tree_sitter_c", "language"),
    "cpp": ("tree_sitter_cpp", "language"),
    "csharp": ("tree_sitter_c_sharp", "language"),
    "ruby": ("tree_sitter_ruby", "language"),
    "php": ("tree_sitter_php", "language_php"),
    "swift": ("tree_sitter_swift", "language"),
    "scala": ("tree_sitter_scala", "language"),
    "bash": ("tree_sitter_bash", "language"),
    "hcl": ("tree_sitter_hcl", "language"),
}
"""Module and function of each grammar."""


@lru_cache(maxsize=len(WHEELS))
def grammar(language: str) -> Language:
    from tree_sitter import Language

    module, function = WHEELS[language]
    return Language(getattr(import_module(module), function)())


@lru_cache(maxsize=len(WHEELS))
def node_kinds(language: str) -> dict[str, tuple[int, ...]]:
    """The numbers of each node type; aliases give one type several."""
    known = grammar(language)
    kinds: dict[str, list[int]] = {}
    for number in range(known.node_kind_count):
        kinds.setdefault(known.node_kind_for_id(number) or "", []).append(number)
    return {name: tuple(numbers) for name, numbers in kinds.items()}


def parsed(language: str, data: bytes) -> Tree | None:
    """The tree of UTF-8 text; None when it is too large or takes too many steps."""
    from tree_sitter import Parser

    if len(data) > LARGEST:
        return None
    steps = iter(range(MOST_STEPS))

    def spent(place: int, broken: bool) -> bool:
        return next(steps, None) is None

    try:
        return Parser(grammar(language)).parse(
            lambda place, _: data[place:], encoding="utf8", progress_callback=spent
        )
    except ValueError:  # the parser was told to stop
        return None

"""What kind of thing a document is, judged by its path alone.

The kind decides two orders that must not be confused: where a document stands in the prompt (what
changes rarely comes first, so that edits keep the prefix) and how soon it is left out when not
everything fits (what answers questions is kept longest). Paths only: nothing that differs between
two clones of a commit may enter.
"""

from __future__ import annotations

import re
from enum import Enum


class Tier(Enum):
    """(place in the prompt, rank to be kept); smaller comes first, smaller is kept longer."""

    GENERATED = (0, 7)
    VENDORED = (1, 6)
    DATA = (2, 5)
    SOURCE = (3, 1)
    DOCS = (4, 2)
    TESTS = (5, 4)
    CONFIG = (6, 3)
    README = (7, 0)

    @property
    def place(self) -> int:
        return self.value[0]

    @property
    def keep(self) -> int:
        return self.value[1]


def _folder(*names: str) -> str:
    return rf"(?:^|/)(?:{'|'.join(names)})/"


RULES = (
    (
        Tier.GENERATED,
        r"(?:^|/)(?:[^/]*\.lock|package-lock\.json|pnpm-lock\.yaml|go\.sum|npm-shrinkwrap\.json)$"
        r"|\.min\.(?:js|css|mjs)$|\.(?:map|snap|pb\.go)$|_pb2(?:_grpc)?\.pyi?$|\.generated\."
        + "|"
        + _folder("__snapshots__"),
    ),
    (
        Tier.VENDORED,
        _folder("third[_-]party", "vendor(?:ed)?", "_vendor", "node_modules", "extern(?:al)?s?")
        + r"|(?:^|/)(?:LICEN[CS]E|COPYING|NOTICE|AUTHORS|CONTRIBUTORS)[^/]*$",
    ),
    (Tier.README, r"^(?:[^/]+/)?README(?:\.[a-z]+)?$"),
    (
        Tier.TESTS,
        _folder("tests?", "testing", "__tests__", "specs?", "testdata", "fixtures")
        + r"|(?:^|/)(?:test_[^/]*|conftest\.py|[^/]*[._-](?:test|tests|spec)\.[a-z]+)$",
    ),
    (
        Tier.DATA,
        r"\.(?:po|pot|csv|tsv|xlsx|xlsm|jsonl|geojson|svg|sql\.gz|ndjson|xlf|xliff)$"
        + "|"
        + _folder("locale"),
    ),
    (
        Tier.CONFIG,
        r"(?:^|/)(?:CHANGE(?:S|LOG)|HISTORY|NEWS)[^/]*$|(?:^|/)\.[^/]+$|(?:^|/)\.[^/]+/"
        r"|\.(?:toml|ya?ml|ini|cfg|conf|json|lock|properties|env)$"
        r"|(?:^|/)(?:Dockerfile|Makefile|Jenkinsfile)[^/]*$",
    ),
    (
        Tier.DOCS,
        r"\.(?:md|rst|txt|adoc|tex|org|html?|pdf|docx|docm|odt|rtf|pptx|epub|eml|mbox)$|"
        + _folder("docs?", "documentation"),
    ),
)
_COMPILED = tuple((tier, re.compile(pattern, re.IGNORECASE)) for tier, pattern in RULES)
_ANY = re.compile("|".join(pattern for _, pattern in RULES), re.IGNORECASE)
"""One search tells most source files apart from everything else."""


def tier_of(path: str) -> Tier:
    """The first rule that matches; source code otherwise."""
    if _ANY.search(path):
        for tier, pattern in _COMPILED:
            if pattern.search(path):
                return tier
    return Tier.SOURCE

"""What a path alone says about how likely its text answers a question.

What may live here: rules about names of files and folders that hold in any project. What must
never be known here: texts, questions, weights.
"""

from __future__ import annotations

import re
from enum import Enum


class Kind(Enum):
    MAIN = "source, schemas, configuration"
    PROSE = "documentation, or any text in paragraphs"
    TEST = "tests and what they run on"
    MINOR = "vendored, generated, changelogs, licences"


PROSE_ENDINGS = frozenset(
    {"md", "markdown", "mdx", "rst", "txt", "adoc", "asciidoc", "org", "tex", "rtf", "pdf"}
    | {"epub", "docx", "odt"}
)

_TEST = re.compile(r"(?:^|[/_.-])(?:tests?|testing|specs?|e2e|conftest)(?:[/_.-]|$)", re.IGNORECASE)
_MINOR = re.compile(
    r"(?:^|/)(?:_?vendor|vendored|third[_-]party|node_modules|site-packages|dist|locales?"
    r"|\.(?:github|gitlab|circleci)|[^/]*\.(?:dist|egg)-info)/"
    r"|(?:^|/)(?:licen[cs]e|copying|notice|authors|contributors|change(?:s|log)|history|news)"
    r"[^/]*(?:/|$)|(?:^|/)announce/"
    r"|\.(?:lock|po|pot|svg|map|snap|min\.\w+)$|-lock\.\w+$|_pb2\w*\.py$|\.pb\.\w+$",
    re.IGNORECASE,
)


def ending(path: str) -> str:
    """What follows the last dot of the file's name, or the name, in lower case."""
    return path.rsplit("/", 1)[-1].rsplit(".", 1)[-1].lower()


def kind_of(path: str) -> Kind:
    if _MINOR.search(path):
        return Kind.MINOR
    if _TEST.search(path):
        return Kind.TEST
    return Kind.PROSE if is_prose(path) else Kind.MAIN


def is_prose(path: str) -> bool:
    """Whether paragraphs, not definitions, are its parts: README, but not Makefile."""
    last = ending(path)
    plain = "." not in path.rsplit("/", 1)[-1].strip(".") and not last.endswith("file")
    return plain or last in PROSE_ENDINGS

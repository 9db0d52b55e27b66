"""Prefixes over texts that are made in a test, and a log in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hypothesis import strategies as st
from strategies import NASTY

from longctx.corpus import Corpus, Document
from longctx.pack.growing import Terms, chosen, difference, founded, updated
from longctx.prompt import Effort
from longctx.session.prefixes import Prefix, prefix_of
from longctx.template import template_for
from longctx.tokens import tokenizer_for
from longctx.tokens.memo import DictMemo

if TYPE_CHECKING:
    from longctx.updates import Lineage

TOKENIZER = tokenizer_for("deepseek-v4")
TEMPLATE = template_for("deepseek-v4")
TERMS = Terms(TOKENIZER, DictMemo(), 1 << 30, 1 << 30)

sources = st.dictionaries(
    st.sampled_from(("a.py", "lib/b.py", "docs/c.md", "LICENSE", "tests/test_a.py")),
    st.one_of(
        st.sampled_from(("", "one\n", "word " * 90)),
        st.lists(st.sampled_from(NASTY), max_size=8).map("".join),
    ),
    min_size=1,
)
histories = st.lists(sources, min_size=1, max_size=4)
"""What the documents were, one state after the other."""


class Texts(dict[bytes, str]):
    """Texts by digest."""

    def get(self, digest: bytes) -> str:  # type: ignore[override]  # a text that is not kept fails
        return self[digest]

    def put(self, document: Document) -> None:
        self[document.digest] = document.text


def lineage_of(*states: dict[str, str]) -> Lineage:
    """A base of the first state, and an update to each that follows."""
    texts = Texts()
    corpora = [Corpus.of(Document(*item) for item in state.items()) for state in states]
    for corpus in corpora:
        for document in corpus:
            texts.put(document)
    lineage = founded(chosen(corpora[0], TERMS))
    for corpus in corpora[1:]:
        lineage = updated(lineage, *difference(lineage, corpus), texts, TERMS)
    return lineage


def prefix_over(lineage: Lineage, page: int = 1, effort: Effort = Effort.OFF) -> Prefix:
    return prefix_of(lineage, TEMPLATE, effort, TOKENIZER.encode, lambda: "", page)


@dataclass
class MemoryLog:
    """A log (`longctx.session.forecasts.Log`) that other forecasts can go on from."""

    entries: list[bytes] = field(default_factory=list)
    kept: tuple[int, bytes] | None = None
    read: int = 0
    """Entries that were handed out."""

    def since(self, place: int) -> list[tuple[int, bytes]]:
        fresh = [*enumerate(self.entries, start=1)][place:]
        self.read += len(fresh)
        return fresh

    def append(self, entry: bytes) -> None:
        self.entries.append(entry)

    def image(self) -> tuple[int, bytes] | None:
        return self.kept

    def picture(self, place: int, image: bytes) -> None:
        self.kept = (place, image)

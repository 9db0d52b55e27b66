"""What is kept of a lineage makes it again, to the token and to the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store.keeping_turns import opened
from strategies import corpora

from longctx.api.lineages import Lineages, Pointer, key_of
from longctx.corpus import Corpus, Document
from longctx.pack.growing import Terms, chosen, difference, founded, updated
from longctx.tokens import tokenizer_for
from longctx.tokens.memo import DictMemo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from longctx.store import Store
    from longctx.updates import Lineage

TOKENIZER = tokenizer_for("deepseek-v4")
TERMS = Terms(TOKENIZER, DictMemo(), 1 << 30, 1.0)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with opened(tmp_path / "store") as store:
        yield store


def grown(lineages: Lineages, history: list[Corpus]) -> Lineage:
    lineage = None
    for corpus in history:
        for document in corpus:
            lineages.put(document)
        if lineage is None:
            lineage = founded(chosen(corpus, TERMS))
        else:
            lineage = updated(lineage, *difference(lineage, corpus), lineages, TERMS)
    assert lineage is not None
    return lineage


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(corpora, min_size=1, max_size=4))
def test_another_process_reads_what_was_kept(store: Store, history: list[Corpus]) -> None:
    kept = Lineages(store)
    lineage = grown(kept, history)
    kept.keep(lineage)
    other = Lineages(store)
    again = other.lineage(lineage.digest)
    assert again is not None
    assert again.digest == lineage.digest
    assert again.base.ids == lineage.base.ids
    assert again.steps == lineage.steps
    assert again.state == lineage.state
    assert again.next_number == lineage.next_number
    assert again.base.shown == lineage.base.shown
    assert again.base.left == lineage.base.left
    for document in history[-1]:
        assert other.get(again.state[document.path].digest) == document.text
    text = "".join(other.base_texts(again.base))
    assert TOKENIZER.encode(text) == again.base.ids


def test_what_is_not_kept_is_not_found(store: Store) -> None:
    lineages = Lineages(store)
    corpora = [Corpus.of([Document("a", "word\n" * 200 + end)]) for end in ("1\n", "2\n")]
    lineage = grown(lineages, corpora)
    assert lineages.lineage(lineage.digest) is None
    lineages.keep(lineage)
    assert Lineages(store).lineage(lineage.digest) is not None
    store.forget("step", [lineage.steps[0].digest])
    assert Lineages(store).lineage(lineage.digest) is None
    lineages.keep(lineage)
    store.thaw(lineage.base.digest)
    assert Lineages(store).lineage(lineage.digest) is None
    lineages.keep(lineage)
    assert Lineages(store).lineage(lineage.digest) is not None


def test_a_text_that_was_never_shown_is_an_error(store: Store) -> None:
    with pytest.raises(KeyError):
        Lineages(store).get(bytes(32))


def test_pointers_point_until_they_are_turned(store: Store) -> None:
    lineages, key = Lineages(store), key_of("a", 1)
    assert lineages.pointed(key) is None
    for pointer in (Pointer(b"\1" * 32, b""), Pointer(b"\2" * 32, b"\3" * 32)):
        lineages.point(key, pointer)
        assert Lineages(store).pointed(key) == pointer
    assert key_of("a", 1) == key != key_of("a1") != key_of("a", "1")

"""An index is kept, and finds after any change what a new one would."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longctx.api import finding
from longctx.api.finding import Finder
from longctx.corpus import Corpus, Document
from longctx.recall import Index
from longctx.recall.facts import Facts
from longctx.tokens.memo import DictMemo

WORDS = ("harbour", "berth", "tariff", "pilot", "crane", "ledger")
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(
    lambda words: "\n".join(f"the {word} is kept" for word in words)
)
corpora = st.dictionaries(st.sampled_from([f"{n}.txt" for n in range(8)]), texts, min_size=1).map(
    lambda found: Corpus.of(Document(path, text) for path, text in found.items())
)


def places(index: Index, question: str) -> list[tuple[str, int, int]]:
    return [
        (each.document.path, each.span.start, each.span.end)
        for each in index.search(question, limit=20)
    ]


@settings(deadline=None, max_examples=40)
@given(st.lists(corpora, min_size=1, max_size=4), st.sampled_from(WORDS), st.booleans())
def test_it_finds_what_a_new_index_would(history: list[Corpus], word: str, restarted: bool) -> None:
    memo = DictMemo()
    finder = Finder(memo, "here")
    for corpus in history:
        if restarted:
            finder = Finder(memo, "here")
        found = places(finder.index(corpus), f"where is the {word}?")
        assert sorted(found) == sorted(places(Index.of(corpus), f"where is the {word}?"))


def test_it_is_written_once_and_read_again() -> None:
    corpus = Corpus.of(Document(f"{n}.txt", f"{word} here\n") for n, word in enumerate(WORDS))
    memo, told = DictMemo(), list[str]()
    Finder(memo, "here", told.append).index(corpus)
    assert told[-1] == ""
    assert told[-2] == "indexing: 6 of 6 documents"
    kept = dict(memo)
    Finder(memo, "here").index(corpus)
    assert dict(memo) == kept
    for key in memo:
        memo[key] = memo[key][:9]
    assert places(Finder(memo, "here").index(corpus), "crane") == places(Index.of(corpus), "crane")
    assert dict(memo) == kept
    Finder(memo, "elsewhere").index(corpus)
    assert dict(memo) == kept  # the same documents need no index of their own


@pytest.mark.parametrize("few", [0, 32])
def test_what_was_read_before_is_not_read_again(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "FEW", few)
    memo = DictMemo()
    one = Corpus.of(Document(f"{n}.txt", f"{word} here\n") for n, word in enumerate(WORDS))
    two = Corpus.of(Document(f"{n}.txt", f"{word} there\n") for n, word in enumerate(WORDS))
    read: list[str] = []
    of = Facts.of

    def told(document: Document) -> Facts:
        read.append(document.text)
        return of(document)

    monkeypatch.setattr(Facts, "of", told)

    def reads(corpus: Corpus, place: str) -> int:
        read.clear()
        found = places(Finder(memo, place).index(corpus), "where is the crane?")
        count = len(read)
        assert found == places(Index.of(corpus), "where is the crane?")
        return count

    assert [reads(one, "here"), reads(one, "another clone")] == [6, 0]
    # All of it changed, and back, and forth: what was read once is known, but for the first index.
    assert [reads(each, "here") for each in (two, one, two, one)] == [6, 6, 0, 0]

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
    assert len(memo) == len(kept) + 1


@pytest.mark.parametrize("few", [0, 32])
def test_what_was_read_elsewhere_is_not_read_again(
    few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "FEW", few)
    memo = DictMemo()
    corpus = Corpus.of(Document(f"{n}.txt", f"{word} here\n") for n, word in enumerate(WORDS))
    before = Finder(memo, "here").index(corpus).to_bytes()
    read: list[str] = []
    of = Facts.of
    monkeypatch.setattr(Facts, "of", lambda each: read.append(each.path) or of(each))
    assert Finder(memo, "there").index(corpus).to_bytes() == before
    assert read == []
    # Most of it changed, so that the index is made anew: only what is new is read.
    others = [Document(f"new{n}.txt", f"another {n}\n") for n in range(9)]
    Finder(memo, "there").index(Corpus.of([*corpus, *others]))
    assert sorted(read) == sorted(each.path for each in others)

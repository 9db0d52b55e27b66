"""A lineage only ever grows at its end, until a new base keeps what did not change in front."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import NASTY

from longctx.corpus import Corpus, Document
from longctx.errors import BudgetError
from longctx.pack.growing import (
    Terms,
    chosen,
    difference,
    founded,
    grown,
    overgrown,
    recut,
    updated,
)
from longctx.pack.measure import base_order
from longctx.prompt import Ids
from longctx.tokens import tokenizer_for
from longctx.tokens.memo import DictMemo

if TYPE_CHECKING:
    from longctx.updates import Lineage

TOKENIZER = tokenizer_for("deepseek-v4")
AMPLE = 1 << 30

# One path or more of each tier, so that the order of a base is not that of its paths.
PATHS = ("go.sum", "LICENSE", "map.svg", "lib/a.py", "lib/b.py", "docs/a.md", "tests/test_a.py")
texts = st.one_of(
    st.sampled_from(("", "one\n", "two\n", "word " * 90, "line\n" * 60)),
    st.lists(st.sampled_from(NASTY), max_size=8).map("".join),
)
sources = st.dictionaries(st.sampled_from(PATHS), texts, min_size=1)
histories = st.lists(sources, min_size=1, max_size=6)
shares = st.sampled_from((0.0, 0.1, 0.5, 3.0))


class Kept(dict[bytes, str]):
    """Texts by digest, for as long as a test runs."""

    def get(self, digest: bytes) -> str:  # type: ignore[override]  # a text that is not kept fails
        return self[digest]

    def put(self, document: Document) -> None:
        self[document.digest] = document.text


def corpus_of(source: dict[str, str]) -> Corpus:
    return Corpus.of(Document(path, text) for path, text in source.items())


def terms(share: float, room: int = AMPLE) -> Terms:
    return Terms(TOKENIZER, DictMemo(), room, share)


def begun(source: dict[str, str], under: Terms, kept: Kept) -> Lineage:
    corpus = corpus_of(source)
    for document in corpus:
        kept.put(document)
    return founded(chosen(corpus, under))


def followed(history: list[dict[str, str]], under: Terms, kept: Kept) -> list[Lineage]:
    lineages = [begun(history[0], under, kept)]
    for source in history[1:]:
        last = lineages[-1]
        lineages.append(
            grown(
                last,
                *difference(last, corpus_of(source)),
                kept,
                under,
                partial(corpus_of, source),
            )
        )
    return lineages


def ids_of(lineage: Lineage) -> Ids:
    return Ids.joined([lineage.base.ids, *(step.ids for step in lineage.steps)])


def paths_of(lineage: Lineage) -> list[str]:
    return [shown.path for shown in lineage.base.shown]


@settings(deadline=None)
@given(histories, shares)
def test_a_lineage_knows_the_source_and_its_own_size(
    history: list[dict[str, str]], share: float
) -> None:
    lineages = followed(history, terms(share), Kept())
    for source, lineage in zip(history, lineages, strict=True):
        digests = {path: Document(path, text).digest for path, text in source.items()}
        assert {path: known.digest for path, known in lineage.state.items()} == digests
        assert difference(lineage, corpus_of(source)) == ({}, {})
        assert lineage.tokens == len(ids_of(lineage))
        assert lineage.base.tokens == len(lineage.base.ids)
        documents = sum(shown.tokens for shown in lineage.base.shown)
        ending = len(TOKENIZER.encode(lineage.base.closing))
        assert lineage.base.head_tokens + documents + ending == lineage.base.tokens


@settings(deadline=None)
@given(histories, shares)
def test_steps_are_appended_until_they_take_too_much(
    history: list[dict[str, str]], share: float
) -> None:
    under = terms(share)
    for last, lineage in pairwise(followed(history, under, Kept())):
        if lineage is last or lineage.base is last.base:
            assert lineage.steps[: len(last.steps)] == last.steps
            assert len(lineage.steps) - len(last.steps) <= 1
            assert not overgrown(lineage, under)
            assert ids_of(lineage).data.startswith(ids_of(last).data)
        else:
            assert not lineage.steps


@settings(deadline=None)
@given(histories)
def test_a_new_base_keeps_the_old_order_and_puts_what_changed_last(
    history: list[dict[str, str]],
) -> None:
    kept, always = Kept(), terms(0.0)
    lineages = followed(history, always, kept)
    for (before, after), (last, lineage) in zip(pairwise(history), pairwise(lineages), strict=True):
        same = {path for path in after if before.get(path) == after[path]}
        order = [path for path in paths_of(last) if path in same]
        moved = [d.path for d in base_order(corpus_of(after)) if d.path not in same]
        if before == after:
            assert lineage is last
        elif lineage.base is not last.base:
            assert paths_of(lineage) == order + moved
            assert [shown.number for shown in lineage.base.shown] == list(range(1, len(after) + 1))


@settings(deadline=None)
@given(sources, sources, st.integers(64, 600))
def test_what_is_shown_and_what_is_left_are_all(
    first: dict[str, str], then: dict[str, str], room: int
) -> None:
    kept, under = Kept(), terms(0.2, room)
    try:
        lineage = begun(first, under, kept)
        assert lineage.base.left.isdisjoint(lineage.state)
        assert lineage.base.left | set(lineage.state) == set(first)
        later = grown(
            lineage, *difference(lineage, corpus_of(then)), kept, under, lambda: corpus_of(then)
        )
    except BudgetError:
        return
    assert later.tokens <= room
    assert set(later.state) <= set(then)
    if not lineage.base.left and later.base is lineage.base:
        assert set(later.state) == set(then)
    if later.base is not lineage.base:
        assert later.base.left | set(later.state) == set(then), "what was left has another chance"


@settings(deadline=None)
@given(histories)
def test_the_same_history_gives_the_same_lineage(history: list[dict[str, str]]) -> None:
    one, two = (followed(history, terms(0.3), Kept()) for _ in range(2))
    assert [lineage.digest for lineage in one] == [lineage.digest for lineage in two]


def test_an_edit_leaves_everything_before_it() -> None:
    kept, under = Kept(), terms(0.5)
    first = begun({"a.py": "word\n" * 300, "b.py": "b\n"}, under, kept)
    now = corpus_of({"a.py": "word\n" * 300, "b.py": "c\n", "new.py": "n\n"})
    second = updated(first, *difference(first, now), kept, under)
    assert second.steps[0].text == (
        '<update id="d2" path="b.py" is="whole">\nc\n</update id="d2">\n'
        '<update id="d3" path="new.py" is="new">\nn\n</update id="d3">\n'
    )
    assert second.base is first.base
    assert second.next_number == 4
    assert updated(second, *difference(second, now), kept, under) is second


def test_a_new_base_shares_the_prefix_up_to_what_changed() -> None:
    kept, under = Kept(), terms(0.0)
    source = {f"{name}.py": f"{name}\n" * 200 for name in "abcd"}
    first = begun(source, under, kept)
    second = updated(first, *difference(first, corpus_of(source | {"c.py": "c\n"})), kept, terms(9))
    cut = founded(recut(second, corpus_of(source | {"c.py": "c\n"}), under))
    assert paths_of(cut) == ["a.py", "b.py", "d.py", "c.py"]
    alike = first.base.head_tokens + sum(shown.tokens for shown in first.base.shown[:2])
    assert cut.base.ids.head(alike) == first.base.ids.head(alike)


def test_where_not_all_fits_a_large_new_document_stays_out() -> None:
    kept, under = Kept(), terms(0.5, 1_500)
    source = {"a.py": "word\n" * 300, "tests/test_b.py": "word\n" * 700}
    first = begun(source, under, kept)
    assert first.base.left == {"tests/test_b.py"}
    small, large = {"c.py": "c\n"}, {"d.py": "word\n" * 20}
    changed = {"tests/test_b.py": "other\n"}
    gone, fresh = difference(first, corpus_of(source | small | large | changed))
    assert not gone
    assert set(fresh) == {"c.py"}
    with pytest.raises(BudgetError):
        begun(source, terms(0.5, 64), kept)

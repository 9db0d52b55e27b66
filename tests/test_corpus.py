"""Properties of the values that everything else relies on."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import documents, texts

from longctx.corpus import Corpus, Document, Omission, Reason, Span

document_lists = st.lists(documents, unique_by=lambda document: document.path)


@given(texts)
def test_lines_partition_the_text(text: str) -> None:
    document = Document("a", text)
    lines = list(document.lines())
    assert "".join(lines) == text
    assert (
        len(lines)
        == document.line_count
        == text.count("\n") + (not text.endswith("\n")) * bool(text)
    )


@given(texts, st.data())
def test_line_and_span_round_trip(text: str, data: st.DataObject) -> None:
    document = Document("a", text)
    if not document.line_count:
        return
    first = data.draw(st.integers(1, document.line_count))
    last = data.draw(st.integers(first, document.line_count))
    span = document.span_of(first, last)
    assert document.lines_of(span) == (first, last)
    assert document.slice(span) == "".join(list(document.lines())[first - 1 : last])


@given(texts.filter(bool), st.data())
def test_each_character_is_in_its_line(text: str, data: st.DataObject) -> None:
    document = Document("a", text)
    place = data.draw(st.integers(0, len(text) - 1))
    line = document.line_of(place)
    assert Span(place, place + 1).within(document.span_of(line, line))


@given(document_lists, st.randoms())
def test_any_order_of_arrival_gives_the_same_corpus(
    arrived: list[Document], chance: random.Random
) -> None:
    first = Corpus.of(arrived)
    chance.shuffle(arrived)
    second = Corpus.of(arrived)
    assert first == second
    assert first.digest == second.digest


@given(
    st.lists(documents, unique_by=lambda d: d.path), st.lists(documents, unique_by=lambda d: d.path)
)
def test_digests_agree_exactly_for_equal_content(one: list[Document], two: list[Document]) -> None:
    left, right = Corpus.of(one), Corpus.of(two)
    same = {d.path: d.text for d in one} == {d.path: d.text for d in two}
    assert (left.digest == right.digest) == same


def test_omissions_do_not_change_the_digest() -> None:
    documents = [Document("a", "x")]
    omitted = [Omission("b", Reason.BINARY, 10)]
    assert Corpus.of(documents).digest == Corpus.of(documents, omitted).digest


def test_two_documents_of_one_path_are_refused() -> None:
    with pytest.raises(ValueError, match="one path"):
        Corpus.of([Document("a", "x"), Document("a", "y")])


@pytest.mark.parametrize(("first", "last"), [(0, 1), (1, 3), (2, 1)])
def test_lines_that_do_not_exist_are_refused(first: int, last: int) -> None:
    with pytest.raises(ValueError, match="no lines"):
        Document("a", "one\ntwo\n").span_of(first, last)


@given(documents, documents)
def test_content_is_text_and_anchors(one: Document, other: Document) -> None:
    assert Document.of_content(one.path, one.content) == one
    same = (one.text, one.anchors) == (other.text, other.anchors)
    assert (one.digest == other.digest) == same
    assert one.anchors or one.content == one.text.encode("utf-8", "surrogatepass")

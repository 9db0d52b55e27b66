"""Looking up places that people name."""

from __future__ import annotations

import pytest

from longctx.api.showing import Passage, looked_up
from longctx.corpus import Anchor, Corpus, Document
from longctx.errors import NothingFound

TEXT = "The lease\n12 Rent\n12.3 Payment\nof the rent\n13 Term\n"
LEASE = Document(
    "case/Lease.pdf",
    TEXT,
    (
        Anchor(0, "page", "1"),
        Anchor(10, "page", "2"),
        Anchor(10, "clause", "12"),
        Anchor(18, "clause", "12.3", 1),
        Anchor(TEXT.index("13"), "clause", "13"),
    ),
)
BOOK = Document("book.epub", "Call me Ishmael.\n", (Anchor(0, "chapter", "Loomings"),))
AUTH = Document("src/auth.py", "".join(f"line_{n} = {n}\n" for n in range(1, 61)))
CASE = Corpus.of([LEASE, BOOK, AUTH, Document("a b/notes, old.txt", "one\ntwo\n")])


def passage(words: str, corpus: Corpus = CASE) -> Passage:
    found = looked_up(corpus, words)
    assert isinstance(found, Passage)
    return found


@pytest.mark.parametrize(
    ("words", "path", "lines", "where"),
    [
        ("case/Lease.pdf p. 2", "case/Lease.pdf", (2, 5), "p. 2, §§ 12–13"),
        ("Lease.pdf §12.3", "case/Lease.pdf", (3, 4), "p. 2, § 12.3"),
        ("Lease.pdf§12.3", "case/Lease.pdf", (3, 4), "p. 2, § 12.3"),
        ("Lease.pdf, clause 12.3", "case/Lease.pdf", (3, 4), "p. 2, § 12.3"),
        ("Lease.pdf: p. 1", "case/Lease.pdf", (1, 1), "p. 1"),
        ("Lease.pdf 1", "case/Lease.pdf", (1, 1), "p. 1"),
        ("Lease.pdf:3", "case/Lease.pdf", (3, 3), "p. 2, § 12.3"),
        ("§ 13", "case/Lease.pdf", (5, 5), "p. 2, § 13"),
        ("Loomings", "book.epub", (1, 1), "ch. “Loomings”"),
        ("book.epub “Loomings”", "book.epub", (1, 1), "ch. “Loomings”"),
        ("src/auth.py:42-57", "src/auth.py", (42, 57), ""),
        ("auth.py#L42-L57", "src/auth.py", (42, 57), ""),
        ("auth.py lines 42-57", "src/auth.py", (42, 57), ""),
        ("auth.py 57-42", "src/auth.py", (42, 57), ""),
        ("auth.py:59-99", "src/auth.py", (59, 60), ""),
        ("a b/notes, old.txt:2", "a b/notes, old.txt", (2, 2), ""),
    ],
)
def test_passages(words: str, path: str, lines: tuple[int, int], where: str) -> None:
    found = passage(words)
    assert (found.document.path, found.lines, found.where) == (path, lines, where)
    assert found.text == found.document.slice(found.document.span_of(*lines))


def test_of_a_single_document_the_place_is_enough() -> None:
    assert passage("p. 1", Corpus.of([LEASE])).text == "The lease\n"
    assert passage("3-4", Corpus.of([LEASE])).lines == (3, 4)


def test_a_path_alone_is_the_document() -> None:
    assert looked_up(CASE, "case/Lease.pdf") is CASE.get("case/Lease.pdf")
    assert looked_up(CASE, "notes, old.txt") is CASE.get("a b/notes, old.txt")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("Lease.pdf § 12.4", "no § 12.4 in case/Lease.pdf: did you mean § 12.3"),
        ("Lease.pdf p. 9 § 12", "no p. 9 in case/Lease.pdf"),
        ("Lease.pdf § 12.3(b)", "no § 12.3(b) in case/Lease.pdf: did you mean § 12.3"),
        ("Leese.pdf p. 1", "did you mean case/Lease.pdf?"),
        ("src/auth.py:99", "no line 99 in src/auth.py, which has 60 lines"),
        ("auth.py § 3", "no § 3 in src/auth.py, which has lines only"),
        ("ch. “Lomings”", "did you mean book.epub ch. “Loomings”?"),
        ("xyzzy", "'xyzzy'"),
        ("../secret.txt:1", "no document"),
        ("p. 1", ""),
    ],
)
def test_what_is_not_there(words: str, message: str) -> None:
    corpus = CASE if message else Corpus.of([LEASE, Document("b.pdf", TEXT, LEASE.anchors)])
    with pytest.raises(NothingFound) as raised:
        looked_up(corpus, words)
    assert (message or "2 documents have 'p. 1', so name one: b.pdf, case/Lease.pdf") in str(
        raised.value
    )


def test_context_and_namesakes() -> None:
    found = passage("Lease.pdf §12.3").widened(1)
    assert found.lines == (2, 5)
    assert passage("Lease.pdf §12.3").widened(0).lines == (3, 4)
    assert passage("auth.py:1").widened(99).lines == (1, 60)
    twice = Document("a.txt", "1 a\n1 b\n", (Anchor(0, "clause", "1"), Anchor(4, "clause", "1")))
    found = passage("§ 1", Corpus.of([twice]))
    assert (found.text, [twice.slice(each) for each in found.also]) == ("1 a\n", ["1 b\n"])

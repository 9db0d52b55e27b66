"""What holds for every corpus and every question."""

import time
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import texts

from longctx.corpus import Corpus, Document
from longctx.recall import recall

WORDS = (
    "auth user login session token where is the `f` src/a.py def_f parse_HTTPServer 你好 не".split()
)
paths = st.sampled_from(
    ["a.py", "b.md", "c/d.ts", "e.yaml", "tests/f.py", "Makefile", "g.csv", "h.sql", "i", "LICENSE"]
)
words = st.lists(st.sampled_from([*WORDS, "\n", "\n\n", "    ", "def ", "# ", "1.2 ", "{"])).map(
    " ".join
)
corpora = st.dictionaries(paths, texts | words, max_size=6).map(
    lambda found: Corpus.of(Document(path, text) for path, text in found.items())
)
questions = texts | words


@given(corpora, questions, st.integers(0, 5))
def test_passages_are_few_ordered_and_inside_their_documents(
    corpus: Corpus, question: str, limit: int
) -> None:
    passages = recall(corpus, question, limit)
    assert len(passages) <= limit
    scores = [passage.score for passage in passages]
    assert scores == sorted(scores, reverse=True)
    for passage in passages:
        assert corpus.get(passage.document.path) is passage.document
        assert passage.span.end <= len(passage.document.text)
        assert passage.document.slice(passage.span).strip()


@given(corpora, questions)
def test_passages_do_not_overlap(corpus: Corpus, question: str) -> None:
    passages = recall(corpus, question)
    for i, one in enumerate(passages):
        for other in passages[:i]:
            apart = one.span.end <= other.span.start or other.span.end <= one.span.start
            assert one.document is not other.document or apart


@given(st.dictionaries(paths, texts | words, max_size=6), questions, st.randoms())
def test_the_order_of_arrival_does_not_matter(
    found: dict[str, str], question: str, random: Random
) -> None:
    documents = [Document(path, text) for path, text in found.items()]
    expected = recall(Corpus.of(documents), question)
    random.shuffle(documents)
    assert recall(Corpus.of(documents), question) == expected


@given(corpora)
def test_nothing_is_found_for_nothing(corpus: Corpus) -> None:
    for question in ("", " \n", "?!", "the of and", "what is it?"):
        assert recall(corpus, question) == ()


SOURCE = Document("src/auth.py", "import os\n\n\ndef login(user):\n    return check(user)\n")
TRACE = 'Traceback (most recent call last):\n  File "src/auth.py", line 4, in login\nKeyError: 7\n'


@pytest.mark.parametrize(
    "question",
    [
        "login",
        "login " * 200_000,
        "".join(f"word{i} " for i in range(100_000)) + "login",
        TRACE * 1_000,
        "login(.*)+ [a-z]{9999} (?P<x>\\",
        "`" * 5_000 + "\"'" * 5_000 + "login",
        "a.b" * 10_000,
        "_" * 20_000,
        "登录" * 300_000,
        "войти в систему " * 60_000,
        "--- a/src/auth.py\n+++ b/src/auth.py\n@@ -1,3 +1,4 @@\n-def login(u):\n" * 2_000,
        "x" + "." * 19_000 + "!",
        "\ud800 login \x00",
    ],
    ids=lambda question: question[:12].encode("ascii", "replace").decode(),
)
def test_any_question_is_answered_soon(question: str) -> None:
    began = time.process_time()
    recall(Corpus.of([SOURCE]), question)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "text",
    [
        "var a=" + "login(function(){return token})," * 15_000,
        "login\n" * 100_000,
        "(" * 200_000 + "login" + ")" * 200_000,
        ("login(" + "b " * 60 + ")" * 80 + "\n") * 3_000,
        "\n" * 300_000 + "login",
        ("\n" + " " * 5_000) * 100 + "login",
        "# " * 100_000 + "login",
        "pub " * 100_000 + "login",
        "# login\n" * 50_000,
        "@login\n" * 50_000 + "def f(): pass",
        "class login:\n" * 30_000,
        "".join(" " * (i % 300) + f"def login{i}():\n" for i in range(5_000)),
        "İ" * 100_000 + " login",
    ],
    ids=lambda text: text[:12].encode("ascii", "replace").decode(),
)
@pytest.mark.parametrize("path", ["a.py", "a.js", "a.md", "a.yaml", "a.csv"])
def test_any_text_is_searched_soon_and_shown_short(path: str, text: str) -> None:
    corpus = Corpus.of([Document(path, text)])
    began = time.process_time()
    passages = recall(corpus, "where is the login token?")
    assert time.process_time() - began < 4
    assert passages
    for passage in passages:
        assert len(passage.span) <= 4_000
        assert passage.document.slice(passage.span).count("\n") < 40


def test_a_corpus_larger_than_what_is_cut_is_still_searched_whole() -> None:
    filler = "nothing of interest stands here, only common words\n" * 2_000
    documents = [Document(f"notes/{i:03}.txt", filler) for i in range(60)]
    needle = Document("src/zebra.py", "def count_zebras(herd):\n    return len(herd)\n")
    passages = recall(Corpus.of([*documents, needle]), "how are zebras counted in common words?")
    assert passages[0].document is needle

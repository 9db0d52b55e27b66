"""What a model asks for is found in the corpus alone, shown as documents are, within its room."""

import re
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import texts

from longctx.citation import Verdict, cited
from longctx.corpus import Anchor, Corpus, Document, Omission, Reason
from longctx.recall import Index
from longctx.render.parts import shown_in
from longctx.session.asking import Seen
from longctx.session.looks import MOST, Look, Verb, looks_in
from longctx.session.reading import Reader
from longctx.tokens import tokenizer_for

TOKENIZER = tokenizer_for("deepseek-v4")
DOCUMENTS = (
    Document("src/auth.py", "def verify(token):\n    return check(token)\n" * 40),
    Document("src/berth/crane.py", "class Crane:\n    def lift(self):\n        pass\n"),
    Document("tests/test_auth.py", "def test_verify():\n    assert verify('x')\n"),
    Document("docs/long.md", "# One\n\n" + "word " * 4_000 + "\n\n# Two\n\nend\n"),
    Document(
        "lease.pdf", "first\nsecond\nthird\n", (Anchor(0, "page", "1"), Anchor(6, "page", "2"))
    ),
    Document("empty.txt", ""),
)
CORPUS = Corpus.of(DOCUMENTS, omissions=[Omission("logo.png", Reason.BINARY)])


INDEX = cache(lambda: Index.of(CORPUS))


def reader(corpus: Corpus = CORPUS) -> Reader:
    return Reader(corpus, INDEX if corpus is CORPUS else lambda: Index.of(corpus), TOKENIZER)


def read(*lines: str, room: int = 10_000) -> list[tuple[Seen, str]]:
    looks = looks_in("<more>\n" + "\n".join(lines))
    return list(zip(*reader().read(looks, room), strict=True))


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("open src/auth.py:1-2", "lines 1-2 of 80"),
        ("open auth.py:2", "line 2 of 80"),
        ("open ./src/auth.py:79-200", "lines 79-80 of 80"),
        ("open src/auth.py:81", "src/auth.py has 80 lines"),
        ("open empty.txt", "empty.txt has 0 lines"),
        ("open src", "2 documents in this folder"),
        ("open .", "6 documents in this folder"),
        ("open logo.png", "not in the corpus: binary"),
        ("open src/aut.py", "no such document; near it: src/auth.py, tests/test_auth.py"),
        ("open /etc/passwd", "no such document"),
        ("open ../../etc/passwd:1-5", "no such document"),
        ("open ~/.ssh/id_rsa", "no such document"),
        ("outline src/berth/crane.py", "2 definitions"),
        ("outline empty.txt", "no definitions or headings in its 0 lines: open it"),
        ("grep verify", "42 lines in 2 documents, 10 shown"),
        ("grep verify in tests/", "2 lines in 1 document"),
        ("grep verify in auth.py", "40 lines in 1 document"),
        ("grep nowhere", "no line holds it"),
        ("grep (nowhere)+", "no line holds it, taken as plain text"),
        ("grep .*", "nothing to look for: write some letters of it"),
        ("search crane lift", "the best 1 passage"),
        ("search zebra", "no passage fits these words"),
        (
            "what?",
            "not understood: write open PATH:FIRST-LAST, grep TEXT, outline PATH or search WORDS",
        ),
    ],
)
def test_what_is_found_is_said_in_one_line(line: str, found: str) -> None:
    ((seen, block),) = read(line)
    assert seen.found == found
    assert block.startswith("<found for=")
    assert block.endswith("</found>\n")


def test_lines_are_shown_as_parts_and_cited_by_them() -> None:
    ((_, block),) = read("open src/auth.py:1-2")
    assert [each.lines for each in shown_in([block]).values()] == [[(1, 2)]]
    ((_, hits),) = read("grep check( in src")
    assert "[src/auth.py:2]     return check(token)\n" in hits
    ((_, paged),) = read("grep second")
    assert "[lease.pdf p. 2] second\n" in paged
    evidence = '[src/auth.py:2] "return check(token)"\n[lease.pdf p. 2] "second"\n'
    citations = cited(f"<evidence>\n{evidence}</evidence>\n", CORPUS)
    assert [each.verdict for each in citations] == [Verdict.VERIFIED] * 2


def test_folders_are_listed() -> None:
    ((_, block),) = read("outline src/")
    assert "src/berth/ (1 document)\nsrc/auth.py (80 lines)\n" in block


def test_what_is_too_long_is_cut_and_said() -> None:
    ((seen, block),) = read("open src/auth.py", room=500)
    assert seen.found.startswith("lines 1-")
    assert "cut before line" in seen.found
    assert f'note="{seen.found}"' in block
    ((seen, _),) = read("open docs/long.md:3", room=2_000)
    assert seen.found == "line 3 of docs/long.md alone is longer than the room"
    ((seen, block),) = read("grep word in docs/long.md")
    assert seen.found == "1 line in 1 document"
    assert len(block) < 500


def test_the_same_is_not_shown_twice() -> None:
    one = reader()
    look = Look(Verb.OPEN, "src/auth.py", (1, 2))
    ((first,), _) = one.read([look], 5_000)
    ((second,), _) = one.read([look], 5_000)
    assert (first.found, second.found) == ("lines 1-2 of 80", "shown above already")


def test_no_more_than_some_are_looked_up() -> None:
    looks = [Look(Verb.OPEN, "src/auth.py", (line, line)) for line in range(1, 21)]
    seen, blocks = reader().read(looks, 10_000)
    assert len(seen) == len(blocks) == 20, "each call has its result"
    assert [each.found.startswith("line ") for each in seen] == [True] * MOST + [False] * 12


lines = st.sampled_from(
    [
        *("open src/auth.py", "open docs/long.md", "grep e", "grep verify", "outline src/auth.py"),
        *("search verify token", "open .", "open none", "what?", "open src/auth.py:5-70"),
    ]
)


@settings(max_examples=25)
@given(st.lists(lines, min_size=1, max_size=MOST), st.integers(700, 9_000))
def test_room_is_never_exceeded(asked: list[str], room: int) -> None:
    found = read(*asked, room=room)
    assert len(TOKENIZER.encode("".join(block for _, block in found))) <= room
    assert len(found) == len(asked)


@settings(max_examples=40)
@given(texts, texts)
def test_nothing_of_a_document_looks_like_markup(text: str, name: str) -> None:
    path = name.strip().strip("/") or "a"
    corpus = Corpus.of([Document(path, text)])
    looks = [Look(Verb.OPEN, path), Look(Verb.GREP, text[:20]), Look(Verb.OUTLINE, path)]
    _, blocks = reader(corpus).read(looks, 20_000)
    for block in blocks:
        head, _, inner = block.removesuffix("</found>\n").partition("\n")
        assert head.startswith('<found for="')
        assert not re.search(r"</?(?:found|more|tool_result|corpus|file|question)\b", inner)
        assert inner.count("<part") == inner.count("</part") <= 1

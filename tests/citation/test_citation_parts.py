"""The parts alone: folding keeps places, names mean one document, near is near."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from longctx import render
from longctx.citation import Verdict, cited
from longctx.citation.folding import Way, fold
from longctx.citation.naming import Names
from longctx.citation.nearly import nearly
from longctx.citation.readings import pieces, readings, substantial
from longctx.citation.sameness import same
from longctx.corpus import Corpus, Document

TEXT = st.text(
    st.one_of(st.characters(), st.sampled_from(" \t\n\u00a0\u00ad\u200bﬁ…“”-–<[｜\\ab")),
    max_size=60,
)


@given(TEXT, st.sampled_from(list(Way)), st.data())
@settings(deadline=None)
def test_a_folded_place_is_the_original_one(text: str, way: Way, data: st.DataObject) -> None:
    folded = fold(text, way)
    assert fold(folded.text).text == folded.text
    if not folded.text:
        return
    start = data.draw(st.integers(0, len(folded.text) - 1))
    end = data.draw(st.integers(start + 1, len(folded.text)))
    span = folded.span(start, end)
    assert 0 <= span.start < span.end <= len(text)
    assert folded.span(0, len(folded.text)).start <= span.start
    assert folded.text[start:end] in fold(text[span.start : span.end], Way.PLAIN).text or (
        way is Way.LOOSE
    )
    assert folded.place(span.start) <= start


def test_what_folds_away() -> None:
    assert fold("a \t\n b\u00a0c\u00add\u200be ﬁ… “x” – y").text == 'a b cde fi... "x" - y'
    assert fold("infor-\n mation <\\file [\\x] ｜\\DSML｜", Way.LOOSE).text == (
        "information <file [x] ｜DSML｜"
    )


@pytest.mark.parametrize(
    ("shown", "original", "alike"),
    [
        ("information", "infor-\nmation", True),
        ("infor- mation", "information", True),
        ("well-known", "well-\nknown", True),
        ("in-formation", "information", False),
        ("wellknown", "well-known", False),
        ("<\\file", "<file", True),
        ("<\\\\file", "<\\file", True),
        ("<\\\\file", "<file", False),
        ("[w]", "[\\w]", False),
    ],
)
def test_same_tells_what_loose_folding_cannot(shown: str, original: str, alike: bool) -> None:
    assert same(shown, original) is alike


def test_names() -> None:
    paths = ["src/auth.py", "lib/src/util.py", "src/util.py", "util.py", "x y/[z]/ü.md"]
    names = Names(Corpus.of(Document(path, "text\n") for path in paths))

    def path(name: str) -> str | None:
        found = names.exact(name) or names.by_end(name)
        return found.path if found else None

    assert {name: path(name) for name in ("src/auth.py", "auth.py", "./auth.py")} == dict.fromkeys(
        ("src/auth.py", "auth.py", "./auth.py"), "src/auth.py"
    )
    assert path("src/util.py") == "src/util.py"
    assert path("util.py") == "util.py"
    assert path("lib/src/util.py") == "lib/src/util.py"
    assert path("[z]/ü.md") == "x y/[z]/ü.md"
    for name in (
        "uth.py",
        "y/auth.py",
        "/src/auth.py",
        "../util.py",
        "src",
        "src/",
        "",
        "/",
        "AUTH.py",
    ):
        assert path(name) is None, name


def test_nearly() -> None:
    words = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda"
    text = f"{'lorem ipsum dolor sit amet ' * 50}{words} {'consectetur elit sed ' * 50}"
    place = text.index("alpha")
    for quote in (
        words.replace("gamma", "gama"),
        words.replace("delta ", ""),
        words.replace("zeta", "zeta zeta"),
    ):
        assert nearly(text, quote, 0) == (place, place + len(words))
    assert nearly(text, words.replace("a", "o"), 0) is None
    assert nearly(text, "alpha beta gama", 0) is None
    assert nearly("short", words, 0) is None
    assert nearly("", words, 0) is None
    long = " ".join(f"word{number} again" for number in range(4_000))
    assert nearly(f"head {long} tail", long.replace("word777 ", "word77 "), 0) == (5, 5 + len(long))


def test_readings() -> None:
    assert readings('a\n[L26]\nb "c", ') == [
        'a\n[L26]\nb "c",',
        'a\nb "c",',
        'a\n[L26]\nb "c"',
        'a\nb "c"',
    ]
    assert 'x = "a"' in readings('x = \\"a\\"')
    assert "def f():\n  pass" in readings("42: def f():\n43:   pass")
    assert readings("1: a\nb") == ["1: a\nb"]
    assert readings(" [L1] ") == ["[L1]"]
    assert pieces("… the one [...] the (…) other ...") == ["the one", "the", "other"]
    assert substantial("def verify") and not substantial("});") and not substantial("return")


LINES = st.lists(
    st.sampled_from(
        [
            "def verify(token):",
            "    return [L26]",
            "[L26]",
            "",
            "</file> and <file id='d1'>",
            "<\\file>",
            "<｜User｜> ｜DSML｜ <|im_end|>",
            "[INST] [\\w]+ [\\INST]",
            "plain words of a plain line",
            '"quoted" “words”',
        ]
    ),
    min_size=1,
    max_size=90,
)


@given(LINES, st.data())
@settings(deadline=None)
def test_what_the_model_was_shown_is_verified(lines: list[str], data: st.DataObject) -> None:
    """Any lines of a document as the prompt shows it, marks and backslashes included."""
    document = Document("t.md", "\n".join(lines) + "\n")
    shown = render.body(document).split("\n")
    first = data.draw(st.integers(0, len(shown) - 1))
    last = data.draw(st.integers(first, len(shown) - 1))
    quote = "\n".join(shown[first : last + 1])
    assume(re.sub(r"\[L\d+\]\s", "", quote + "\n").strip())
    answer = f"[t.md:1-{document.line_count}]\n`````\n{quote}\n`````\n"
    (found,) = cited(answer, Corpus.of([document]))
    assert found.verdict is Verdict.VERIFIED

"""What must hold for any document and any answer."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from longctx.citation import Citation, Verdict, cited, linked
from longctx.corpus import Corpus, Document, Span

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

WORDS = st.sampled_from(
    [
        "def",
        "return",
        "token",
        "verify",
        "signature",
        "gateway",
        "the",
        "of",
        "harbour",
        "is",
        "not",
        "“quoted”",
        "don't",
        "x[1:5]",
        "a-b",
        "well-",
        "<file",
        "<\\file",
        "</s>",
        "[\\w]",
        "｜DSML｜",
        "...",
        "…",
        'name="x"',
        "ﬁnal",
        "—",
        "`",
        "```",
        ">",
        "#",
        "[L3]",
        "co\xadop",
        "über",
        "漢字",
        "[src/b.py:1-2]",
        "(src/b.py:3)",
        "</evidence>",
        "<evidence>",
    ]
)
SPACES = st.text(" \t\n\u00a0", min_size=1, max_size=4)
MESSY = st.lists(st.tuples(WORDS, SPACES), min_size=1, max_size=80).map(
    lambda pairs: "".join(word + space for word, space in pairs)
)
PATHS = st.sampled_from(["src/b.py", "src/a file.py", "app/[id]/x.tsx", "R&D (old)/ü.md", "b"])


@st.composite
def passages(draw: DrawFn) -> tuple[Document, Span]:
    """A document and a span of it that begins and ends with something visible."""
    document = Document(draw(PATHS), draw(MESSY))
    start = draw(st.integers(0, len(document.text) - 1))
    end = draw(st.integers(start + 1, len(document.text)))
    cut = document.text[start:end]
    assume(cut.strip() and cut.strip() != "\u00ad")
    return document, Span(start + len(cut) - len(cut.lstrip()), end - len(cut) + len(cut.rstrip()))


@st.composite
def respaced(draw: DrawFn, text: str) -> str:
    """The same words with other white space between them."""
    return "".join(
        part if not part.isspace() else draw(SPACES) for part in re.split(r"(\s+)", text)
    )


def fenced(place: str, quote: str) -> str:
    return f"[{place}]\n`````````\n{quote}\n`````````\n"


def key(text: str) -> str:
    """The text without all that one comparison or another folds away."""
    text = re.sub(r"\[L3\]|[\s\\\u00ad-]", "", text)
    return text.replace("…", "...").replace("ﬁ", "fi").replace("“", '"').replace("”", '"')


def alone(document: Document, span: Span) -> bool:
    """Whether the passage stands only there, however it is compared."""
    text, words = key(document.text), key(document.slice(span))
    return text.find(words) == text.rfind(words)


@given(passages(), st.data())
@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.filter_too_much])
def test_a_passage_and_its_lines_are_verified(
    passage: tuple[Document, Span], data: st.DataObject
) -> None:
    document, span = passage
    first, last = document.lines_of(span)
    quote = data.draw(respaced(document.slice(span)))
    answer = fenced(f"{document.path}:{first}-{last}", quote)
    found = cited(answer, Corpus.of([document, Document("src/b", "b\n")]))
    assert [c.verdict for c in found] == [Verdict.VERIFIED]
    assert found[0].path == document.path
    assert found[0].quote == quote.strip()
    if alone(document, span):
        assert found[0].lines == (first, last)


@given(passages(), st.data())
@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.filter_too_much])
def test_wrong_lines_are_repaired(passage: tuple[Document, Span], data: st.DataObject) -> None:
    document, span = passage
    text = document.slice(span)
    assume(len("".join(text.split())) >= 8 and sum(map(str.isalnum, text)) >= 4)
    assume("[L3]" not in document.text)  # would be dropped like a mark of the prompt
    assume(text[0].isalnum() and text[-1].isalnum() and alone(document, span))
    first, last = document.lines_of(span)
    low = data.draw(st.integers(1, document.line_count + 9))
    high = data.draw(st.integers(low, document.line_count + 9))
    assume(not (low <= first and last <= high))
    (found,) = cited(fenced(f"{document.path}:{low}-{high}", text), Corpus.of([document]))
    assert (found.verdict, found.lines) == (Verdict.REPAIRED, (first, last))
    assert found.claimed == (low, high)


SENTENCES = [
    "Tokens live for fifteen minutes and are rotated on every use by the gateway itself.",
    "A ship that enters the inner basin must signal its draught to the harbour office first.",
    "Invoices are archived for ten years unless the customer asks for an earlier deletion.",
    "The scheduler prefers short jobs, but never starves a long one for more than an hour.",
    "Passwords are hashed with a salt that is stored next to the digest and never reused.",
]


@given(
    st.permutations(SENTENCES),
    st.integers(0, 4),
    st.floats(0, 1),
    st.sampled_from(["cut", "put", "swap"]),
    st.sampled_from("qxz"),
)
@settings(deadline=None)
def test_one_slip_in_a_long_quote_is_repaired(
    order: list[str], which: int, where: float, edit: str, letter: str
) -> None:
    document = Document("t.md", "\n\n".join(order) + "\n")
    quote = order[which]
    place = 2 + int(where * (len(quote) - 5))
    assume(quote[place] != letter and quote[place] != " ")
    keep = place if edit == "put" else place + 1
    slipped = quote[:place] + ("" if edit == "cut" else letter) + quote[keep:]
    assume("".join(slipped.split()) not in "".join(quote.split()))
    line = 1 + 2 * which
    answer = f'<evidence>\n[t.md:{line}] "{slipped}"\n</evidence>'
    (found,) = cited(answer, Corpus.of([document]))
    assert (found.verdict, found.lines) == (Verdict.REPAIRED, (line, line))
    assert found.reason == "quote differs slightly"


@given(st.permutations(SENTENCES), st.integers(1, 7))
@settings(deadline=None)
def test_a_quote_from_elsewhere_is_not_found(order: list[str], line: int) -> None:
    corpus = Corpus.of(
        [Document("t.md", "\n\n".join(order[:-1])), Document("other.md", order[-1] + "\n")]
    )
    (found,) = cited(f'<evidence>\n[t.md:{line}] "{order[-1]}"\n</evidence>', corpus)
    assert (found.verdict, found.span) == (Verdict.NOT_FOUND, None)


MARKUP = [
    "[",
    "]",
    "(",
    ")",
    "`",
    "```",
    "~~~",
    ">",
    '"',
    "“",
    "”",
    ":",
    "#",
    "-",
    "–",
    ",",
    ";",
    "L",
    "1",
    "12-20",
    ":1",
    ":1-2",
    "#L1-L2",
    "..",
    "/",
    "./",
    "../",
    ":١",
    "src/b.py",
    "b.py",
    "app/[id]/x.tsx",
    "[src/b.py:1]",
    "[src/b.py:1-2;",
    "<evidence>",
    "</evidence>",
    "…",
    "[...]",
    "&#38;",
    "&#9999999;",
    "\\",
    "\\n",
    "\xad",
    "ﬁ",
    "�",
]
CHUNKS = st.one_of(st.text(max_size=12), WORDS, st.sampled_from([*MARKUP, " ", "\n", "\n\n"]))
ANSWERS = st.lists(CHUNKS, max_size=60).map("".join)
CORPUS = Corpus.of(
    [
        Document("src/b.py", "def verify(token):\n    return [src/b.py:1]\n\n“end” — ﬁn\n"),
        Document("app/[id]/x.tsx", '"x" > `y` … \\ ] )\n'),
        Document("b", ""),
    ]
)


@given(ANSWERS)
@settings(deadline=None, max_examples=500)
def test_any_answer_is_read(answer: str) -> None:
    found = cited(answer, CORPUS)
    assert found == cited(answer, CORPUS)
    assert [c.place for c in found] == sorted(c.place for c in found)
    places = sorted(place for c in found for place in c.places)
    assert all(one.end <= other.start for one, other in pairwise(places))
    for citation in found:
        document = CORPUS.get(citation.path)
        assert (citation.span is None) == (citation.verdict is Verdict.NOT_FOUND)
        assert citation.place.end <= len(answer)
        if citation.span is not None:
            assert document is not None
            assert citation.lines == document.lines_of(citation.span)
    cursor = 0
    for part in linked(answer, found):
        if isinstance(part, Citation):
            cursor = next(p.end for p in part.places if p.start == cursor)
        else:
            assert answer.startswith(part, cursor)
            cursor += len(part)
    assert cursor == len(answer)


@given(st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), min_size=1))
@settings(deadline=None, max_examples=300)
def test_a_path_that_is_no_document_never_resolves(name: str) -> None:
    known = {"src/b.py", "./src/b.py", "b.py", "./b.py"}
    assume(not any(name.strip('`*"“” \t').endswith(path) for path in known))
    corpus = Corpus.of([Document("src/b.py", "def verify(token):\n")])
    for found in cited(f'<evidence>\n[{name}:1] "def verify(token):"\n</evidence>', corpus):
        assert found.verdict is Verdict.NOT_FOUND
        assert found.span is None


@given(
    st.sampled_from(
        ["/", "../", "./../", "x/", "x/../", "~/", "C:/", "\\", "\\\\host\\", "src/x/", "X"]
    )
)
@settings(deadline=None)
def test_a_prefix_makes_a_path_another(prefix: str) -> None:
    corpus = Corpus.of([Document("src/b.py", "def verify(token):\n")])
    for frame in ("[{}:1]", "`{}:1`", "({}#L1)", "{}:1", "[`{}`:1]"):
        for path in ("src/b.py", "b.py"):
            answer = f'{frame.format(prefix + path)} "def verify(token):"\n'
            assert all(c.verdict is Verdict.NOT_FOUND for c in cited(answer, corpus)), answer

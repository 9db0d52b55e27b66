"""Large and hostile input: it is read to its end, and the work does not explode."""

from __future__ import annotations

import time
from itertools import accumulate

import pytest

from longctx.citation import Verdict, cited, linked
from longctx.citation.claims import Atlas
from longctx.citation.sources import Patience, Source
from longctx.corpus import Anchor, Corpus, Document

SIZE = 20_000
CORPUS = Corpus.of(
    [Document("src/big.py", "some text here\n" * 20_000), Document("a.txt", "a" * 300_000)]
    + [Document(f"p{n % 9}/m{n}/f.py", f"value = {n}\n") for n in range(2_000)]
)


@pytest.mark.parametrize(
    "unit",
    [
        "[",
        "(",
        "`",
        '"',
        "“",
        "> ",
        "```\n",
        "- `",
        "![",
        "[a",
        "\\",
        "...",
        ":1",
        ":1-2 ",
        "a/b:1 ",
        "&#38;",
        "[L1]\n",
        "<evidence>",
        "1. [x](",
        "f.py:1 ",
        "`f.py`:1 ",
        "[src/big.py:1",
        "[src/big.py:1]",
        "[[src/big.py:1]",
        "src/big.py:1,2,3,4",
        '"[src/big.py:1]"',
        '[src/big.py:1] "',
        '\n[src/big.py:1] "... ',
        '" [src/big.py:1]\n',
        '> "[src/big.py:1]"\n',
        '<evidence>[src/big.py:1] "a" ',
        "a" * 300 + "[",
        " " * 50 + "[src/big.py:1]",
    ],
)
def test_repeated_markup_is_read(unit: str) -> None:
    answer = unit * (SIZE // len(unit))
    for end in ("", '\n[src/big.py:1] "some text here"\n'):
        for part in linked(answer + end, cited(answer + end, CORPUS)):
            assert part != ""


def test_thousands_of_citations_keep_their_verdicts() -> None:
    line = '[p{0}/m{1}/f.py:1] "value = {1}{2}"\n'
    answer = "".join(line.format(n % 9, n, " + 1" if n % 2 else "") for n in range(2_000))
    found = cited(f"<evidence>\n{answer}</evidence>", CORPUS)
    assert len(found) == 2_000
    for number, citation in enumerate(found):
        wanted = Verdict.NOT_FOUND if number % 2 else Verdict.VERIFIED
        assert (citation.path.split("/")[1], citation.verdict) == (f"m{number}", wanted)


def test_when_patience_is_spent_lines_are_still_checked() -> None:
    document = Document("t.md", "one thing is sure\nanother thing is not\n")
    source, atlas = Source(document, Patience(0)), Atlas()
    first, second = (atlas.lined(document, str(line), (line, line)) for line in (1, 2))
    assert source.inside("another thing is not", second) is not None
    assert source.anywhere("another thing is not", first) is None
    assert source.in_pieces("another ... is not", first) is None


@pytest.mark.parametrize("quote", ["a" * 3_000, "a" * 3_000 + "b" + "a" * 3_000, "ab" * 30_000])
def test_a_document_of_one_letter(quote: str) -> None:
    (found,) = cited(f'<evidence>\n[a.txt:1] "{quote}"\n</evidence>', CORPUS)
    assert found.verdict in (Verdict.VERIFIED, Verdict.NOT_FOUND, Verdict.REPAIRED)
    assert (found.verdict is Verdict.VERIFIED) == ("b" not in quote)


def test_each_document_is_folded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    plain = Source.__init__

    def counted(self: Source, document: Document, patience: Patience) -> None:
        made.append(document.path)
        plain(self, document, patience)

    monkeypatch.setattr(Source, "__init__", counted)
    cited('[src/big.py:1] "some text here"\n' * 50, CORPUS)
    assert made == ["src/big.py"]


ANCHORED = Corpus.of(
    [
        Document(
            "big doc.pdf",
            "".join(f"{n // 20}.{n % 20} the text of clause {n}\n" for n in range(8_000)),
            tuple(
                Anchor(place, *named)
                for n, place in enumerate(
                    accumulate(
                        (len(f"{n // 20}.{n % 20} the text of clause {n}\n") for n in range(7_999)),
                        initial=0,
                    )
                )
                for named in (
                    ("page", str(n // 30 + 1), 0),
                    ("clause", f"{n // 20}.{n % 20}", n % 20 > 0),
                )
                if named[0] != "page" or n % 30 == 0
            ),
        ),
        Document(
            "same.pdf",
            "a b c d e f g h i\n" * 8_000,
            tuple(Anchor(n * 18, "clause", "1", n % 50) for n in range(8_000)),
        ),
        Document(
            "deep.pdf",
            "a b c d e f g h i\n" * 8_000,
            tuple(Anchor(n * 18, "clause", f"1.{n}", n) for n in range(8_000)),
        ),
    ]
)


@pytest.mark.parametrize(
    "unit",
    [
        "[big doc.pdf p. 14] ",
        '[big doc.pdf p. 14 §3.4(b)] "the text of clause"\n',
        '[same.pdf § 1] "a b c d e f g h i"\n',
        '[deep.pdf § 1.5] "a b c d e f g h i a b"\n',
        '[deep.pdf § 1.99999] "zzz zzz zzz zzz"\n',
        "[same.pdf § 1; § 1; § 1] ",
        "[big doc.pdf p. 1; p. 2; ",
        "[big doc.pdf sheet sheet row ",
        "(big doc.pdf p. 14, ",
        "big doc.pdf p. ",
        "[big doc.pdf ",
        "[a b c d e f g h: ",
        "p. 1 §1.1 ",
        "pp. 1, 2, 3, ",
        "§",
        "§1(a)(b)(c)",
        "1.1.1.1.",
        "00:12:31 ",
        'ch. "a" ',
        "row sheet ",
    ],
)
def test_repeated_places_are_read(unit: str) -> None:
    answer = unit * (SIZE // len(unit))
    started = time.process_time()
    for part in linked(answer, cited(answer, ANCHORED)):
        assert part != ""
    assert time.process_time() - started < 5  # at most a third of a second when nothing is amiss


def test_thousands_of_pages_and_clauses_keep_their_verdicts() -> None:
    line = '[big doc.pdf p. {} §{}.{}] "the text of clause {}"\n'
    numbers = range(40, 8_000, 8)
    answer = "".join(line.format(n // 30 + 1 + (n % 16 == 0), n // 20, n % 20, n) for n in numbers)
    found = cited(f"<evidence>\n{answer}</evidence>", ANCHORED)
    assert len(found) == len(numbers)
    for n, citation in zip(numbers, found, strict=True):
        assert citation.verdict is (Verdict.REPAIRED if n % 16 == 0 else Verdict.VERIFIED), citation
        assert citation.lines == (n + 1, n + 1)

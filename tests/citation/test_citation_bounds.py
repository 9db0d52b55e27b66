"""Large and hostile input: it is read to its end, and the work does not explode."""

from __future__ import annotations

import pytest

from longctx.citation import Verdict, cited, linked
from longctx.citation.claims import Atlas
from longctx.citation.sources import Patience, Source
from longctx.corpus import Corpus, Document

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

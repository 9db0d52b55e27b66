"""The ways in which models write a place and its quote."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from longctx.citation import Citation, Verdict, cited

if TYPE_CHECKING:
    from collections.abc import Callable

    from longctx.corpus import Corpus

VERIFY = "def verify(token):\n    return signature_ok(token)"


@pytest.mark.parametrize(
    "answer",
    [
        f'<evidence>\n[src/auth.py:42-57] "{VERIFY}"\n</evidence>\n',
        f'<evidence>\n1. [src/auth.py:42-57]: "{VERIFY}"\n</evidence>',
        f'<evidence>\n- **[src/auth.py:42-57]** "{VERIFY}"\n',
        f"<evidence>\n[src/auth.py:42-57] {VERIFY}\n</evidence>",
        f'<Evidence>\n"{VERIFY}" [src/auth.py:42-57]\n</Evidence>',
        f"```\n<evidence>\n[src/auth.py:42-57] “{VERIFY}”\n</evidence>\n```",
        f"[src/auth.py:42-57] “{VERIFY}”",
        f'[src/auth.py:42-57]\n"{VERIFY}"\n',
        f"[src/auth.py:42-57] `{VERIFY}`",
        f"[src/auth.py:42-57]\n```python\n{VERIFY}\n```\n",
        f"[src/auth.py:42-57]\n\n~~~~\n{VERIFY}\n~~~~\n",
        f"- [src/auth.py:42-57]:\n  ```python\n  {VERIFY}\n  ```\n",
        f"```python\n{VERIFY}\n```\n[src/auth.py:42-57]\n",
        f"```src/auth.py:42-57\n{VERIFY}\n```\n",
        "[src/auth.py:42-57]\n> def verify(token):\n>     return signature_ok(token)\n",
        "> def verify(token):\n>     return signature_ok(token)\n\n— [src/auth.py:42-57]",
        "> def verify(token):\n>     return signature_ok(token)\n> — [src/auth.py:42-57]",
        "> [src/auth.py:42-57]\n> def verify(token):\n>     return signature_ok(token)\n",
        f'It reads "{VERIFY}" [src/auth.py:42-57].',
        f'It reads "{VERIFY}" ([src/auth.py:42-57]).',
        f"It reads “{VERIFY}.” (src/auth.py:42-57)",
        f"It reads `{VERIFY}` (`src/auth.py:42-57`).",
        f'As [src/auth.py:42-57] has it: "{VERIFY}"',
        f'[src/auth.py:L42-L57] "{VERIFY}"',
        f'[src/auth.py#L42-L57] "{VERIFY}"',
        f'[src/auth.py#L42C1-L57C9] "{VERIFY}"',
        f'[src/auth.py:42–57] "{VERIFY}"',
        f'[src/auth.py: 42 - 57] "{VERIFY}"',
        f'[src/auth.py, lines 42-57] "{VERIFY}"',
        f'[src/auth.py lines 42 to 57] "{VERIFY}"',
        f'[src/auth.py L42-57] "{VERIFY}"',
        f'[src/auth.py:57-42] "{VERIFY}"',
        f'(src/auth.py:42-57) "{VERIFY}"',
        f'【src/auth.py:42-57】 "{VERIFY}"',
        f'src/auth.py:42-57: "{VERIFY}"',
        f'`src/auth.py:42-57` "{VERIFY}"',
        f'`src/auth.py`:42-57 — "{VERIFY}"',
        f'[`src/auth.py:42-57`] "{VERIFY}"',
        f'[[src/auth.py:42-57]] "{VERIFY}"',
        f'[src/auth.py:42-57](src/auth.py#L42-L57) "{VERIFY}"',
        f'[the check](src/auth.py#L42-L57): "{VERIFY}"',
        f'[./src/auth.py:42-57] "{VERIFY}"',
        f'[auth.py:42-57] "{VERIFY}"',
        f'[see src/auth.py:42-57] "{VERIFY}"',
        f'[src/auth.py:42-57]\r\n"{VERIFY}"\r\n',
    ],
)
def test_a_place_with_its_quote(answer: str, only: Callable[[str], Citation]) -> None:
    citation = only(answer)
    assert (citation.path, citation.claimed) == ("src/auth.py", (42, 57))
    assert citation.verdict is Verdict.VERIFIED
    assert citation.lines == (42, 43)
    assert "".join(citation.quote.split()).rstrip(".") == "".join(VERIFY.split())


@pytest.mark.parametrize(
    ("place", "path", "claimed"),
    [
        ("app/[id]/page.tsx:1-2", "app/[id]/page.tsx", (1, 2)),
        ("[id]/page.tsx:1-2", "app/[id]/page.tsx", (1, 2)),
        ("app/(site)/über uns.md:1", "app/(site)/über uns.md", (1, 1)),
        ("books/the harbour, 2nd ed.txt:1-3", "books/the harbour, 2nd ed.txt", (1, 3)),
        ("R&#38;D/plan.md:1", "R&D/plan.md", (1, 1)),
        ("R&D/plan.md#L1", "R&D/plan.md", (1, 1)),
    ],
)
@pytest.mark.parametrize("frame", ["[{}]", "`{}`", "({})", "[`{}`]", "Look into [{}] for it."])
def test_paths_hold_anything(
    place: str,
    path: str,
    claimed: tuple[int, int],
    frame: str,
    only: Callable[[str], Citation],
) -> None:
    citation = only(frame.format(place))
    assert (citation.path, citation.claimed) == (path, claimed)
    assert citation.reason == "no quote given for these lines"


def test_words_with_slashes_before_a_bracket_do_not_matter(only: Callable[[str], Citation]) -> None:
    for lead in ("either/or", "</file>", "<b>x</b>", "see http://example.com", "\\d"):
        assert only(f"{lead} [src/auth.py:42].").path == "src/auth.py"


def test_several_places_in_one_bracket(corpus: Corpus) -> None:
    answer = "Both [src/auth.py:42-43; docs/tokens.md:3, 5-6] and [a/index.js:1][b/index.js:1]."
    assert [(c.path, c.claimed) for c in cited(answer, corpus)] == [
        ("src/auth.py", (42, 43)),
        ("docs/tokens.md", (3, 3)),
        ("docs/tokens.md", (5, 6)),
        ("a/index.js", (1, 1)),
        ("b/index.js", (1, 1)),
    ]


def test_a_quote_goes_to_the_place_that_has_it(corpus: Corpus) -> None:
    answer = '"Tokens live for 15 minutes" [src/auth.py:42-43; docs/tokens.md:3]'
    code, text = cited(answer, corpus)
    assert (code.quote, code.verdict) == ("", Verdict.NOT_FOUND)
    assert (text.quote, text.verdict) == ("Tokens live for 15 minutes", Verdict.VERIFIED)


@pytest.mark.parametrize(
    "answer",
    [
        "At 10:30 [10:30] it ran on (localhost:8080), [https://example.com/a.py#L3] and",
        "xs[first:12], d['key']:3, [x](y), [note: 12], [^1], - [ ] todo, (see lines 4-9)",
        "```python\nprint(rows[start:20])  # [ghost.py:3]\n```",
        "Traceback:\n```\n  src/auth.py:42 in verify\n```",
        "[docs] (example.com:443) 127.0.0.1:80 `foo::bar:12` `std::vec`",
        "",
    ],
)
def test_what_is_no_citation(answer: str, corpus: Corpus) -> None:
    assert cited(answer, corpus) == ()


def test_words_in_marks_that_are_no_quote(only: Callable[[str], Citation]) -> None:
    for words in ('the "gateway"', "the function `check_signature`", "“so-called”"):
        citation = only(f"This is {words} [src/auth.py:42-43].")
        assert (citation.quote, citation.reason) == ("", "no quote given for these lines")


def test_a_place_without_lines(corpus: Corpus) -> None:
    found, missing, *rest = cited('[src/auth.py] "def verify(token):"\n[docs/tokens.md]', corpus)
    assert (found.verdict, found.claimed, found.lines) == (Verdict.VERIFIED, None, (42, 42))
    assert (missing.verdict, missing.reason) == (
        Verdict.NOT_FOUND,
        "neither lines nor a quote given",
    )
    assert not rest

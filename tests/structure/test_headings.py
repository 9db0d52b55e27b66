"""Headings format by format, and what only looks like one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longctx.structure.headings import headings_in

SAMPLES = Path(__file__).parents[2] / "sample_corpora"


def shown(path: str, text: str) -> list[tuple[int, str]]:
    return [(anchor.depth, anchor.label) for anchor in headings_in(path, text)]


def test_markdown() -> None:
    text = """---
title: Not a heading
# nor this
---

# One #

Text
with more
---

Two
===

### Deep `code` and [link](http://x) ### {#id}

```sh
# a comment
```

~~~
# another
``` still inside
~~~

    # indented code

#hashtag
- item
---

## **Bold** end
"""
    assert shown("a/b.md", text) == [
        (0, "One"),
        (0, "Two"),
        (2, "Deep code and link"),
        (1, "Bold end"),
    ]
    for anchor in headings_in("a.md", text):
        assert text[anchor.start] in "#T"


def test_restructured_text_orders_adornments_by_first_use() -> None:
    text = """=====
Title
=====

One
===

Sub
---

Again
-----

Two ``code`` and :doc:`a guide </x/y>`
======================================

::

   no
"""
    expected = [
        (0, "Title"),
        (1, "One"),
        (2, "Sub"),
        (2, "Again"),
        (1, "Two code and a guide"),
    ]
    assert shown("x.rst", text) == expected
    assert shown("docs/intro.txt", text) == expected


def test_plain_text_with_a_line_of_dashes_is_not_restructured_text() -> None:
    assert shown("notes.txt", "Name   Age\n----------\nAda    36\n\nSum\n---\n36\n") == []
    assert shown("notes.txt", "Letter\n------\nDear sir,\n") == []


def test_asciidoc() -> None:
    text = (
        "= Book\n\n== One\n\n----\n== not\n----\n\n=== Two ===\n\n====\nexample\n====\n\n== Three\n"
    )
    assert shown("b.adoc", text) == [(0, "Book"), (1, "One"), (2, "Two"), (1, "Three")]


def test_latex() -> None:
    text = r"""\documentclass{book}
% \chapter{Hidden}
\chapter*{Preface}
\chapter[Short]{Long \emph{title} \label{x}}
50\% \section{A \textbf{bold} {nested {deep}} one}
\begin{verbatim}
\section{No}
\end{verbatim}
\subsection{Two
lines}
\sectionmark{No}
"""
    assert shown("t.tex", text) == [
        (0, "Preface"),
        (0, "Long title"),
        (1, "A bold nested deep one"),
        (2, "Two lines"),
    ]


def test_org() -> None:
    text = "* TODO [#A] One :tag:\n** Two\n#+begin_src sh\n* no\n#+end_src\n*bold*\n* Three\n"
    assert shown("t.org", text) == [(0, "One"), (1, "Two"), (0, "Three")]


BOOK = """\
The Project of a Book

CONTENTS

BOOK THE FIRST
CHAPTER I. The Lane
CHAPTER II. The Mill
BOOK THE SECOND
CHAPTER I. The Sea
Epilogue


BOOK THE FIRST


CHAPTER I. The Lane

{words}

CHAPTER II. The Mill

{words}
Chapter and verse were quoted. He said in
Chapter 4 there was a mill.

{words}

BOOK THE SECOND

CHAPTER I. The Sea

{words}

Epilogue

{words}
""".format(words="It was a long day in the lane. " * 30)


def test_chapters_of_a_book() -> None:
    found = headings_in("book.txt", BOOK)
    assert {anchor.kind for anchor in found} == {"chapter"}
    assert [(anchor.depth, anchor.label) for anchor in found] == [
        (0, "BOOK THE FIRST"),
        (1, "CHAPTER I. The Lane"),
        (1, "CHAPTER II. The Mill"),
        (0, "BOOK THE SECOND"),
        (1, "CHAPTER I. The Sea"),
        (0, "Epilogue"),
    ]
    assert found[0].start > BOOK.index("Epilogue")


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ("Chapter {}", "Chapter 2"),
        ("CHAPTER {}\n\nThe Sea", "CHAPTER 2 The Sea"),
        ("{}. Kapitel", None),
        ("Kapitel {}: Das Meer", "Kapitel 2: Das Meer"),
        ("PART {}", "PART 2"),
    ],
)
def test_ways_to_head_a_chapter(line: str, label: str | None) -> None:
    words = "It was a long day in the lane. " * 30
    text = "".join(f"\n\n{line.format(number)}\n\n{words}\n" for number in (1, 2, 3))
    labels = [anchor.label for anchor in headings_in("b.txt", text)]
    assert labels[1:2] == ([label] if label else [])


def test_german_ordinals() -> None:
    words = "Es war ein langer Tag. " * 40
    text = f"Erstes Kapitel\n\n{words}\n\nZweites Kapitel\n\n{words}\n"
    assert [a.label for a in headings_in("b.txt", text)] == ["Erstes Kapitel", "Zweites Kapitel"]


def test_the_sample_handbook() -> None:
    text = (SAMPLES / "handbook" / "handbook.md").read_text()
    found = headings_in("handbook.md", text)
    assert (0, "Chapter 1 The Place and Its Purpose") in [(a.depth, a.label) for a in found]
    assert (1, "1.1 How it began") in [(a.depth, a.label) for a in found]
    assert all(text[anchor.start] == "#" for anchor in found)


def test_source_code_has_no_headings() -> None:
    assert headings_in("a.py", "# One\n\nTwo\n===\n") == ()
    assert headings_in("Makefile.am", "# One\n") == ()


@settings(deadline=None)
@given(
    st.sampled_from(["md", "rst", "txt", "adoc", "tex", "org"]),
    st.one_of(
        st.text(),
        st.text(alphabet="#=-~*`\\section{}[] \nabI1."),
        st.lists(st.sampled_from(["CHAPTER I", "\n", "\n\n", "Part 2", "===", "a", "# "])).map(
            "".join
        ),
    ),
)
def test_headings_are_sorted_and_in_range(ending: str, text: str) -> None:
    found = headings_in(f"x.{ending}", text)
    starts = [anchor.start for anchor in found]
    assert starts == sorted(starts)
    for anchor in found:
        assert 0 <= anchor.start < len(text)
        assert anchor.label.strip() and "\n" not in anchor.label
        assert anchor.depth >= 0

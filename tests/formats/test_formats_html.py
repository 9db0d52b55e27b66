"""Web pages become their main text: a line a block, nothing hidden, nothing lost in doubt."""

from __future__ import annotations

import time

import pytest
from formats.extracts import check, mutated, places, read, survives
from hypothesis import given
from hypothesis import strategies as st

from longctx.corpus import Reason
from longctx.formats import Extract, NotThis, Refused
from longctx.formats.html import HTML, fragment_lines


def page(body: str, head: str = "<title>T</title>") -> Extract:
    return read(HTML, f"<!doctype html><html><head>{head}</head><body>{body}</body></html>")


def text(body: str) -> str:
    return page(body).text


def test_blocks_are_lines() -> None:
    extract = page(
        "<h1>Big<br>title</h1><p>One <b>t</b>wo&nbsp;three\n so&shy;ft.<p>A<br>B"
        "<div>c<div>d</div>e</div><h2>Sub</h2><address>f</address>"
    )
    assert extract.text == "Big title\nOne two three soft.\nA\nB\nc\nd\ne\n\nSub\nf\n"
    assert places(extract, "heading") == [("Big title", "Big title", 0), ("Sub", "Sub", 1)]
    assert places(extract, "title") == [("T", "Big title", 0)]
    check(extract)


@pytest.mark.parametrize(
    ("markup", "lines"),
    [
        ("<ul><li>a<ul><li>b<li>c</ul><li><p>d<p>e</ul>", ["- a", "  - b", "  - c", "- d", "  e"]),
        ("<ol><li>a<li value=7>b<li>c</ol>", ["1. a", "7. b", "8. c"]),
        ("<ol start=3 type=a><li>x<li>y</ol>", ["c. x", "d. y"]),
        ("<ol type=I start=9><li>x<li>y</ol>", ["IX. x", "X. y"]),
        ("<ol reversed><li>x<li>y</ol>", ["2. x", "1. y"]),
        ("<ol style='list-style-type: lower-roman'><li>x<li>y</ol>", ["i. x", "ii. y"]),
        ("<ol style='list-style: none'><li>12.3 x</ol>", ["12.3 x"]),
        ("<ol><li>1. said already</ol>", ["1. said already"]),
        ("<ol start=27 type=A><li>x</ol>", ["AA. x"]),
        ("<ol start=-1><li>x<li>y<li>z</ol>", ["-1. x", "0. y", "1. z"]),
        ("<dl><dt>t<dd>m</dl>", ["t", "  m"]),
    ],
)
def test_lists_show_their_numbers(markup: str, lines: list[str]) -> None:
    assert text(markup).splitlines() == lines


@pytest.mark.parametrize(
    ("markup", "lines"),
    [
        (
            "<table><caption>C</caption><thead><tr><th>A<th>B</thead><tr><td>1<td>2<br>3</table>",
            ["C", "A | B", "1 | 2 3"],
        ),
        (
            "<table><tr><td rowspan=2>1<td colspan=2>2<td>3<tr><td>4<td>5<td>6<tr><td><td></table>",
            ["1 | 2 |  | 3", "| 4 | 5 | 6"],
        ),
        ("<table><tr><td><h2>layout</h2><td><p>x</table>", ["layout", "x"]),
        ("<table><tr><td>a<table><tr><td>1<td>2</table></table>", ["a", "1 | 2"]),
        ("<table role=presentation><tr><td>a<td>b</table>", ["a", "b"]),
    ],
)
def test_tables_are_rows(markup: str, lines: list[str]) -> None:
    assert text(markup).splitlines() == lines


def test_code_is_verbatim() -> None:
    assert text("<p>a</p><pre><code>def f():\n\n\n    <b>return</b> 1  \n</code></pre>b") == (
        "a\n\ndef f():\n\n\n    return 1\n\nb\n"
    )


@pytest.mark.parametrize(
    ("markup", "said"),
    [
        (
            "<p>10<sup>6</sup> m<sup>2</sup> and 1<sup>st</sup> H<sub>2</sub>O",
            "10^6 m^2 and 1st H2O",
        ),
        ("<p><img alt='A chart' src=x> <img alt='x.png'><img alt=I>t", "[image: A chart] It"),
        ("<p><a href='http://x'>link</a> <q>q</q>", "link “q”"),
        ("<p><ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>", "漢(kan)"),
        ("<p><math><msup><mi>x</mi><mn>2</mn></msup><mo>+</mo><mn>1</mn></math>", "x^2 + 1"),
        ("<p><math><mfrac><mi>a</mi><mrow><mi>b</mi><mi>c</mi></mrow></mfrac></math>", "a/(b c)"),
        ("<p>a<span hidden>no</span><b style='display: none'>no</b>b", "ab"),
        ("<p>a<script>no()</script><style>no</style><template>no</template>b", "ab"),
        ("<p>a<button>no</button><select><option>no</select><textarea>no</textarea>b", "ab"),
        ("<form><p>kept</p><input value=no></form>", "kept"),
        ("<!-- no --><p>&lt;a&gt; &amp;&#x41;&unknown;", "<a> &A&unknown;"),
    ],
)
def test_words(markup: str, said: str) -> None:
    assert text(markup) == said + "\n"


def test_notes_follow_the_paragraph_that_refers_to_them() -> None:
    said = text(
        "<p>One.<sup><a href='#fn1' id='r1'>1</a></sup> Two.<a href='#fn2' id='r2'>[2]</a></p>"
        "<p>More.<section class=footnotes><hr><ol><li id=fn1><p>First. <a href='#r1'>↩</a></p>"
        "<p>Again.</li><li id=fn2>Second. <a href='#r2'>back</a></li></ol></section>"
    )
    assert said == "One.[^1] Two.[^2]\n[^1] First. Again.\n[^2] Second.\nMore.\n"


def test_links_with_numbers_are_no_notes() -> None:
    said = text("<p>See <a href='#s2'>2</a> and <a href='x.html#s2'>3</a>.<h2 id=s2>Second</h2>")
    assert said == "See 2 and 3.\n\nSecond\n"


CHROME = (
    "<header><a href=/>Site</a></header><nav><a href=/a>Home</a> <a href=/b>More</a></nav>{}"
    "<aside><a href=/c>Also</a></aside><footer>Imprint</footer>"
)
PROSE = "The lease begins on the first of May and runs for five years. " * 8


@pytest.mark.parametrize(
    "holder",
    ["<main>{}</main>", "<div role=main>{}</div>", "<article>{}</article>",
     "<div id=content>{}</div>", "<div class='x main-content'>{}</div>"],
)  # fmt: skip
def test_what_stands_around_the_main_text_goes_and_is_said(holder: str) -> None:
    extract = page(CHROME.format(holder.format(f"<p>{PROSE}</p><nav><a href=#>Up</a></nav>")))
    assert extract.text == PROSE.strip() + "\n"
    (left,) = extract.left
    assert (left.reason, left.part) == (Reason.RUNNING, "around")
    assert "25 characters" in left.detail


def test_the_headline_before_the_main_text_stays() -> None:
    assert text(f"<header><h1>Lease</h1></header><main><p>{PROSE}</p></main>").startswith("Lease\n")


def test_nothing_goes_in_doubt() -> None:
    extract = page(f"<main>Loading</main><div><p>{PROSE}</p></div><footer>Imprint</footer>")
    assert PROSE.strip() in extract.text
    assert "Imprint" in extract.text
    assert extract.left == ()
    assert "Home" in text(CHROME.format("<p>Short.</p>"))


def test_pages_marked_in_the_text_begin_lines() -> None:
    extract = page(
        "<p>Before <span epub:type='pagebreak' title='14'></span>and be<a role='doc-pagebreak' "
        "aria-label='Page 15'></a>hind it.</p><div epub:type=pagebreak>16</div><p>Last.</p>"
    )
    assert extract.text == "Before\nand behind\nit.\nLast.\n"
    assert places(extract, "page") == [
        ("14", "and behind", 0), ("15", "it.", 0), ("16", "Last.", 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "source",
    ["<p>fragment</p>", "plain", "", "<html><body>{{ name }}</body></html>",
     "<html><body>{% if x %}a{% endif %}", "<?php echo 1 ?><html><body>x",
     "<html><body><p>{{#each items}}x{{/each}}</p>", "<html><% for %></html>"],
)  # fmt: skip
def test_templates_and_fragments_stay_as_they_are(source: str) -> None:
    with pytest.raises(NotThis):
        read(HTML, source)


@pytest.mark.parametrize(
    "body", ["<pre>{{ name }}</pre>", "<code>{% if %}</code>", r"<p>\frac{{a}}{{b}} x^{{2}}",
             "<script>var a = '{{ x }}'</script>y"],
)  # fmt: skip
def test_pages_about_templates_are_pages(body: str) -> None:
    assert text(body)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("<html><body>naïve".encode("utf-8-sig"), "naïve"),
        ("<html><body>naïve".encode("utf-16"), "naïve"),
        ("<html><body>naïve — “so”".encode("cp1252"), "naïve — “so”"),
        ("<html><meta charset=iso-8859-1><body>“so”".encode("cp1252"), "“so”"),
        ("<html><meta charset=windows-1251><body>Договор".encode("cp1251"), "Договор"),
        ('<?xml version="1.0" encoding="shift_jis"?><html><body>契約'.encode("cp932"), "契約"),
        ("<html><meta charset=iso-8859-1><body>契約".encode(), "契約"),
        ("<html><meta charset=rot13><body>naïve".encode(), "naïve"),
        ("<html><meta charset=utf-16><body>naïve".encode(), "naïve"),
    ],
)
def test_encodings(data: bytes, said: str) -> None:
    assert read(HTML, data).text == said + "\n"


def test_xhtml_with_sections_of_character_data() -> None:
    assert text("<p>a <![CDATA[<b> & c]]> d</p>") == "a <b> & c d\n"


def test_entities_of_its_own_are_not_expanded() -> None:
    extract = read(
        HTML,
        '<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY f SYSTEM '
        '"file:///etc/passwd">]><html><body><p>&b;&f; end</p></body></html>',
    )
    assert "aaaa" not in extract.text.replace("aaaaaaaaaa", "", 1)
    assert "root:" not in extract.text
    assert "end" in extract.text


def test_deep_nesting_is_said() -> None:
    with pytest.raises(Refused, match="nested"):
        page("<div>" * 100_000 + "x")
    extract = page("<p>before</p>" + "<div>" * 5000 + "x")
    assert extract.text.startswith("before\n")
    assert [(each.reason, each.part) for each in extract.left] == [(Reason.LIMIT, "end")]


@pytest.mark.parametrize(
    "body",
    [
        "<pre>" * 200_000,
        "<a href='#x'>1</a>" * 50_000 + "<p id=x>" + "y" * 10_000,
        "<p>" + "<span epub:type=pagebreak title=1></span>a" * 50_000,
        "<table>" + "<tr>" * 50_000 + "<td colspan=50 rowspan=5000>x" * 5_000,
        "<p style='" + "list-style:" * 100_000 + "'>x",
        "<nav>" * 200 + "<a href=x>y</a>" * 50_000,
        "x<sup>1</sup>" * 100_000,
        "<ol>" + "<li>x" * 200_000,
    ],
    ids=range(8),
)
def test_made_to_be_slow(body: str) -> None:
    begin = time.process_time()
    try:
        page(body)
    except Refused as refused:
        assert refused.reason is Reason.LIMIT
    assert time.process_time() - begin < 8


def test_letters_mark_quotations() -> None:
    said = fragment_lines("<p>Yes.<blockquote>Really?<blockquote>Sure.</blockquote></blockquote>")
    assert said == "Yes.\n> Really?\n> > Sure.\n"


def test_damaged_pages() -> None:
    sound = CHROME.format(
        f"<main><h1>T</h1><p>{PROSE[:90]}<sup><a href='#n' id=r>1</a></sup><table><tr><td>a<td>b"
        "</table><ol start=3><li>x<li>y</ol><pre>z</pre><p id=n>1. N <a href='#r'>↩</a></main>"
    )
    for data in mutated(f"<html><body>{sound}</body></html>".encode(), 600):
        survives(HTML, data)


@given(st.lists(st.sampled_from(
    "<p> </p> <table> <tr> <td> </table> <li> <ol> </ol> <pre> </pre> <h2> </h2> <br> <hr> <sup> "
    "<a\thref='#i'> </a> <i\tid=i> <b\tepub:type='pagebreak'\ttitle='4'> <dd> <math> <msup> x 1 \n"
    .split(" ")), max_size=40))  # fmt: skip
def test_any_markup_gives_a_sound_text(tags: list[str]) -> None:
    check(page("".join(tags)))

"""E-books become one text in reading order, with chapters and printed pages where they begin."""

from __future__ import annotations

import time

import pytest
from formats.extracts import check, mutated, places, read, survives
from formats.made_books import book, nav, ncx, packed, page

from longctx.corpus import Reason
from longctx.formats import Extract, NotThis, Refused
from longctx.formats.epub import EPUB

ONE = page("<h1>CHAPTER 1. Loomings.</h1><p>Call me Ishmael.</p><h2>Later</h2><p>Some years.</p>")
TWO = page("<h1>The Carpet-Bag</h1><p>I stuffed a shirt.</p>")
TOC = nav('<li><a href="c1.xhtml">Chapter 1. Loomings</a></li><li><a href="c2.xhtml">2</a></li>')


def of(data: bytes) -> Extract:
    extract = read(EPUB, data, "book.epub")
    check(extract)
    return extract


def test_reading_order_chapters_and_title() -> None:
    extract = of(book({"c2.xhtml": TWO, "c1.xhtml": ONE}, spine="c1.xhtml c2.xhtml", contents=TOC))
    assert extract.text == (
        "CHAPTER 1. Loomings.\nCall me Ishmael.\n\nLater\nSome years.\n\n"
        "The Carpet-Bag\nI stuffed a shirt.\n"
    )
    assert places(extract, "title") == [("The Whale — H. M.", "CHAPTER 1. Loomings.", 0)]
    assert places(extract, "chapter") == [
        ("Chapter 1. Loomings", "CHAPTER 1. Loomings.", 0), ("2", "The Carpet-Bag", 0),
    ]  # fmt: skip
    assert places(extract, "heading") == [("Later", "Later", 1)]
    assert extract.left == ()


def test_a_heading_that_says_more_than_the_contents_names_the_chapter() -> None:
    toc = nav('<li><a href="c1.xhtml">Chapter 1</a></li>')
    extract = of(book({"c1.xhtml": ONE}, contents=toc))
    assert places(extract, "chapter") == [("CHAPTER 1. Loomings.", "CHAPTER 1. Loomings.", 0)]


def test_parts_chapters_and_sections_of_the_contents() -> None:
    toc = nav(
        '<li><span>Part One</span><ol><li><a href="c1.xhtml">Loomings</a><ol>'
        '<li><a href="c1.xhtml#later">Later on</a></li></ol></li></ol></li>'
        '<li><a href="c2.xhtml">Part Two</a></li>'
    )
    one = page("<p>1</p><h1>Loomings</h1><p>x</p><h2 id='later'>Later</h2><p>y</p>")
    extract = of(book({"c1.xhtml": one, "c2.xhtml": TWO}, contents=toc))
    assert places(extract, "chapter") == [
        ("Part One", "1", 0), ("Loomings", "1", 1), ("Part Two", "The Carpet-Bag", 0),
    ]  # fmt: skip
    assert ("Later on", "Later", 1) in places(extract, "heading")
    assert sum(label.startswith("Later") for label, _, _ in places(extract, "heading")) == 1


def test_epub_2_contents_and_pages() -> None:
    points = (
        '<navPoint id="a"><navLabel><text>I. Loomings</text></navLabel><content src="c1.xhtml"/>'
        '<navPoint id="b"><navLabel><text>Later</text></navLabel><content src="c1.xhtml#l"/>'
        '</navPoint></navPoint><navPoint id="c"><navLabel><text>II. The Bag</text></navLabel>'
        '<content src="c%32.xhtml"/></navPoint>'
    )
    target = '<pageTarget><navLabel><text>{}</text></navLabel><content src="{}"/></pageTarget>'
    one = page("<p>Call me <a id='p4'/>Ishmael.</p><p id='l'>Later.</p>")
    extract = of(
        book(
            {"c1.xhtml": one, "c2.xhtml": TWO},
            old_contents=ncx(
                points, target.format("3", "c1.xhtml") + target.format("iv", "c1.xhtml#p4")
            ),
        )
    )
    assert [label for label, _, _ in places(extract, "chapter")] == ["I. Loomings", "II. The Bag"]
    assert places(extract, "heading") == [("Later", "Later.", 0)]
    assert places(extract, "page") == [("3", "Call me", 0), ("iv", "Ishmael.", 0)]


def test_pages_of_a_list_of_pages_and_in_the_text_count_once() -> None:
    pages = '<nav epub:type="page-list"><ol><li><a href="c1.xhtml#p2">2</a></li></ol></nav>'
    one = page("<p>One. <span epub:type='pagebreak' id='p2' title='2'/>Two.</p>")
    extract = of(book({"c1.xhtml": one}, contents=nav("", pages)))
    assert extract.text == "One.\nTwo.\n"
    assert places(extract, "page") == [("2", "Two.", 0)]


def test_notes_stay_near_and_are_said_once() -> None:
    one = page(
        "<p>Whale.<a epub:type='noteref' href='c1.xhtml#n1'>1</a> Fish.</p><p>More."
        "<a epub:type='noteref' href='notes.xhtml#n2'>2</a></p>"
        "<aside epub:type='footnote' id='n1' hidden='hidden'><p>1. A fish.</p></aside>"
    )
    notes = page("<h1>Notes</h1><ol><li value='2' id='n2' epub:type='endnote'>See there.</li></ol>")
    extract = of(book({"c1.xhtml": one, "notes.xhtml": notes}))
    assert extract.text == ("Whale.[^1] Fish.\n[^1] A fish.\nMore.[^2]\n\nNotes\n2. See there.\n")


def links(count: int, more: str = "") -> str:
    return "".join(f"<p><a href='c{n}.xhtml'>Chapter {n}</a>{more}</p>" for n in range(count))


def long_book(**more: str) -> bytes:
    toc = nav("".join(f'<li><a href="c{n}.xhtml">Chapter {n}</a></li>' for n in range(8)))
    chapters = {f"c{n}.xhtml": page(f"<h2>Chapter {n}</h2><p>Text {n}.</p>") for n in range(8)}
    return book({**more, **chapters}, contents=toc, spine=" ".join([*more, "nav", *chapters]))


def test_contents_pages_are_left_out_and_said() -> None:
    extract = of(long_book(**{"toc.xhtml": page(f"<h1>Contents</h1>{links(8)}")}))
    assert extract.text.startswith("Chapter 0\nText 0.\n")
    assert [(each.reason, each.part) for each in extract.left] == [
        (Reason.RUNNING, "OEBPS/toc.xhtml"),
        (Reason.RUNNING, "OEBPS/nav.xhtml"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        f"<h1>Contents</h1>{links(8, ', in which much is told that is not in its title')}",
        "<h1>Plates</h1>" + "".join(f"<p><a href='c1.xhtml#f{n}'>F{n}</a></p>" for n in range(2)),
        "<h1>Index</h1>" + "".join(f"<p>whale <a href='c1.xhtml'>{n}</a></p>" for n in range(9)),
    ],
)
def test_pages_that_say_more_than_links_stay(body: str) -> None:
    extract = of(long_book(**{"toc.xhtml": page(body)}))
    assert extract.text.startswith(("Contents\n", "Plates\n", "Index\n"))


def test_front_matter_is_named_and_blank_pages_are_not() -> None:
    extract = of(
        book(
            {
                "cover.xhtml": page("<img src='cover.jpg' alt='Cover'/>"),
                "blank.xhtml": page("<p>&#160;</p>"),
                "legal.xhtml": page("<p>All rights reserved.</p>"),
                "to.xhtml": page("<section epub:type='dedication'><p>To N. H.</p></section>"),
                "c1.xhtml": ONE,
                "ads.xhtml": page("<h1>Also published</h1><p>Books.</p>"),
            },
            contents=nav(
                '<li><a href="cover.xhtml">Cover</a></li><li><a href="c1.xhtml">1</a></li>'
            ),
            guide='<reference type="copyright-page" title="Copyright Page" href="legal.xhtml"/>',
        )
    )
    assert places(extract, "chapter") == [
        ("Copyright Page", "All rights reserved.", 0),
        ("Dedication", "To N. H.", 0),
        ("1", "CHAPTER 1. Loomings.", 0),
        ("Also published", "Also published", 0),
    ]
    assert [(each.reason, each.part) for each in extract.left] == [(Reason.SCANNED, "Cover")]


def test_files_outside_the_reading_order_come_last() -> None:
    extract = of(book({"c2.xhtml": TWO, "c1.xhtml": ONE}, spine="-c2.xhtml c1.xhtml"))
    assert extract.text.endswith(
        "Some years.\n\n[outside the reading order:]\nThe Carpet-Bag\nI stuffed a shirt.\n"
    )


@pytest.mark.parametrize(
    "body",
    [
        "<p>a<br>b & c <i>d</p><p>e &nbsp; &eacute;</i> f",
        "<p>a<br/>b &amp; c d</p>e é f</wrong></body></html>tail",
        "<p>a<br/>b & c d<p>e &#xe9; f",
    ],
)
def test_broken_xhtml_is_read(body: str) -> None:
    extract = of(book({"c1.xhtml": page(body)}))
    assert "a\nb & c d\ne é f" in extract.text


def test_names_with_other_case_spaces_and_missing_files() -> None:
    opf = (
        '<package xmlns="http://www.idpf.org/2007/opf"><manifest>'
        '<item id="a" href="CHAPTER%20one.xhtml" media-type="application/xhtml+xml"/>'
        '<item id="b" href="gone.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="a"/><itemref idref="b"/><itemref idref="c"/></spine></package>'
    )
    extract = of(packed({"book.opf": opf, "Chapter One.xhtml": ONE}))
    assert extract.text.startswith("CHAPTER 1.")
    assert [(each.reason, each.part) for each in extract.left] == [(Reason.DAMAGED, "gone.xhtml")]


def test_a_package_that_is_no_sound_xml() -> None:
    opf = (
        "<package><metadata><dc:title>A & B</dc:title></metadata><manifest>"
        "<item id=a href=c1.xhtml media-type='application/xhtml+xml'/></manifest>"
        "<spine><itemref idref=a></spine>"
    )
    extract = of(packed({"book.opf": opf, "c1.xhtml": ONE}))
    assert places(extract, "title")[0][0] == "A & B"
    assert "Call me Ishmael." in extract.text


ENCRYPTION = (
    '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container" '
    'xmlns:enc="http://www.w3.org/2001/04/xmlenc#"><enc:EncryptedData><enc:EncryptionMethod '
    'Algorithm="{}"/><enc:CipherData><enc:CipherReference URI="{}"/></enc:CipherData>'
    "</enc:EncryptedData></encryption>"
)


def test_locked_books() -> None:
    sealed = ENCRYPTION.format("http://www.w3.org/2001/04/xmlenc#aes128-cbc", "OEBPS/c1.xhtml")
    with pytest.raises(Refused) as refused:
        read(EPUB, book({"c1.xhtml": ONE}, more={"META-INF/encryption.xml": sealed}))
    assert refused.value.reason is Reason.LOCKED


@pytest.mark.parametrize(
    ("algorithm", "member"),
    [
        ("http://www.idpf.org/2008/embedding", "OEBPS/font.otf"),
        ("http://ns.adobe.com/pdf/enc#RC", "OEBPS/c1.xhtml"),
        ("http://www.w3.org/2001/04/xmlenc#aes128-cbc", "OEBPS/film.mp4"),
    ],
)
def test_scrambled_fonts_lock_nothing(algorithm: str, member: str) -> None:
    more: dict[str, str | bytes] = {"META-INF/encryption.xml": ENCRYPTION.format(algorithm, member)}
    assert "Ishmael" in of(book({"c1.xhtml": ONE}, more=more)).text


def test_other_files() -> None:
    with pytest.raises(NotThis):
        read(EPUB, b"plain text")
    with pytest.raises(Refused, match="no package"):
        read(EPUB, packed({"a.txt": "x"}))
    with pytest.raises(Refused, match="no text"):
        read(EPUB, packed({"a.opf": "<package><spine/></package>"}))


def test_hostile_books() -> None:
    begin = time.process_time()
    entities = '<!DOCTYPE x [<!ENTITY a "xxxxxxxx"><!ENTITY b "&a;&a;">]>'
    deep = "<package>" * 50_000
    for opf in (entities + "<package>&b;</package>", deep, "<item/>" * 300_000):
        with pytest.raises(Refused):
            read(EPUB, packed({"book.opf": opf}))
    outside = page("<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><p>a &f; b</p>")
    assert "root:" not in of(book({"c1.xhtml": outside})).text
    wide = page("<p>" + "<b>" * 100_000 + "x")
    read_or_refused(book({"c1.xhtml": wide, "c2.xhtml": TWO}), "I stuffed a shirt.")
    loops = nav('<li><a href="c1.xhtml">1</a>' + "<ol><li>" * 5000)
    read_or_refused(book({"c1.xhtml": ONE}, contents=loops), "Call me Ishmael.")
    assert time.process_time() - begin < 20


def read_or_refused(data: bytes, wanted: str) -> None:
    """A hostile file costs itself: the rest of the book is there."""
    assert wanted in of(data).text


def test_damaged_books() -> None:
    opf = (
        b"<package><manifest><item id='a' href='c1.xhtml' media-type='x/html'/></manifest>"
        b"<spine><itemref idref='a'/></spine></package>"
    )
    for data in mutated(opf, 150):
        survives(EPUB, packed({"book.opf": data, "c1.xhtml": ONE}))
    for contents in mutated(TOC.encode(), 150):
        survives(EPUB, book({"c1.xhtml": ONE}, contents=contents.decode("utf-8", "replace")))
    for chapter in mutated(ONE.encode(), 150):
        survives(EPUB, book({"c1.xhtml": chapter.decode("latin-1")}, contents=TOC))

"""How fast an e-book becomes text, what of it is kept, and what its places cost.

    python -m benchmarks.books
    python -m benchmarks.books --peer /path/to/python/with/markitdown book.epub ...

Without books, one as long as Moby-Dick is made of words that repeat, with 135 chapters, a printed
page every 1,900 characters and notes. Each row has: CPU seconds of reading it in this process (the
best of the runs; starting a worker is not counted, importing is not either), for the peer of its
conversion alone; characters kept of those visible in the XHTML of the spine, white space aside;
marks as a share of the tokens of its body in the prompt.
"""

from __future__ import annotations

import argparse
import io
import random
import subprocess
import time
import zipfile
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

from longctx.corpus import Document
from longctx.formats import Material, Options
from longctx.formats.book_package import book_of
from longctx.formats.epub import EPUB
from longctx.formats.packages import Package
from longctx.formats.packing import fitting
from longctx.render import body
from longctx.tokens import tokenizer_for

CONTAINER = (
    '<?xml version="1.0"?><container version="1.0" '
    'xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile '
    'full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles>'
    "</container>"
)
WORDS = """the of and a to in whale sea that his it with as for he but ship captain upon from all at
    this by which was not be so one they now had were there their then some Ahab Queequeg Starbuck
    water boat harpoon old man like what when into more its out up long very would still through
    those own himself hands before being Nantucket leviathan Pequod’s voyage mast—head""".split()
PEER = """
import sys, time
from markitdown import MarkItDown
tool = MarkItDown()
begin = time.process_time()
text = tool.convert(sys.argv[1]).text_content
print(time.process_time() - begin, len(text))
"""


class Visible(HTMLParser):
    """All text of a page's body, by Python's own parser."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.within = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.within += tag in ("head", "script", "style")

    def handle_endtag(self, tag: str) -> None:
        self.within -= tag in ("head", "script", "style")

    def handle_data(self, data: str) -> None:
        if not self.within:
            self.parts.append(data)


def made(chapters: int = 135, characters: int = 1_200_000, seed: int = 7) -> bytes:
    """A book: EPUB 3 with contents and a list of pages."""
    chance, buffer, page, note = random.Random(seed), io.BytesIO(), 0, 0
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        book.writestr("META-INF/container.xml", CONTAINER)
        entries, pages, since = [], [], 0
        for number in range(1, chapters + 1):
            title = f"Chapter {number}. " + " ".join(chance.choices(WORDS, k=3)).title()
            entries.append(f'<li><a href="c{number}.xhtml">{title}</a></li>')
            lines, notes, size = [f"<h2>{title}</h2>"], [], 0
            while size < characters // chapters:
                words = chance.choices(WORDS, k=chance.randint(20, 180))
                if since > 1900:
                    page, since = page + 1, 0
                    place = chance.randrange(len(words))
                    words[place] = (
                        f'<span epub:type="pagebreak" id="p{page}" title="{page}"></span>'
                        + words[place]
                    )
                    pages.append(f'<li><a href="c{number}.xhtml#p{page}">{page}</a></li>')
                if chance.random() < 0.05:
                    note += 1
                    words.append(
                        f'<sup><a epub:type="noteref" id="r{note}" href="#n{note}">{note}</a></sup>'
                    )
                    notes.append(
                        f'<aside epub:type="footnote" id="n{note}"><p>{note}. '
                        f"{' '.join(chance.choices(WORDS, k=12))}</p></aside>"
                    )
                text = " ".join(words)
                lines.append(f"<p>{text.replace('Ahab', '<i>Ahab</i>')}.</p>")
                size += len(text)
                since += len(text)
            book.writestr(f"OEBPS/c{number}.xhtml", _page(title, "\n".join(lines + notes)))
        nav = f'<nav epub:type="toc"><ol>{"".join(entries)}</ol></nav>'
        nav += f'<nav epub:type="page-list"><ol>{"".join(pages)}</ol></nav>'
        book.writestr("OEBPS/nav.xhtml", _page("Contents", nav))
        book.writestr("OEBPS/book.opf", _opf(chapters))
    return buffer.getvalue()


def _page(title: str, body: str) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml" '
        'xmlns:epub="http://www.idpf.org/2007/ops"><head><title>'
        f"{title}</title></head><body>{body}</body></html>"
    )


def _opf(chapters: int) -> str:
    kind = 'media-type="application/xhtml+xml"'
    items = "".join(f'<item id="c{n}" href="c{n}.xhtml" {kind}/>' for n in range(1, chapters + 1))
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(1, chapters + 1))
    return (
        '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>The Whale</dc:title>'
        "<dc:creator>H. M.</dc:creator></metadata><manifest>"
        f'<item id="nav" href="nav.xhtml" properties="nav" {kind}/>{items}</manifest>'
        f"<spine>{spine}</spine></package>"
    )


def kept(data: bytes, text: str) -> float:
    """The share of visible characters that the text has as often."""
    package = Package(data)
    book = book_of(package)
    page = Visible()
    for part in book.parts:
        if part.path != book.nav:
            page.feed(package.read(part.path).decode("utf-8", "replace"))
            page.reset()
    wanted = Counter(character for each in page.parts for character in each if each.strip())
    for each in (wanted, found := Counter(text)):
        for space in [key for key in each if key.isspace() or key in "\u00ad\u200b"]:
            del each[space]
    return 1 - sum((wanted - found).values()) / max(1, wanted.total())


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("books", nargs="*", type=Path)
    parser.add_argument("--peer", help="an interpreter that has markitdown")
    parser.add_argument("--repeat", type=int, default=5)
    asked = parser.parse_args()
    books = {path.name: path.read_bytes() for path in asked.books} or {"made.epub": made()}
    tokenizer = tokenizer_for("deepseek-v4")
    print("| book | characters | CPU s | kept | marks | peer CPU s |\n|---|---|---|---|---|---|")
    for name, data in books.items():
        best = 1e9
        for _ in range(asked.repeat):
            begin = time.process_time()
            extract = fitting(EPUB.read(Material(name, data), Options(), lambda done, total: None))
            best = min(best, time.process_time() - begin)
        shown = body(Document(name, extract.text, extract.anchors))
        counts = tokenizer.count_batch([shown, extract.text])
        marks = 1 - counts[1] / max(1, counts[0])
        print(
            f"| {name} | {len(extract.text):,} | {best:.2f} | {kept(data, extract.text):.2%} "
            f"| {marks:.2%} | {_peer(asked.peer, data)} |"
        )


def _peer(python: str | None, data: bytes) -> str:
    if python is None:
        return ""
    path = Path("made-for-the-peer.epub")
    path.write_bytes(data)
    try:
        said = subprocess.run(
            [python, "-c", PEER, str(path)], capture_output=True, text=True, check=False
        )
    finally:
        path.unlink()
    return f"{float(said.stdout.split()[0]):.2f}" if said.returncode == 0 else "fails"


if __name__ == "__main__":
    main()

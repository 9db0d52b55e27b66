"""Long PDF files for the benchmarks: dense text of our own, and pages of real files repeated.

Not a command. The same arguments give the same file.
"""

from __future__ import annotations

import random
from io import BytesIO
from typing import TYPE_CHECKING

import pypdfium2

if TYPE_CHECKING:
    from pathlib import Path

LINES = 46
WORDS = 13
PAGE_WIDTH, PAGE_HEIGHT = 612, 792

_SYLLABLES = "ba de fi go lu ma ne po ri su ta ve con dis per pre tion ment ing er".split()


def dense(pages: int) -> bytes:
    """A book of `pages` pages of small print, some 3,500 characters each, with an outline, running
    headers, page numbers and divided words."""
    chance = random.Random(pages)
    vocabulary = ["".join(chance.choices(_SYLLABLES, k=chance.randint(1, 4))) for _ in range(4_000)]
    objects = [b"<< /Type /Catalog /Pages 2 0 R /Outlines 4 0 R >>", b"", b"", b""]
    objects[2] = b"<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman >>"
    kids, marks = [], []
    for number in range(pages):
        drawn = [_shown(72, 760, 9, "The Collected Deeds"), _shown(300, 30, 9, str(number + 1))]
        y = 730
        if number % 20 == 0:
            drawn.append(_shown(72, y, 18, f"Chapter {number // 20 + 1}"))
            y -= 30
        for line in range(LINES - (2 if number % 20 == 0 else 0)):
            words = chance.choices(vocabulary, k=WORDS)
            if line % 9 == 4:
                words[-1] = words[-1][:3] + "-"
            drawn.append(_shown(72, y - 14 * line, 10, " ".join(words)))
        body = "\n".join(drawn).encode()
        objects.append(b"<< /Length %d >>\nstream\n" % len(body) + body + b"\nendstream")
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents %d 0 R"
            b" /Resources << /Font << /F 3 0 R >> >> >>" % (PAGE_WIDTH, PAGE_HEIGHT, len(objects))
        )
        kids.append(len(objects))
        if number % 20 == 0:
            marks.append((f"Chapter {number // 20 + 1}", len(objects)))
    listed = b" ".join(b"%d 0 R" % kid for kid in kids)
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (pages, listed)
    first = len(objects) + 1
    for number, (title, page) in enumerate(marks):
        following = b"/Next %d 0 R" % (first + number + 1) if number + 1 < len(marks) else b""
        objects.append(
            b"<< /Title (%s) /Parent 4 0 R /Dest [%d 0 R /Fit] %s >>"
            % (title.encode(), page, following)
        )
    objects[3] = b"<< /Type /Outlines /First %d 0 R /Last %d 0 R >>" % (first, len(objects))
    return _file(objects)


def _shown(x: int, y: int, size: int, text: str) -> str:
    return f"BT /F {size} Tf 1 0 0 1 {x} {y} Tm ({text}) Tj ET"


def _file(objects: list[bytes]) -> bytes:
    out = BytesIO()
    out.write(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n" % number + body + b"\nendobj\n")
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    out.write(trailer % (len(objects) + 1, start))
    return out.getvalue()


def repeated(files: list[Path], pages: int) -> bytes:
    """The pages of these files over and over, each time with objects of their own."""
    made = pypdfium2.PdfDocument.new()
    opened = [pypdfium2.PdfDocument(file) for file in files]
    while len(made) < pages:
        for document in opened:
            room = min(len(document), pages - len(made))
            if room > 0:
                made.import_pages(document, list(range(room)))
    out = BytesIO()
    made.save(out)
    return out.getvalue()

"""PDF files for tests: pages of words at places, in Helvetica, with what hangs around them.

Follows ISO 32000-1 no further than the tests need.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO

WIDTH, HEIGHT = 612, 792


@dataclass
class MadePage:
    """One page; places in points from its bottom left corner."""

    drawn: list[str] = field(default_factory=list)
    turned: int = 0
    annotations: list[str] = field(default_factory=list)
    content: bytes | None = None
    """Instead of what is drawn."""

    def write(
        self, x: float, y: float, text: str, size: float = 10, *, bold: bool = False
    ) -> MadePage:
        safe = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        font = "F2" if bold else "F1"
        self.drawn.append(f"BT /{font} {size} Tf 1 0 0 1 {x} {y} Tm ({safe}) Tj ET")
        return self

    def lines(
        self, x: float, y: float, texts: list[str], size: float = 10, pitch: float = 12
    ) -> MadePage:
        """Lines below each other, the first at y."""
        for number, text in enumerate(texts):
            self.write(x, y - number * pitch, text, size)
        return self

    def picture(self) -> MadePage:
        """A grey square, as an inline image."""
        self.drawn.append("q 200 0 0 200 100 300 cm BI /W 1 /H 1 /CS /G /BPC 8 /F /AHx ID 7F> EI Q")
        return self


@dataclass
class MadePDF:
    """A file to be."""

    pages: list[MadePage] = field(default_factory=list)
    title: str = ""
    labels: str = ""
    """The /Nums of the page labels, such as `0 << /S /r >> 2 << /S /D >>`."""
    outline: list[tuple[str, int, int]] = field(default_factory=list)
    """Title, page from 0, depth."""
    files: dict[str, bytes] = field(default_factory=dict)

    def page(self) -> MadePage:
        self.pages.append(MadePage())
        return self.pages[-1]

    def data(self) -> bytes:
        """The file."""
        objects: list[bytes] = [b""] * 4

        def add(body: str | bytes) -> int:
            objects.append(body.encode("latin-1") if isinstance(body, str) else body)
            return len(objects)

        fonts = [
            add(f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>")
            for name in ("Helvetica", "Helvetica-Bold")
        ]
        kids, fields = [], []
        for page in self.pages:
            stream = page.content
            if stream is None:
                stream = "\n".join(page.drawn).encode("cp1252")
            content = add(stream_of(stream))
            annotations = [add(each) for each in page.annotations]
            fields += [
                number
                for number, each in zip(annotations, page.annotations, strict=True)
                if "/Widget" in each
            ]
            kids.append(
                add(
                    f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}]"
                    f" /Rotate {page.turned} /Contents {content} 0 R"
                    f" /Annots [{references(annotations)}] /Resources << /Font <<"
                    f" /F1 {fonts[0]} 0 R /F2 {fonts[1]} 0 R >> >> >>"
                )
            )
        catalog = ["/Type /Catalog /Pages 2 0 R"]
        if self.labels:
            catalog.append(f"/PageLabels << /Nums [{self.labels}] >>")
        if self.outline:
            catalog.append(f"/Outlines {self._outline(kids, objects)} 0 R")
        if self.files:
            names = ""
            for name, body in self.files.items():
                held = add(stream_of(body, "/Type /EmbeddedFile"))
                spec = add(
                    f"<< /Type /Filespec /F ({name}) /UF ({name}) /EF << /F {held} 0 R >> >>"
                )
                names += f"({name}) {spec} 0 R "
            catalog.append(f"/Names << /EmbeddedFiles << /Names [{names}] >> >>")
        if fields:
            catalog.append(f"/AcroForm << /Fields [{references(fields)}] >>")
        objects[0] = f"<< {' '.join(catalog)} >>".encode()
        objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{references(kids)}] >>".encode()
        objects[2] = f"<< /Title ({self.title}) >>".encode("latin-1")
        objects[3] = b"null"
        return file_of(objects)

    def _outline(self, kids: list[int], objects: list[bytes]) -> int:
        """The number of the outline's root; depths may only grow by one."""
        root = len(objects) + 1
        objects.append(b"")
        first = len(objects) + 1
        above: list[int] = []
        numbers = [first + index for index in range(len(self.outline))]
        parents, children = {}, dict[int, list[int]]()
        for number, (_, _, depth) in zip(numbers, self.outline, strict=True):
            above = [*above[:depth], number]
            parents[number] = above[-2] if depth else root
            children.setdefault(parents[number], []).append(number)
        for number, (title, page, _) in zip(numbers, self.outline, strict=True):
            siblings = children[parents[number]]
            place = siblings.index(number)
            said = [f"/Title ({title}) /Parent {parents[number]} 0 R"]
            said.append(f"/Dest [{kids[page]} 0 R /Fit]")
            if place:
                said.append(f"/Prev {siblings[place - 1]} 0 R")
            if place + 1 < len(siblings):
                said.append(f"/Next {siblings[place + 1]} 0 R")
            if below := children.get(number):
                said.append(f"/First {below[0]} 0 R /Last {below[-1]} 0 R /Count {len(below)}")
            objects.append(f"<< {' '.join(said)} >>".encode("latin-1"))
        top = children[root]
        objects[root - 1] = (
            f"<< /Type /Outlines /First {top[0]} 0 R /Last {top[-1]} 0 R >>".encode()
        )
        return root


def references(numbers: list[int]) -> str:
    return " ".join(f"{number} 0 R" for number in numbers)


def stream_of(body: bytes, said: str = "") -> bytes:
    return f"<< {said} /Length {len(body)} >>\nstream\n".encode() + body + b"\nendstream"


def file_of(objects: list[bytes]) -> bytes:
    """Objects 1, 2, ... as a file whose catalog is the first and whose information the third."""
    out = BytesIO()
    out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(f"{number} 0 obj\n".encode() + body + b"\nendobj\n")
    start = out.tell()
    out.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode())
    out.writelines(f"{place:010} 00000 n \n".encode() for place in places)
    out.write(f"trailer << /Size {len(objects) + 1} /Root 1 0 R /Info 3 0 R >>\n".encode())
    out.write(f"startxref\n{start}\n%%EOF\n".encode())
    return out.getvalue()


def locked(data: bytes, password: str, algorithm: str = "RC4-128") -> bytes:
    """The file encrypted, by pypdf."""
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(BytesIO(data)))
    writer.encrypt(password, algorithm=algorithm)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


PROSE = (
    "The tenant shall keep the premises in good repair and shall not alter them without consent"
    " of the landlord which is not to be withheld where the work is minor and leaves the building"
    " as it was found on the day on which this agreement was signed by both of the parties named"
    " above and the rent is paid on the first day of each month into the account that the landlord"
    " has named"
).split()


def prose(count: int, width: int = 60, start: int = 0) -> list[str]:
    """So many lines of running text of about that many characters."""
    made: list[str] = []
    at = start
    while len(made) < count:
        line = ""
        while len(line) < width - 6:
            line += ("" if not line else " ") + PROSE[at % len(PROSE)]
            at += 1
        made.append(line)
    return made

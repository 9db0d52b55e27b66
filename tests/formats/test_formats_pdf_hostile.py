"""PDF files that are damaged, forged or endless end in a text or in a reason."""

from __future__ import annotations

import random
import zlib
from typing import TYPE_CHECKING

import pytest
from formats.made_pdf import MadePage, MadePDF, file_of, locked, prose, stream_of
from formats.test_formats_pdf import long_file, read, refused
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from longctx.corpus import Document, Omission, Reason
from longctx.formats import Material, Options, Refused
from longctx.formats.extracting import Extraction
from longctx.formats.packing import fitting
from longctx.formats.pdf import PDF
from longctx.formats.unread import Unread

if TYPE_CHECKING:
    from collections.abc import Mapping


class DictMemo(dict[bytes, bytes]):
    """A memo in memory: the test double of one on disk."""

    def put(self, items: Mapping[bytes, bytes]) -> None:
        self.update(items)


def ends_well(data: bytes) -> None:
    """Reading ends in an extract that keeps the bounds of every format, or in a reason."""
    try:
        extract = PDF.read(Material("odd.pdf", data), Options(), lambda done, total: None)
    except Refused as error:
        assert error.reason in Reason
        return
    fit = fitting(extract)
    assert fit.text or fit.inner
    for anchor in fit.anchors:
        assert anchor.kind != "page" or anchor.start == 0 or fit.text[anchor.start - 1] == "\n"


def whole() -> bytes:
    pdf = MadePDF(
        title="Whole",
        labels="0 << /S /r >>",
        outline=[("One", 0, 0), ("Two", 1, 1), ("Three", 1, 0)],
        files={"a.txt": b"attached"},
    )
    pdf.page().lines(72, 740, ["One", *prose(12)])
    page = pdf.page().lines(72, 740, ["Two", *prose(12)]).picture()
    page.annotations = ["<< /Type /Annot /Subtype /Widget /FT /Tx /T (f) /V (v) /Rect [0 0 9 9] >>"]
    return pdf.data()


WHOLE = whole()


@settings(
    max_examples=150,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=12))
def test_a_file_with_bytes_changed_ends_well(changes: list[tuple[int, int]]) -> None:
    data = bytearray(WHOLE)
    for place, value in changes:
        data[place] = value
    ends_well(bytes(data))


def test_a_file_with_stretches_moved_or_cut_ends_well() -> None:
    chance = random.Random(4)
    for _ in range(120):
        a, b, c = sorted(chance.randrange(len(WHOLE)) for _ in range(3))
        ends_well(WHOLE[:a] + chance.choice([b"", WHOLE[b:c], WHOLE[a:b] * 2]) + WHOLE[b:])


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.99])
def test_a_file_that_ends_early_ends_well(share: float) -> None:
    ends_well(WHOLE[: int(len(WHOLE) * share)])


def test_what_is_no_pdf_is_damaged() -> None:
    assert refused(b"%PDF-1.7\nnothing more").reason is Reason.DAMAGED
    assert refused(b"").reason is Reason.DAMAGED


def test_without_its_table_of_objects_a_file_is_still_read() -> None:
    pdf = MadePDF()
    pdf.page().write(72, 700, "Still here.")
    assert read(pdf.data().partition(b"xref")[0]).text == "Still here.\n"


def test_a_tree_of_pages_that_leads_back_to_itself_ends() -> None:
    kids = "/Kids [2 0 R 4 0 R]"
    ends_well(
        file_of(
            [
                b"<< /Type /Catalog /Pages 2 0 R >>",
                f"<< /Type /Pages /Count 100000 {kids} >>".encode(),
                b"<< /Title (Loop) >>",
                b"<< /Type /Pages /Count 9 /Parent 2 0 R /Kids [4 0 R 2 0 R] >>",
            ]
        )
    )


def test_an_outline_that_leads_back_to_itself_ends() -> None:
    data = WHOLE.replace(b"/Title (Three)", b"/Title (Three) /First 99 0 R".replace(b"99", b"10"))
    ends_well(data)
    pdf = MadePDF(outline=[("A", 0, 0), ("B", 0, 0)])
    pdf.page().write(72, 700, "A")
    looped = pdf.data().replace(b"/Title (B)", b"/Next 8 0 R /Title (B)")
    assert read(looped).text == "A\n"


def test_a_page_of_endless_text_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("longctx.formats.pdf.pdfium.LONGEST", 1_000)
    pdf = MadePDF()
    pdf.page().lines(72, 700, prose(50))
    extract = read(pdf.data())
    assert 900 < len(extract.text) < 1_010
    assert [(each.reason, each.part) for each in extract.left] == [(Reason.LIMIT, "p. 1")]


def test_a_stream_that_grows_without_end_ends_well() -> None:
    page = MadePage()
    pdf = MadePDF([page])
    body = zlib.compress(b"BT /F1 10 Tf 72 700 Td (x) Tj ET " + b" " * 60_000_000)
    page.content = b"@"
    data = pdf.data().replace(stream_of(b"@"), stream_of(body, "/Filter /FlateDecode"), 1)
    ends_well(data)


def test_pages_after_the_last_that_is_read_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("longctx.formats.pdf.gathering.MOST_PAGES", 5)
    monkeypatch.setattr("longctx.formats.pdf.joining.MOST_PAGES", 5)
    extract = read(long_file(9))
    assert sum(each.kind == "page" for each in extract.anchors) == 5
    assert extract.left[-1].detail == "9 pages, of which the first 5 are read"


def test_when_time_is_up_the_rest_of_the_pages_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("longctx.formats.pdf.gathering.PATIENCE", -1.0)
    error = refused(long_file(3))
    assert (error.reason, error.detail) == (
        Reason.LIMIT,
        "reading the pages before takes too long",
    )


def test_a_file_that_pdfium_refuses_is_read_by_pypdf(monkeypatch: pytest.MonkeyPatch) -> None:
    from longctx.formats.pdf.pdfium import Opened, Unopenable

    def refuse(self: Opened, data: bytes, passwords: object = ()) -> None:
        raise Unopenable

    pdf = MadePDF()
    pdf.page().lines(72, 700, ["Read by pypdf."])
    pdf.page().lines(72, 700, ["Twice."])
    data, secret = pdf.data(), locked(pdf.data(), "word")
    monkeypatch.setattr(Opened, "__init__", refuse)
    extract = read(data)
    assert extract.text == "Read by pypdf.\nTwice.\n"
    assert [each.label for each in extract.anchors] == ["1", "2"]
    assert refused(secret).reason is Reason.LOCKED
    assert read(secret, passwords=("word",)).text == extract.text


def test_a_page_that_pdfium_fails_on_is_read_by_pypdf(monkeypatch: pytest.MonkeyPatch) -> None:
    import pypdfium2.raw as pdfium

    load = pdfium.FPDF_LoadPage
    monkeypatch.setattr(
        pdfium, "FPDF_LoadPage", lambda document, number: load(document, number) if number else None
    )
    assert read(long_file(2)).text.startswith("ACME Lease\n")


def test_worker_processes_read_long_files_in_pieces_and_broken_ones_as_omissions() -> None:
    long, damaged = long_file(150), b"%PDF-1.7\nnothing more"
    files = {
        "long.pdf": long,
        "damaged.pdf": damaged,
        "locked.pdf": locked(long_file(1), "word"),
        "short.pdf": long_file(1),
    }
    told: list[tuple[str, int, int]] = []
    memo = DictMemo()
    with Extraction(
        memo, Options(), progress=lambda *each: told.append(each), workers=2
    ) as extraction:
        found = list(
            extraction.documents(
                Unread(name, "longctx.formats.pdf:PDF", data) for name, data in files.items()
            )
        )
    documents = {each.path: each for each in found if isinstance(each, Document)}
    reasons = {each.path: each.reason for each in found if isinstance(each, Omission)}
    assert set(documents) == {"long.pdf", "short.pdf"}
    assert reasons["damaged.pdf"] is Reason.DAMAGED
    assert reasons["locked.pdf"] is Reason.LOCKED
    assert reasons["long.pdf"] is Reason.RUNNING
    assert documents["long.pdf"].text == read(long).text
    assert ("long.pdf", 150, 150) in told
    assert len(memo) == 2

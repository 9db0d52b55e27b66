"""PDF: pages that are pictures, read by tesseract where it is installed."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from formats.made_pdf import MadePDF
from formats.test_formats_pdf import read, refused

from longctx.corpus import Reason
from longctx.formats import Left

if TYPE_CHECKING:
    from pathlib import Path

FAKE = """#!/bin/sh
# A test double of tesseract: says what kind of picture it was given.
if [ "$1" = --list-langs ]; then echo "List:"; echo osd; echo deu; echo eng; exit 0; fi
head -c 2; echo; echo " languages: $4"; cat > /dev/null
"""


def with_a_picture() -> bytes:
    pdf = MadePDF()
    pdf.page().write(72, 700, "Printed text.")
    pdf.page().picture()
    return pdf.data()


def put(folder: Path, program: str) -> None:
    (folder / "tesseract").write_text(program)
    (folder / "tesseract").chmod(0o755)


def test_without_the_program_the_page_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert read(with_a_picture(), ocr=True).left == (
        Left(Reason.SCANNED, "p. 2", "install tesseract to have it read"),
    )


def test_what_the_program_says_is_marked_as_recognised(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    put(tmp_path, FAKE)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    extract = read(with_a_picture(), ocr=True)
    assert extract.text == (
        "Printed text.\n[text recognised on a picture of this page]\nP5\nlanguages: eng+deu\n"
    )
    assert [extract.text[each.start :][:6] for each in extract.anchors] == ["Printe", "[text "]
    assert extract.left == ()


@pytest.mark.parametrize(
    ("program", "detail"),
    [
        ("#!/bin/sh\nexit 3\n", "tesseract failed with status 3"),
        ("#!/bin/sh\ncat >/dev/null\n", "tesseract finds no text on it"),
        ("#!/nowhere/sh\n", "tesseract cannot be run: No such file or directory"),
    ],
)
def test_a_program_that_fails_leaves_the_page_out(
    program: str, detail: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    put(tmp_path, program)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert read(with_a_picture(), ocr=True).left == (Left(Reason.SCANNED, "p. 2", detail),)


def test_a_program_that_takes_too_long_is_ended(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    put(tmp_path, '#!/bin/sh\n[ "$1" = --list-langs ] || exec sleep 60\n')
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr("longctx.formats.pdf.pictures.SECONDS", 0.2)
    (left,) = read(with_a_picture(), ocr=True).left
    assert left.detail.startswith("recognising it takes over")


def test_a_picture_as_large_as_a_house_is_drawn_within_bounds(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    put(tmp_path, '#!/bin/sh\n[ "$1" = --list-langs ] || head -c 30 | head -n 1\n')
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    data = with_a_picture().replace(b"[0 0 612 792]", b"[0 0 14400 9999]")
    _, width, height, _ = read(data, ocr=True).text.splitlines()[2].split()
    assert 30_000_000 < int(width) * int(height) <= 36_000_000


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not installed")
def test_tesseract_reads_a_page_without_a_text_layer() -> None:
    pdf = MadePDF()
    letters = pdf.page()
    letters.drawn = [strokes(72, 600)] * 60
    text = read(pdf.data(), ocr=True).text
    assert text.startswith("[text recognised on a picture of this page]\n")
    assert "HILT" in text


def strokes(x: float, y: float) -> str:
    """HILT in thick lines."""
    lines = [
        (0, 0, 0, 60), (40, 0, 40, 60), (0, 30, 40, 30),
        (70, 0, 70, 60),
        (100, 0, 100, 60), (100, 0, 140, 0),
        (180, 0, 180, 60), (155, 60, 205, 60),
    ]  # fmt: skip
    drawn = " ".join(f"{x + a} {y + b} m {x + c} {y + d} l" for a, b, c, d in lines)
    return f"8 w {drawn} S"


def test_a_file_of_pictures_without_the_program_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    pdf = MadePDF()
    pdf.page().picture()
    error = refused(pdf.data(), ocr=True)
    assert (error.reason, error.detail) == (Reason.SCANNED, "install tesseract to have it read")

"""Reading pages that are pictures, with tesseract where the machine has it.

What may live here: the picture of a page, the program that reads it, and its limits. What must
never be known here: what is done with the lines. Nothing is downloaded: tesseract reads the
languages that are installed with it.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pypdfium2.raw as pdfium

from longctx.formats.pdf.pages import Line

if TYPE_CHECKING:
    from longctx.formats.pdf.pdfium import Sheet

RESOLUTION = 300
"""Pixels an inch."""
MOST_PIXELS = 36_000_000
"""Of one picture, about three times those of an A4 page; larger pages are drawn coarser."""
SECONDS = 120.0
"""For one page, by the clock."""
MOST_LANGUAGES = 4
PROGRAM = "tesseract"


class Recogniser:
    """Reads pictures of pages."""

    def __init__(self) -> None:
        self._program = shutil.which(PROGRAM)
        self._languages: str | None = None

    def lines(self, sheet: Sheet) -> tuple[list[Line], str]:
        """The lines on the page, without places; and why there are none."""
        if self._program is None:
            return [], "install tesseract to have it read"
        picture = _drawn(sheet)
        if picture is None:
            return [], "it cannot be drawn"
        try:
            done = subprocess.run(
                [self._program, "stdin", "stdout", *self._chosen()],
                input=picture,
                capture_output=True,
                timeout=SECONDS,
                check=False,
                env={**os.environ, "OMP_THREAD_LIMIT": "1"},
            )
        except subprocess.TimeoutExpired:
            return [], f"recognising it takes over {SECONDS:.0f} s"
        except OSError as error:
            return [], f"tesseract cannot be run: {error.strerror}"
        if done.returncode:
            return [], f"tesseract failed with status {done.returncode}"
        texts = done.stdout.decode("utf-8", "replace").splitlines()
        lines = [Line(text, 0, 0, 0, 0, 0) for text in map(str.strip, texts) if text]
        return lines, "" if lines else "tesseract finds no text on it"

    def _chosen(self) -> list[str]:
        """English first, and a few of the other languages that are installed."""
        if self._languages is None:
            self._languages = "+".join(_installed(str(self._program)))
        return ["-l", self._languages] if self._languages else []


def _installed(program: str) -> list[str]:
    try:
        said = subprocess.run(
            [program, "--list-langs"], capture_output=True, timeout=10, check=False
        ).stdout.decode("utf-8", "replace")
    except (OSError, subprocess.TimeoutExpired):
        return []
    names = {line.strip() for line in said.splitlines()[1:]} - {"osd", "equ", "snum", ""}
    return sorted(names, key=lambda name: (name != "eng", name))[:MOST_LANGUAGES]


def _drawn(sheet: Sheet) -> bytes | None:
    """The page in grey as a PGM file (https://netpbm.sourceforge.net/doc/pgm.html)."""
    scale = RESOLUTION / 72
    area = sheet.width * sheet.height
    if area <= 0:
        return None
    scale = min(scale, (MOST_PIXELS / area) ** 0.5)
    width, height = int(sheet.width * scale), int(sheet.height * scale)
    if not (1 <= width <= 32_000 and 1 <= height <= 32_000):
        return None
    buffer = ctypes.create_string_buffer(b"\xff" * (width * height), width * height)
    bitmap = pdfium.FPDFBitmap_CreateEx(
        width, height, pdfium.FPDFBitmap_Gray, ctypes.cast(buffer, ctypes.c_void_p), width
    )
    if not bitmap:
        return None
    try:
        flags = pdfium.FPDF_GRAYSCALE | pdfium.FPDF_ANNOT
        pdfium.FPDF_RenderPageBitmap(bitmap, sheet.handle, 0, 0, width, height, 0, flags)
    finally:
        pdfium.FPDFBitmap_Destroy(bitmap)
    return b"P5 %d %d 255\n" % (width, height) + buffer.raw

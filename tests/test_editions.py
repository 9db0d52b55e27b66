"""The editions of the sample texts are what the script makes of those texts."""

import io
import zipfile
from pathlib import Path

import pypdfium2
import pytest

from scripts.sample_documents.blocks import CORPORA, Edition, editions
from scripts.sample_documents.docx import docx
from scripts.sample_documents.epub import epub
from scripts.sample_documents.pdf import pdf

EDITIONS = editions()
KEPT = CORPORA / "editions"


def members(data: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


def pages(data: bytes) -> list[str]:
    with pypdfium2.PdfDocument(data) as document:
        return [page.get_textpage().get_text_range() for page in document]


@pytest.mark.parametrize("edition", EDITIONS, ids=[edition.name for edition in EDITIONS])
def test_an_edition_is_what_its_script_makes(edition: Edition) -> None:
    for kind, made in (("docx", docx(edition)), ("epub", epub(edition))):
        kept = Path(KEPT / kind / f"{edition.name}.{kind}").read_bytes()
        assert members(made) == members(kept), f"{kind}: run python -m scripts.sample_documents"
    kept = Path(KEPT / "pdf" / f"{edition.name}.pdf").read_bytes()
    # How well zlib packs differs between machines; what stands on the pages must not.
    assert pages(pdf(edition)) == pages(kept), "run python -m scripts.sample_documents"

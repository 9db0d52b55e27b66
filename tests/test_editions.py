"""The editions of the sample texts are what the script makes of them, and answer as they do."""

import io
import json
import re
import zipfile
from pathlib import Path

import pypdfium2
import pytest

from longctx.api.places import Places
from longctx.api.sources import load
from longctx.corpus import Corpus
from longctx.excerpts import excerpts_for
from longctx.recall import Index
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


def questions(name: str) -> list[dict[str, str]]:
    return [
        json.loads(line) for line in (CORPORA / f"{name}.questions.jsonl").read_text().splitlines()
    ]


def folded(text: str) -> str:
    """White space, emphasis and what stands between cells aside."""
    return " ".join(re.sub(r"[*|\s]+", " ", text).split())


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Places:
    folder = tmp_path_factory.mktemp("places")
    return Places(folder / "cache", folder / "data")


@pytest.mark.parametrize("kind", ["pdf", "docx", "epub"])
@pytest.mark.parametrize(
    ("name", "files"), [("contract", ("agreement", "amendment-1")), ("handbook", ("handbook",))]
)
def test_an_edition_answers_as_the_text_does(
    kind: str, name: str, files: tuple[str, ...], places: Places
) -> None:
    text = load([str(CORPORA / name)], places).corpus
    every = load([str(KEPT / kind)], places).corpus
    edition = Corpus.of(each for each in every if each.path.rpartition(".")[0] in files)
    asked = questions(name)
    whole = [folded(document.text) for document in edition]
    missing = [each["id"] for each in asked if not any(folded(each["gold"]) in t for t in whole)]
    assert missing == [], "what answers a question stands in every edition"
    quoted = {
        which: sum(
            any(folded(each["gold"])[:60] in folded(found.text) for found in excerpts)
            for each in asked
            for excerpts in [excerpts_for(each["question"], index).excerpts]
        )
        for which, index in (("text", Index.of(text)), (kind, Index.of(edition)))
    }
    assert quoted[kind] >= 0.9 * quoted["text"]

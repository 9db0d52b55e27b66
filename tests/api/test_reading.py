"""Files that are more than text are read on the way, and how far that is, is told."""

from pathlib import Path

import pytest

from longctx.api.places import Places
from longctx.api.reading import Reading, Watch
from longctx.api.sources import load
from longctx.corpus import Document, Omission, Reason
from longctx.errors import LoadError
from longctx.formats import Options
from longctx.formats.unread import Unread
from longctx.loaders import Selection

EDITIONS = Path(__file__).parents[2] / "sample_corpora" / "editions"


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "cache", tmp_path / "data")


def test_progress_is_told_and_ended(places: Places) -> None:
    lines: list[str] = []
    loaded = load([str(EDITIONS / "pdf")], places, progress=lines.append)
    assert len(loaded.corpus) == 3
    assert lines[-1] == ""
    assert all(line.startswith("reading: ") for line in lines[:-1])


def test_pages_are_told_until_a_file_is_done() -> None:
    lines: list[str] = []
    with Watch(lines.append) as watch:
        watch._next = 0.0
        watch.reads("a.pdf", 3, 9)
        watch._next = 0.0
        watch.reads("a.pdf", 9, 9)
        watch._next = 0.0
        watch.saw(1)
    assert lines == [
        "reading: 0 documents; a.pdf: 3 of 9 pages",
        "reading: 0 documents",
        "reading: 1 document",
        "",
    ]


def test_text_needs_no_reader(places: Places) -> None:
    text = Document("a.txt", "text")
    with Reading(places, Options(), lambda path, done, total: None) as reading:
        assert list(reading.documents([text])) == [text]
    assert not places.texts.exists()


def test_what_cannot_be_read_is_an_omission(places: Places) -> None:
    damaged = Unread("a.pdf", "longctx.formats.pdf:PDF", b"%PDF-1.7\nand no more")
    with Reading(places, Options(), lambda path, done, total: None) as reading:
        found = reading.document(damaged)
    assert isinstance(found, Omission)
    assert found.reason is Reason.DAMAGED


def test_nothing_to_read_says_why(places: Places, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7\nand no more")
    with pytest.raises(LoadError, match="damaged"):
        load([str(tmp_path / "a.pdf")], places)


def test_limits_follow_the_kind_of_file(places: Places, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.txt").write_text("x" * 2_000)
    (folder / "b.txt").write_text("x")
    (folder / "a.html").write_text("<!doctype html><html><body><p>" + "x" * 2_000)
    loaded = load([str(folder)], places, Selection(max_bytes=1_000, max_document_bytes=9_000))
    assert [document.path for document in loaded.corpus] == ["a.html", "b.txt"]

"""A file's format follows from its name, the kind of source, and for some from its first bytes."""

from importlib import metadata

import pytest

from longctx.formats.recognising import (
    GROUP,
    PACKED,
    PLAIN,
    Shelf,
    advice_for,
    ending_of,
    format_of,
    release_of,
    strangers_format,
)
from longctx.formats.worker import load


@pytest.mark.parametrize("reader", sorted({*PACKED.values(), *PLAIN.values()}))
def test_every_reader_is_there(reader: str) -> None:
    assert callable(load(reader).read)


def test_ours_are_registered_like_a_strangers() -> None:
    registered = {point.name: point.value for point in metadata.entry_points(group=GROUP)}
    ours = {ending: reader for ending, reader in (PACKED | PLAIN).items() if "." not in ending}
    assert {k: v for k, v in registered.items() if v.startswith("longctx.")}.items() <= ours.items()
    assert set(registered.values()) >= set(ours.values())


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("a.PDF", "pdf"),
        ("dir.d/a", ""),
        (".docx", ""),
        ("a.tar.gz", "tar.gz"),
        ("a.gz", "gz"),
        ("a.b/c.Tar.XZ", "tar.xz"),
        ("", ""),
    ],
)
def test_endings(name: str, ending: str) -> None:
    assert ending_of(name) == ending


def test_markup_in_a_repository_is_what_people_edit() -> None:
    for name in ("a.html", "a.csv", "a.eml", "a.zip", "a.srt"):
        assert format_of(name, Shelf.CODE) is None
        assert format_of(name, Shelf.FILES) is not None
    for name in ("a.pdf", "a.docx", "a.ipynb"):
        assert format_of(name, Shelf.CODE) == format_of(name, Shelf.FILES) is not None


def test_some_formats_are_told_by_their_first_bytes() -> None:
    assert format_of("lease", Shelf.CODE, b"%PDF-1.7") == PACKED["pdf"]
    assert format_of("letter.txt", Shelf.CODE, b"{\\rtf1\\ansi") == PACKED["rtf"]
    assert format_of("lease", Shelf.CODE, b"PK\3\4") is None


def test_what_is_not_read_says_what_to_do() -> None:
    assert advice_for("a.doc") == "save it as .docx"
    assert "name it by itself" in (advice_for("x/a.zip") or "")
    assert advice_for("a.exe") is None


def test_strangers_are_told_apart_by_release() -> None:
    assert strangers_format("a.pdf") is None
    assert release_of(PACKED["pdf"]) == ""
    assert release_of("nobody:HERE") == ""

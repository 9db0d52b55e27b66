"""Archives hand on their regular files, say what else is in them, and unpack only so much."""

from __future__ import annotations

import gzip
import io
import lzma
import os
import stat
import tarfile
import time
import zipfile
import zlib
from typing import TYPE_CHECKING, Literal

import pytest
from formats.extracts import mutated, read

from longctx.corpus import Document, Omission, Reason
from longctx.formats import Extract, NotThis, Refused
from longctx.formats.archives import TAR, ZIP
from longctx.formats.extracting import Extraction
from longctx.formats.recognising import Shelf
from longctx.formats.unread import Unread
from longctx.loaders.reading import document, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from longctx.formats.unread import Item

MODES: list[Literal["w", "w:gz", "w:bz2", "w:xz"]] = ["w", "w:gz", "w:bz2", "w:xz"]


def zipped(members: Mapping[str, bytes], compress: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compress) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def tarred(
    members: Mapping[str, bytes | tarfile.TarInfo],
    mode: Literal["w", "w:gz", "w:bz2", "w:xz"] = "w",
) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name, data in members.items():
            if isinstance(data, tarfile.TarInfo):
                archive.addfile(data)
                continue
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


def told(extract: Extract) -> dict[str, Reason]:
    return {each.part: each.reason for each in extract.left}


def test_files_come_with_their_folders() -> None:
    members = {"a.txt": b"A", "b/c.pdf": b"%PDF-", "b/d/": b"", "ü/é.txt": b"E", "e\\f.txt": b"F"}
    extract = read(ZIP, zipped(members))
    assert extract.text == ""
    assert {each.name: each.data for each in extract.inner} == {
        "a.txt": b"A", "b/c.pdf": b"%PDF-", "ü/é.txt": b"E", "e/f.txt": b"F",
    }  # fmt: skip
    assert extract.left == ()


@pytest.mark.parametrize("mode", MODES)
def test_tar_in_all_its_wrappings(mode: Literal["w", "w:gz", "w:bz2", "w:xz"]) -> None:
    extract = read(TAR, tarred({"a.txt": b"A" * 5000, "b/c.txt": b"C"}, mode))
    assert {each.name: each.data for each in extract.inner} == {
        "a.txt": b"A" * 5000, "b/c.txt": b"C",
    }  # fmt: skip


def test_what_systems_leave_in_archives_is_passed_by() -> None:
    names = ["__MACOSX/._a.txt", "x/.DS_Store", ".git/config", "x/.git/HEAD", "x/._b", "a.txt"]
    for extract in (
        read(ZIP, zipped(dict.fromkeys(names, b"x"))),
        read(TAR, tarred(dict.fromkeys(names, b"x"))),
    ):
        assert [each.name for each in extract.inner] == ["a.txt"]
        assert extract.left == ()


def test_names_that_lead_out_twice_or_nowhere() -> None:
    names = [
        "../up.txt",
        "/etc/passwd",
        "a/../../b",
        "C:\\x",
        "ok\x1b[31m.txt",
        "x" * 5000,
        "./fine",
    ]
    extract = read(TAR, tarred(dict.fromkeys(names, b"x")))
    assert [each.name for each in extract.inner] == ["ok\\x1b[31m.txt", "fine"]
    assert set(told(extract).values()) == {Reason.UNREADABLE}
    assert len(extract.left) == 5
    with pytest.warns(UserWarning, match="Duplicate"):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("a", b"1")
            archive.writestr("a", b"2")
    extract = read(ZIP, buffer.getvalue())
    assert [each.data for each in extract.inner] == [b"1"]
    assert told(extract) == {"a": Reason.UNREADABLE}


def test_links_and_devices() -> None:
    extract = read(
        TAR,
        tarred(
            {
                "a": special("soft", tarfile.SYMTYPE, "/etc/passwd"),
                "b": special("hard", tarfile.LNKTYPE, "kept.txt"),
                "c": special("fifo", tarfile.FIFOTYPE),
                "d": special("disk", tarfile.BLKTYPE),
                "kept.txt": b"x",
            }
        ),
    )
    assert [each.name for each in extract.inner] == ["kept.txt"]
    assert told(extract) == {
        "soft": Reason.LINK, "hard": Reason.LINK, "fifo": Reason.SPECIAL, "disk": Reason.SPECIAL,
    }  # fmt: skip
    link, fifo = zipfile.ZipInfo("link"), zipfile.ZipInfo("fifo")
    link.external_attr, fifo.external_attr = (stat.S_IFLNK | 0o777) << 16, stat.S_IFIFO << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr(fifo, "")
    assert told(read(ZIP, buffer.getvalue())) == {"link": Reason.LINK, "fifo": Reason.SPECIAL}


def test_locked_and_damaged_members_cost_themselves() -> None:
    data = bytearray(zipped({"a.txt": b"A" * 100, "b.txt": b"B" * 100}, zipfile.ZIP_STORED))
    data[data.index(b"A" * 100)] ^= 1
    extract = read(ZIP, bytes(data))
    assert [each.name for each in extract.inner] == ["b.txt"]
    assert told(extract) == {"a.txt": Reason.DAMAGED}
    data = bytearray(zipped({"a.txt": b"A", "b.txt": b"B"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert told(read(ZIP, bytes(data))) == {"a.txt": Reason.LOCKED}


def renamed(head: bytes, name: bytes) -> bytes:
    """A header of a member under another name of the same length, its sum made right."""
    data = bytearray(name + head[len(name) :])
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data)
    return bytes(data)


def test_bombs_stop_early() -> None:
    begin = time.process_time()
    extract = read(ZIP, zipped({"a.txt": b"A", "bomb": bytes(30_000_000)}))
    assert told(extract) == {"bomb": Reason.LIMIT}
    assert [each.name for each in extract.inner] == ["a.txt"]
    sparse = tarfile.TarInfo("huge")
    sparse.size = 1 << 40
    head = sparse.tobuf(tarfile.GNU_FORMAT)
    for name in (b"huge", b"../x", b".git"):
        data = tarred({"a.txt": b"A"})[:1024] + renamed(head, name) + bytes(5000)
        extract = read(TAR, data)
        assert told(extract) == {"end": Reason.LIMIT}
        assert [each.name for each in extract.inner] == ["a.txt"]
    member = tarfile.TarInfo("zeros")
    member.size = 600_000_000
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    wrapped = packer.compress(member.tobuf())
    wrapped += b"".join(packer.compress(bytes(1 << 20)) for _ in range(600)) + packer.flush()
    assert set(told(read(TAR, wrapped)).values()) == {Reason.LIMIT}
    assert time.process_time() - begin < 15


def test_all_files_together_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("longctx.formats.gathering.LARGEST_TOTAL", 1000)
    noise = {name: os.urandom(400) for name in "abc"}
    for extract in (read(ZIP, zipped(noise)), read(TAR, tarred(noise))):
        assert [each.name for each in extract.inner] == ["a", "b"]
        assert told(extract) == {"c": Reason.LIMIT}


def test_more_files_than_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("longctx.formats.gathering.MOST_MEMBERS", 10)
    members = {f"{number}.txt": b"x" for number in range(30)}
    for extract in (read(ZIP, zipped(members)), read(TAR, tarred(members))):
        assert len(extract.inner) == 10
        assert told(extract) == {"end": Reason.LIMIT}


def test_a_hundred_thousand_entries_take_no_time() -> None:
    data = zipped({str(number): b"" for number in range(100_000)}, zipfile.ZIP_STORED)
    begin = time.process_time()
    extract = read(ZIP, data)
    assert len(extract.inner) == 10_000
    assert time.process_time() - begin < 6


@pytest.mark.parametrize("data", [b"", b"text", b"PK", b"text " * 1000])
def test_other_files_are_no_archives(data: bytes) -> None:
    for format in (ZIP, TAR):
        with pytest.raises(NotThis):
            read(format, data)
    with pytest.raises(Refused, match="cut off, or no archive"):
        read(TAR, gzip.compress(b"text " * 1000))


def test_empty_and_cut_off_archives_say_so() -> None:
    for format, data in ((ZIP, zipped({})), (TAR, tarred({}))):
        with pytest.raises(Refused, match="no files"):
            read(format, data)
    with pytest.raises(Refused, match="cut off"):
        read(ZIP, zipped({"a": os.urandom(2000)})[:1000])
    noise = {"a": os.urandom(20_000), "b": os.urandom(200_000)}
    for wrap in (bytes, gzip.compress, lzma.compress):
        data = wrap(tarred(noise))
        extract = read(TAR, data[: len(data) // 2])
        assert Reason.DAMAGED in told(extract).values()


def test_damaged_archives() -> None:
    members = {"a.txt": b"A" * 300, "b/c.txt": b"C" * 700}
    for format, data in (
        (ZIP, zipped(members)),
        (TAR, tarred(members)),
        (TAR, tarred(members, "w:gz")),
    ):
        kept = 0
        for broken in mutated(data, 200):
            try:
                kept += bool(read(format, broken).inner)
            except (NotThis, Refused):
                continue
        assert kept > 5


class Forgetful:
    """A memo that keeps nothing."""

    def get(self, key: bytes) -> bytes | None:
        return None

    def put(self, items: Mapping[bytes, bytes]) -> None:
        return None


def opened(path: str, data: bytes) -> Item:
    return document(path, data, Shelf.FILES)


def extracted(path: str, data: bytes) -> tuple[dict[str, str], dict[str, Reason]]:
    """All documents that a file brings through the workers, and what is left out."""
    item = opened(path, data)
    assert isinstance(item, Unread)
    with Extraction(Forgetful(), None, opened, plain, workers=1) as extraction:
        found = list(extraction.documents([item]))
    return (
        {each.path: each.text for each in found if isinstance(each, Document)},
        {each.path: each.reason for each in found if isinstance(each, Omission)},
    )


def test_archives_within_archives_end_somewhere() -> None:
    texts, left = extracted(
        "case.zip",
        zipped({"a.tgz": tarred({"b.zip": zipped({"c.txt": b"deep"}), "d.md": b"D"}, "w:gz")}),
    )
    assert texts == {"case.zip/a.tgz/b.zip/c.txt": "deep", "case.zip/a.tgz/d.md": "D"}
    assert left == {}
    russian = zipped({"x.txt": b"x"})
    for _ in range(8):
        russian = zipped({"in.zip": russian})
    texts, left = extracted("doll.zip", russian)
    assert texts == {}
    assert list(left.values()) == [Reason.LIMIT]


def test_a_bomb_in_layers_costs_seconds_at_most() -> None:
    data = zipped({"0.txt": bytes(30_000_000), "1.txt": b"kept"})
    for _ in range(3):
        data = zipped({f"{number}.zip": data for number in range(4)})
    texts, left = extracted("bomb.zip", data)
    assert len(texts) == len(left) == 4**3
    assert set(texts.values()) == {"kept"}
    assert set(left.values()) == {Reason.LIMIT}


def test_mail_in_an_archive_is_opened() -> None:
    letter = (
        b"From: a@example.org\nSubject: x\nContent-Type: multipart/mixed; boundary=B\n\n"
        b"--B\nContent-Type: text/plain\n\nsee\n--B\nContent-Type: text/html; name=p.html\n"
        b"Content-Disposition: attachment\n\n<html><body><p>Page</body></html>\n--B--\n"
    )
    texts, _ = extracted("case.zip", zipped({"a.eml": letter}))
    assert texts["case.zip/a.eml/attachments/p.html"] == "Page\n"

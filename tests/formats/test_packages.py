"""Zip packages and XML as they are opened: what is let through, and what never is."""

from __future__ import annotations

import io
import warnings
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longctx.corpus import Reason
from longctx.formats import NotThis, Refused, packages
from longctx.formats.markup import parsed
from longctx.formats.packages import Package


def zipped(members: list[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile's own about two members of one name
        for name, data in members:
            file.writestr(name, data)
    return out.getvalue()


def test_members_by_name() -> None:
    package = Package(zipped([("a/b.xml", b"<b/>"), ("c", b"12")]))
    assert package.names() == ("a/b.xml", "c")
    assert package.has("c")
    assert not package.has("d")
    assert package.read("c") == b"12"


def test_what_is_no_package() -> None:
    with pytest.raises(NotThis):
        Package(b"Dear Sir or Madam")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (packages._OLE + b"\0" * 600 + packages._ENCRYPTED, Reason.LOCKED),
        (packages._OLE + b"\0" * 600, Reason.UNSUPPORTED),
        (b"PK\x03\x04 and no more", Reason.DAMAGED),
        (zipped([("a", b"1"), ("a", b"2")]), Reason.DAMAGED),
        (zipped([("../a", b"1")]), Reason.DAMAGED),
        (zipped([("/etc/a", b"1")]), Reason.DAMAGED),
        (zipped([("C:a", b"1")]), Reason.DAMAGED),
        (zipped([("a\\..\\..\\b", b"1")]), Reason.DAMAGED),
    ],
)
def test_what_is_refused_at_once(data: bytes, reason: Reason) -> None:
    with pytest.raises(Refused) as refused:
        Package(data)
    assert refused.value.reason is reason


def test_a_locked_member() -> None:
    data = bytearray(zipped([("a", b"1")]))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(Refused) as refused:
        Package(bytes(data))
    assert refused.value.reason is Reason.LOCKED


def test_too_many_members(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "MOST_MEMBERS", 3)
    with pytest.raises(Refused) as refused:
        Package(zipped([(str(i), b"") for i in range(4)]))
    assert refused.value.reason is Reason.LIMIT


def test_a_bomb_is_not_unpacked_to_its_end() -> None:
    package = Package(zipped([("a", b"\0" * 40_000_000)]))
    with pytest.raises(Refused) as refused:
        package.read("a")
    assert refused.value.reason is Reason.LIMIT


def test_a_member_over_the_limit_that_its_reader_sets() -> None:
    package = Package(zipped([("a", bytes(range(200)))]))
    assert len(package.read("a", limit=200)) == 200
    with pytest.raises(Refused) as refused:
        package.read("a", limit=199)
    assert refused.value.reason is Reason.LIMIT


def test_all_members_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "LARGEST_TOTAL", 5)
    package = Package(zipped([("a", b"123"), ("b", b"456")]))
    assert package.read("a") == b"123"
    with pytest.raises(Refused):
        package.read("b")


def test_a_member_that_lies_about_its_size() -> None:
    data = bytearray(zipped([("a", b"1" * 1000)]))
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = (10).to_bytes(4, "little")
    with pytest.raises(Refused) as refused:
        Package(bytes(data)).read("a")
    assert refused.value.reason is Reason.DAMAGED


def test_missing_and_unusual_members() -> None:
    package = Package(zipped([("a", b"1" * 100)], zipfile.ZIP_LZMA))
    with pytest.raises(Refused) as refused:
        package.read("a")
    assert refused.value.reason is Reason.UNSUPPORTED
    with pytest.raises(Refused) as refused:
        package.read("b")
    assert refused.value.reason is Reason.DAMAGED


@settings(max_examples=150, derandomize=True, deadline=None)
@given(st.integers(0, 230), st.binary(min_size=1, max_size=6))
def test_mutated_packages_are_read_or_refused(place: int, change: bytes) -> None:
    data = bytearray(zipped([("a.xml", b"<a>" + b"text " * 20 + b"</a>"), ("b", b"12")]))
    data[place : place + len(change)] = change
    try:
        package = Package(bytes(data))
        for name in package.names():
            package.read(name)
    except (Refused, NotThis):
        pass


def test_elements_without_comments() -> None:
    root = parsed(b"<?xml version='1.0'?><!DOCTYPE a><a><!-- no --><b>x</b></a>")
    assert root.tag == "a"
    assert [child.tag for child in root] == ["b"]


_BOMB = (
    b'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    b'<a x="&c;">&c;</a>'
)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (_BOMB, Reason.DAMAGED),
        (_BOMB.decode().encode("utf-16"), Reason.DAMAGED),
        (
            '<?xml version="1.0" encoding="utf-32"?>'.encode("utf-32")
            + _BOMB.decode().encode("utf-32-le"),
            Reason.DAMAGED,
        ),
        (b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', Reason.DAMAGED),
        (b"<a><b></a>", Reason.DAMAGED),
        (b"", Reason.DAMAGED),
        (b"\xff\xfe\x00", Reason.DAMAGED),
        (b"<a>" * 201 + b"</a>" * 201, Reason.LIMIT),
        (b"<a>" * 30_000 + b"</a>" * 30_000, Reason.LIMIT),
    ],
)
def test_xml_that_is_refused(data: bytes, reason: Reason) -> None:
    with pytest.raises(Refused) as refused:
        parsed(data)
    assert refused.value.reason is reason


def test_too_many_elements(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("longctx.formats.markup.MOST_NODES", 10)
    with pytest.raises(Refused) as refused:
        parsed(b"<a>" + b"<b c='d'/>" * 10 + b"</a>")
    assert refused.value.reason is Reason.LIMIT


def test_an_external_document_type_is_not_fetched() -> None:
    assert parsed(b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a>x</a>').text == "x"

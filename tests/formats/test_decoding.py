"""Bytes become text by the rule in `decoding.py`, and nothing else happens to them."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longctx.corpus import Reason
from longctx.formats.decoding import NotText, decode

ENGLISH = "The quick brown fox jumps over the lazy dog.\r\nAnd again.\n" * 3
BINARY = NotText(Reason.BINARY)


@given(st.binary(max_size=2000))
def test_never_raises(data: bytes) -> None:
    found = decode(data)
    assert isinstance(found, NotText) or found.encode("utf-8") is not None


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=500))
def test_utf8_comes_back_as_it_was(text: str) -> None:
    assert decode(text.encode()) == text.removeprefix("\ufeff")


@pytest.mark.parametrize("text", ["", "a", "\n", "\r\n", "a\rb\r\nc\n", "\t\x0c\x1b[31mred\x1b[0m"])
def test_line_ends_and_layout_are_kept(text: str) -> None:
    assert decode(text.encode()) == text


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_decides_and_goes(encoding: str) -> None:
    text = ENGLISH + "naïve 中文 😀\n"
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("mark", "encoding"), [(b"\xfe\xff", "utf-16-be"), (b"\xff\xfe", "utf-16-le")]
)
def test_both_byte_orders(mark: bytes, encoding: str) -> None:
    assert decode(mark + "中文 text".encode(encoding)) == "中文 text"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_unmarked_utf16_is_believed_when_it_is_plain_english(encoding: str) -> None:
    assert decode(ENGLISH.encode(encoding)) == ENGLISH
    assert decode((ENGLISH * 1000).encode(encoding)) == ENGLISH * 1000
    assert decode("short".encode(encoding)) == BINARY
    assert isinstance(decode(("中文的文本" * 20).encode(encoding)), NotText)


def test_western_text_without_utf8() -> None:
    assert decode("Café für Ångström, tout près.\n".encode("latin-1")).__class__ is str
    assert decode("Café für Ångström, tout près.\n".encode("latin-1")) == (
        "Café für Ångström, tout près.\n"
    )
    quoted = "He said “no” and left – for good, I think.\n"
    assert decode(quoted.encode("cp1252")) == quoted
    gap = b"plain text with one odd byte \x81 in the middle of it\n"
    assert decode(gap) == gap.decode("latin-1")


def test_another_alphabet_is_not_garbled() -> None:
    russian = "Съешь же ещё этих мягких французских булок.\n"
    assert decode(russian.encode("koi8-r")) == NotText(Reason.UNDECODABLE)
    assert decode("これは日本語の文章です。".encode("shift-jis")) == NotText(Reason.UNDECODABLE)


def test_a_damaged_byte_costs_one_sign_not_the_file() -> None:
    data = ("Größe und Länge: äöü\n" * 50).encode()
    assert decode(data[:100] + b"\xff" + data[100:]) == (
        data[:100].decode() + "\ufffd" + data[100:].decode()
    )


def test_a_nul_deep_in_a_text_is_not_enough() -> None:
    text = "x" * 79 + "\n"
    data = (text * 250).encode() + b"\0" + (text * 250).encode()
    assert decode(data) == data.decode()


@pytest.mark.parametrize(
    "data",
    [
        b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0",
        b"abc\0def",
        b"\0" * 100,
        bytes(range(32)) * 10,
        b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + random.Random(1).randbytes(500),
        random.Random(2).randbytes(50_000),
    ],
)
def test_binary(data: bytes) -> None:
    assert decode(data) == BINARY

"""Tables as text: kept as they are, with the places of rows."""

from __future__ import annotations

import pytest
from formats.made_office import extract, labels
from hypothesis import given
from hypothesis import strategies as st

from longctx.corpus import Reason
from longctx.formats import Left, NotThis
from longctx.formats.csv import CSV


def test_rows_are_kept_and_marked() -> None:
    text = "".join(f"{row};x\n" for row in range(1, 53))
    found = extract(CSV, b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert found.text == text
    assert labels(found, "row") == [("1", 0), ("26", 0), ("51", 0)]
    assert [found.text[each.start :].split(";")[0] for each in found.anchors] == ["1", "26", "51"]


def test_a_row_over_several_lines_counts_once() -> None:
    row = 'a,"first\nsecond ""quoted""\n"\n'
    found = extract(CSV, (row * 30).encode(), rows=26)
    assert labels(found, "row") == [("1", 0), ("26", 0)]
    assert found.text == row * 26
    assert found.left == (Left(Reason.LIMIT, "rows after 26", "26 of 30 rows are shown"),)


def test_a_quote_that_never_closes_joins_nothing() -> None:
    found = extract(CSV, b'5" pipe,1\nb,2\n' + b"c,3\n" * 30)
    assert labels(found, "row") == [("1", 0), ("26", 0)]


def test_encodings() -> None:
    assert extract(CSV, "ä\tб\n".encode("utf-16")).text == "ä\tб\n"
    for data in ("ä;b\n".encode("cp1252"), b"a\0b\n"):
        with pytest.raises(NotThis):
            extract(CSV, data)
    assert extract(CSV, b"").text == ""


@given(st.text(st.characters(exclude_characters="\0\r", codec="utf-8"), max_size=80))
def test_nothing_is_lost(text: str) -> None:
    text = text.removeprefix("\ufeff")
    found = extract(CSV, text.encode())
    assert found.text == (text if text.endswith("\n") or not text else text + "\n")

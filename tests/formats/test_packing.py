"""Extracts survive the pipe as they are, and stay within their bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longctx.corpus import Anchor, Reason
from longctx.formats import Extract, Left, Material, Options
from longctx.formats.packing import (
    LABEL,
    Unpackable,
    fitting,
    options_as_json,
    options_of,
    packed,
    unpacked,
)

texts = st.text(st.characters(codec="utf-8"), max_size=60)
anchors = st.builds(
    Anchor, st.integers(0, 80), st.sampled_from(["page", "clause"]), texts, st.integers(0, 3)
)
extracts = st.builds(
    Extract,
    texts,
    st.lists(anchors, max_size=5).map(tuple),
    st.lists(
        st.builds(Left, st.sampled_from(Reason), texts, texts, st.none() | st.integers(0)),
        max_size=3,
    ).map(tuple),
    st.lists(st.builds(Material, texts, st.binary(max_size=9)), max_size=3).map(tuple),
)


@given(extracts)
def test_an_extract_is_read_as_it_was_written(extract: Extract) -> None:
    assert unpacked(packed(extract)) == extract


@given(st.binary(max_size=200))
def test_other_bytes_are_no_extract(data: bytes) -> None:
    with pytest.raises(Unpackable):
        unpacked(data + b"\xff\xff\xff\xff")


@given(extracts, st.text(max_size=30))
def test_what_fits_is_clean(extract: Extract, more: str) -> None:
    wild = Extract(extract.text + more + "\r\n\0\ud800" + more, extract.anchors)
    found = fitting(wild)
    assert not set(found.text) & set("\r\0\ud800\x0b\x0c\u2028\u2029\x85")
    found.text.encode()
    starts = [anchor.start for anchor in found.anchors]
    assert starts == sorted(starts)
    assert all(0 <= start <= len(found.text) for start in starts)
    assert all(0 < len(a.label) <= LABEL and a.label == a.label.strip() for a in found.anchors)
    assert fitting(found) == found


@given(st.lists(st.sampled_from(["\r\n", "\r", "\n", "ab", "\u2028"]), max_size=12))
def test_anchors_stay_where_they_were(parts: list[str]) -> None:
    text, places = "", []
    for part in parts:
        if part == "ab":
            places.append(len(text))
        text += part
    found = fitting(Extract(text, tuple(Anchor(place, "page", "1") for place in places)))
    assert [found.text[a.start : a.start + 2] for a in found.anchors] == ["ab"] * len(places)


@given(st.lists(texts, max_size=2), st.booleans(), st.booleans(), st.integers(1, 9))
def test_options_are_read_as_they_were_written(
    passwords: list[str], ocr: bool, revisions: bool, rows: int
) -> None:
    options = Options(tuple(passwords), ocr, revisions, rows)
    assert options_of(options_as_json(options)) == options

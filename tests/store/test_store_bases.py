"""Bases: all parts or none, mapped, safe to remove, and never behind a link."""

import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store.keeping_turns import opened

from longctx.store import Store, StoreError

DIGEST = bytes(range(32))


def read(store: Store, digest: bytes, part: str) -> bytes | None:
    view = store.frozen(digest, part)
    return None if view is None else bytes(view)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.binary(min_size=1, max_size=64),
    st.dictionaries(
        st.from_regex(r"[a-z0-9][a-z0-9._-]{0,20}", fullmatch=True),
        st.lists(st.binary(max_size=50), max_size=4),
        max_size=4,
    ),
)
def test_what_was_frozen_comes_back_read_only(
    store: Store, digest: bytes, parts: dict[str, list[bytes]]
) -> None:
    store.thaw(digest)
    store.freeze(digest, parts)
    for part, chunks in parts.items():
        view = store.frozen(digest, part)
        assert view is not None
        assert view.readonly
        assert bytes(view) == b"".join(chunks)
    (base,) = (base for base in store.bases() if base.digest == digest)
    assert base.size == sum(len(chunk) for chunks in parts.values() for chunk in chunks)
    store.thaw(digest)
    assert store.frozen(digest, "x") is None
    assert digest not in [base.digest for base in store.bases()]


def test_a_second_writer_is_harmless_and_a_missing_part_is_made_good(store: Store) -> None:
    store.freeze(DIGEST, {"ids": [b"first"]})
    store.freeze(DIGEST, {"ids": [b"other"]})
    view = store.frozen(DIGEST, "ids")
    assert view is not None
    store.freeze(DIGEST, {"ids": [b"first"], "texts": [b"text"]})
    assert read(store, DIGEST, "texts") == b"text"
    assert bytes(view) == b"first"


def test_two_that_freeze_at_once_both_succeed(store: Store, tmp_path: Path) -> None:
    def slow() -> Iterator[bytes]:
        yield b"same"
        with opened(tmp_path / "store") as other:
            other.freeze(DIGEST, {"ids": [b"same", b" bytes"]})
        yield b" bytes"

    store.freeze(DIGEST, {"ids": slow()})
    assert read(store, DIGEST, "ids") == b"same bytes"
    assert [path.name for path in (tmp_path / "store" / "bases").iterdir()] == [DIGEST.hex()]


def test_a_writer_that_fails_leaves_nothing(store: Store, tmp_path: Path) -> None:
    def failing() -> Iterator[bytes]:
        yield b"half"
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        store.freeze(DIGEST, {"whole": [b"x"], "half": failing()})
    assert store.frozen(DIGEST, "whole") is None
    assert store.bases() == ()
    assert list((tmp_path / "store" / "bases").iterdir()) == []


def test_a_thawed_base_stays_readable_where_it_is_mapped(store: Store) -> None:
    content = os.urandom(3_000_000)
    store.freeze(DIGEST, {"ids": [content]})
    view = store.frozen(DIGEST, "ids")
    assert view is not None
    store.thaw(DIGEST)
    store.thaw(DIGEST)
    assert bytes(view) == content
    assert store.frozen(DIGEST, "ids") is None


def test_reading_marks_a_base_as_used_at_most_once_an_hour(store: Store, tmp_path: Path) -> None:
    store.freeze(b"a", {"ids": [b"1"]})
    store.freeze(b"b", {"ids": [b"22"]})
    now = time.time()
    for name, age in (("61", 5000), ("62", 1000)):
        os.utime(tmp_path / "store" / "bases" / name, (now - age, now - age))
    assert [base.digest for base in store.bases()] == [b"b", b"a"]
    recent = store.bases()[0].used
    store.frozen(b"b", "ids")
    assert store.bases()[0].used == recent
    store.frozen(b"a", "ids")
    assert [(base.digest, base.size) for base in store.bases()] == [(b"a", 1), (b"b", 2)]


def test_what_a_killed_writer_left_is_swept_after_an_hour(store: Store, tmp_path: Path) -> None:
    store.freeze(b"a", {"ids": [b"1"]})
    bases = tmp_path / "store" / "bases"
    old, young = bases / ".61.old", bases / ".61.young"
    for left in (old, young):
        left.mkdir()
        (left / "ids").write_bytes(b"half")
    os.utime(old, (1, 1))
    assert len(store.bases()) == 1
    store.freeze(b"b", {"ids": [b"2"]})
    assert not old.exists()
    assert young.exists()


@pytest.mark.parametrize("part", ["", ".", "..", "../x", "a/b", ".hidden", "A", "a\x00", "a\n"])
def test_a_part_cannot_lead_out_of_its_base(store: Store, part: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        store.freeze(DIGEST, {part: [b""]})
    with pytest.raises(ValueError, match="no name"):
        store.frozen(DIGEST, part)
    with pytest.raises(ValueError, match="digest"):
        store.freeze(b"", {"ids": [b""]})


def test_a_planted_link_is_not_followed(store: Store, tmp_path: Path) -> None:
    store.freeze(b"a", {"ids": [b"1"]})
    bases, outside = tmp_path / "store" / "bases", tmp_path / "outside"
    outside.mkdir()
    (outside / "ids").write_bytes(b"secret")
    (bases / DIGEST.hex()).symlink_to(outside)
    with pytest.raises(StoreError, match="move it away"):
        store.frozen(DIGEST, "ids")
    with pytest.raises(StoreError, match="move it away"):
        store.freeze(DIGEST, {"ids": [b"1"], "more": [b"2"]})
    assert [base.digest for base in store.bases()] == [b"a"]
    store.thaw(DIGEST)
    assert [path.name for path in outside.iterdir()] == ["ids"]
    assert not (bases / DIGEST.hex()).is_symlink()
    (bases / "61" / "more").symlink_to(outside / "ids")
    with pytest.raises(StoreError, match="move it away"):
        store.frozen(b"a", "more")


def test_the_folder_of_bases_itself_may_not_be_a_link(store: Store, tmp_path: Path) -> None:
    (tmp_path / "store" / "bases").symlink_to(tmp_path)
    with pytest.raises(StoreError, match="move it away"):
        store.freeze(DIGEST, {"ids": [b"1"]})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["store"]


def test_everything_is_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        folder = tmp_path / "loose"
        folder.mkdir(mode=0o777)
        with opened(folder) as store:
            store.keep("a", {b"k": b"v"})
            store.freeze(DIGEST, {"ids": [b"1"]})
            for path in (folder, *folder.rglob("*")):
                wanted = 0o700 if path.is_dir() else 0o600
                assert stat.S_IMODE(path.stat().st_mode) == wanted, path
    finally:
        os.umask(before)

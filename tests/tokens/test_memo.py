"""The memo keeps bytes, refuses pickles, and never stands in the way."""

import pickle
import sqlite3
import stat
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longctx.prompt import Ids
from longctx.tokens.ledger import Ledger
from longctx.tokens.memo import BytesDisk, DictMemo, DiskMemo, NoMemo, open_memo
from longctx.tokens.remembering import Remembering


class Boom:
    """Unpickled, it would leave a trace."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, tuple[str, ...]]:
        return (Path.touch, (str(self.trace),))


def test_it_remembers_across_processes_lives(tmp_path: Path) -> None:
    first = DiskMemo(tmp_path / "memo")
    first.put({b"key": b"value", b"big": b"x" * 20_000_000})
    first.close()
    second = DiskMemo(tmp_path / "memo")
    assert second.get(b"key") == b"value"
    assert second.get(b"big") == b"x" * 20_000_000
    assert second.get(b"other") is None
    second.close()


def test_the_oldest_entries_go_when_it_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("longctx.tokens.memo.SIZE_LIMIT", 2_000_000)
    memo = DiskMemo(tmp_path / "memo")
    for number in range(60):
        memo.put({bytes([number]): bytes(100_000)})
    assert memo.get(bytes([0])) is None
    assert memo.get(bytes([59])) == bytes(100_000)
    assert sum(path.stat().st_size for path in (tmp_path / "memo").iterdir()) < 6_000_000
    memo.close()


def test_its_folder_is_private(tmp_path: Path) -> None:
    memo = DiskMemo(tmp_path / "a" / "memo")
    assert stat.S_IMODE((tmp_path / "a" / "memo").stat().st_mode) == 0o700
    memo.close()


def test_a_pickle_in_the_database_is_not_run(tmp_path: Path) -> None:
    folder, trace = tmp_path / "memo", tmp_path / "trace"
    memo = DiskMemo(folder)
    memo.put({b"key": b"value"})
    memo.close()
    with sqlite3.connect(folder / "cache.db") as database:
        database.execute(
            "UPDATE Cache SET mode = 4, value = ?", (sqlite3.Binary(pickle.dumps(Boom(trace))),)
        )
    database.close()
    memo = DiskMemo(folder)
    assert memo.get(b"key") is None
    memo.close()
    assert not trace.exists()


@pytest.mark.parametrize("value", ["text", 1, None, [b"x"]])
def test_only_bytes_are_written(tmp_path: Path, value: object) -> None:
    disk = BytesDisk(str(tmp_path))
    with pytest.raises(TypeError):
        disk.store(value, False)
    with pytest.raises(TypeError):
        disk.put(value)


def test_a_damaged_database_is_as_good_as_none(tmp_path: Path) -> None:
    folder = tmp_path / "memo"
    folder.mkdir()
    (folder / "cache.db").write_bytes(b"not a database" * 100)
    memo = open_memo(folder)
    assert isinstance(memo, NoMemo)
    memo.put({b"a": b"b"})
    assert memo.get(b"a") is None


def test_a_folder_that_cannot_be_made_is_as_good_as_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert isinstance(open_memo(tmp_path / "file" / "memo"), NoMemo)


@given(st.dictionaries(st.binary(min_size=32, max_size=32), st.integers(0, 2**32 - 1)))
def test_a_ledger_gives_back_every_count(counts: dict[bytes, int]) -> None:
    memo = DictMemo()
    Ledger(memo, "scope").put(counts)
    assert Ledger(memo, "scope").get(counts) == counts
    assert Ledger(memo, "other").get(counts) == {}


class Counting:
    """A tokenizer that counts how often it is asked."""

    name = "counting"

    def __init__(self) -> None:
        self.asked = 0

    def encode(self, text: str) -> Ids:
        return self.encode_batch([text])[0]

    def encode_batch(self, texts: Sequence[str]) -> list[Ids]:
        self.asked += 1
        return [Ids.of(map(ord, text)) for text in texts]

    def count_batch(self, texts: Sequence[str]) -> list[int]:
        return [len(ids) for ids in self.encode_batch(texts)]


def test_what_was_encoded_is_not_encoded_again() -> None:
    tokenizer, memo = Counting(), DictMemo()
    first = Remembering(tokenizer, memo).encode_batch(["ab", "", "c"])
    again = Remembering(tokenizer, memo).encode_batch(["ab", "", "c"])
    assert first == again == [Ids.of([97, 98]), Ids(), Ids.of([99])]
    assert tokenizer.asked == 1
    Remembering(tokenizer, memo).encode_batch(["ab", "c", ""])
    assert tokenizer.asked == 2

"""A shelf gives back what was put, whatever else was put before, and survives damage."""

from hypothesis import given
from hypothesis import strategies as st

from longctx.tokens import shelf
from longctx.tokens.memo import DictMemo
from longctx.tokens.shelf import Shelf

digests = st.binary(min_size=32, max_size=32).map(lambda d: bytes([d[0] % 3]) + d[1:])
values = st.dictionaries(digests, st.binary(max_size=20), max_size=8)


@given(values, values)
def test_what_was_put_is_found(one: dict[bytes, bytes], two: dict[bytes, bytes]) -> None:
    memo = DictMemo()
    Shelf(memo, "a").put(one)
    Shelf(memo, "a").put(two)
    assert Shelf(memo, "a").get([*one, *two]) == one | two
    assert Shelf(memo, "b").get(one) == {}


@given(values, st.integers(0, 60))
def test_a_damaged_bucket_is_absent(kept: dict[bytes, bytes], end: int) -> None:
    memo = DictMemo()
    Shelf(memo, "a").put(kept)
    for key in memo:
        memo[key] = memo[key][: -1 - end]
    for digest, value in Shelf(memo, "a").get(kept).items():
        assert kept[digest] == value


def test_a_full_bucket_keeps_the_newest() -> None:
    memo, rows = DictMemo(), Shelf(DictMemo(), "a")
    rows = Shelf(memo, "a")
    for number in range(12):
        rows.put({bytes([0, number]) * 16: bytes(shelf.BUCKET_LIMIT // 10)})
    found = rows.get(bytes([0, number]) * 16 for number in range(12))
    assert set(found) == {bytes([0, number]) * 16 for number in range(3, 12)}

"""Small values and records: opaque, replaced, forgotten, and never mixed up."""

from collections import defaultdict
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store.keeping_turns import opened

from longctx.store import Store

keys = st.binary(max_size=3)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "b"]), st.dictionaries(keys, st.binary(max_size=9)))
        | st.tuples(st.sampled_from(["a", "b"]), st.none() | st.sets(keys))
    )
)
def test_the_last_value_of_a_key_is_kept_until_it_is_forgotten(
    store: Store, steps: list[tuple[str, dict[bytes, bytes] | set[bytes] | None]]
) -> None:
    store.forget("a")
    store.forget("b")
    model: dict[str, dict[bytes, bytes]] = {"a": {}, "b": {}}
    for kind, step in steps:
        if isinstance(step, dict):
            store.keep(kind, step)
            model[kind].update(step)
        elif step is None:
            store.forget(kind)
            model[kind].clear()
        else:
            store.forget(kind, step)
            for key in step:
                model[kind].pop(key, None)
    seen = {key for _, step in steps if step for key in step}
    for kind, values in model.items():
        for key in seen:
            assert store.kept(kind, key) == values.get(key)


def test_what_is_forgotten_gives_its_space_back(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        empty = store.size()
        store.keep("ids", {b"k": b"x" * 20_000_000, b"l": b"y" * 20_000_000})
        assert store.kept("ids", b"k") == b"x" * 20_000_000
        assert store.size() > empty + 40_000_000
        store.forget("ids")
        assert store.size() < empty + 100_000


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["s", "s\udcff"]), st.binary(max_size=9), st.integers(1, 5)))
)
def test_each_server_keeps_its_last_records_in_order(
    store: Store, entries: list[tuple[str, bytes, int]]
) -> None:
    model: dict[str, list[tuple[int, bytes]]] = defaultdict(list)
    for server in ("s", "s\udcff"):
        store.erase_records(server)
        assert store.recorded(server) == ()
    last = 0
    for server, entry, keep_last in entries:
        sequence = store.record(server, entry, keep_last)
        assert sequence > last
        last = sequence
        model[server] = [*model[server], (sequence, entry)][-keep_last:]
        assert store.recorded(server) == tuple(model[server])
        assert store.recorded(server, after=sequence - 1) == ((sequence, entry),)

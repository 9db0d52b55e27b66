"""What a person expects of the order, and what holds for any files."""

import hashlib
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longctx.rank import (
    FileFacts,
    Mentions,
    connected,
    graph_packed,
    graph_unpacked,
    heard,
    mentions_in,
    packed,
    ranked,
    scores,
    unpacked,
)
from longctx.rank.graph import popularity
from longctx.rank.packing import Unpackable


def facts(path: str, text: str, *defines: str, keep: int = 1) -> FileFacts:
    return FileFacts(path, len(text), mentions_in(path, text, defines), keep)


LEDGER = facts("src/ledger.py", "def write_entry(x): ...\n" * 40, "write_entry")
PAYMENTS = facts(
    "src/payments.py",
    "from ledger import write_entry\n\n\ndef settle_invoice():\n    write_entry(1)\n" * 20,
    "settle_invoice",
)
REFUNDS = facts("src/refunds.py", "import ledger\nledger.write_entry(2)\n" * 20, "refund")
MAIN = facts("src/main.py", "from payments import settle_invoice\nsettle_invoice()\n" * 20)
TEST = facts("tests/test_main.py", "from main import run\nrun()\n" * 20, "test_run", keep=4)
SMALL = [LEDGER, PAYMENTS, REFUNDS, MAIN, TEST]


def test_what_is_leaned_on_comes_first_and_tests_come_last() -> None:
    order = ranked(SMALL)
    assert order[:2] == ("src/ledger.py", "src/payments.py")
    assert order[-1] == "tests/test_main.py"
    assert sorted(order) == [each.path for each in sorted(SMALL, key=lambda each: each.path)]


def test_a_name_that_many_files_define_says_little() -> None:
    files = [facts(f"a{n}.py", "x" * 2_000, "handler") for n in range(8)]
    special = facts("z.py", "x" * 2_000, "settle_invoice")
    caller = facts("caller.py", "handler() settle_invoice() " * 80)
    assert ranked([*files, special, caller])[0] == "z.py"


def test_an_import_tells_apart_who_is_meant() -> None:
    one = facts("one/config.py", "x" * 2_000, "load_settings")
    two = facts("two/config.py", "x" * 2_000, "load_settings")
    users = [
        facts(f"user{n}.py", "from two.config import load_settings\nload_settings()\n" * 40)
        for n in range(3)
    ]
    order = ranked([one, two, *users])
    assert order.index("two/config.py") < order.index("one/config.py")


def test_names_do_not_cross_languages() -> None:
    script = facts("a.js", "x" * 2_000, "renderPage")
    python = facts("b.py", "renderPage()\n" * 200)
    assert connected([script, python]).rows == ((), ())


def test_tests_have_no_say() -> None:
    often = [
        facts(f"tests/test_{n}.py", "settle_invoice() " * 100, "settle_invoice", keep=4)
        for n in range(9)
    ]
    assert connected([*often, PAYMENTS]).rows == ((),) * 10
    assert not heard(4)
    assert heard(3)


def test_a_long_file_and_an_old_one_need_more() -> None:
    short, long = (FileFacts(name, size) for name, size in (("b", 1_000), ("a", 100_000)))
    assert ranked([long, short]) == ("b", "a")
    old, new = (FileFacts(name, 1_000, age=age) for name, age in (("a", 900.0), ("b", 1.0)))
    assert ranked([old, new]) == ("b", "a")


def test_ties_go_by_path_and_twins_are_refused() -> None:
    assert ranked([FileFacts("b", 1), FileFacts("a", 1)]) == ("a", "b")
    assert ranked([]) == ()
    with pytest.raises(ValueError, match="two files"):
        ranked([FileFacts("a", 1), FileFacts("a", 2)])
    with pytest.raises(ValueError, match="other files"):
        ranked([FileFacts("a", 1)], connected([FileFacts("b", 1)]))


def test_popularity_is_that_of_a_small_graph_by_hand() -> None:
    """Two files lean on a third; it gives back to all."""
    a, b, c = popularity([((2, 1.0),), ((2, 3.0),), ()], [1.0, 1.0, 1.0])
    assert a == b
    assert a + b + c == pytest.approx(3.0)
    # a = 0.2 + 0.8 * c / 3 and c = a + 1.6 * a, solved for a + a + c = 3
    assert a == pytest.approx(3 / 4.6, rel=0.01)


_words = st.sampled_from(["Alpha", "beta_gamma", "delta", "EpsilonZeta", "eta", "theta_iota"])
_imports = st.sampled_from(["./a", "../b", "a", "d/a", "c/d/a", "os", "d", "x/y/z/w/v/u"])
_mentions = st.builds(
    lambda defines, names, imports: Mentions(
        tuple(sorted(defines)), tuple(sorted(names - defines)), tuple(sorted(imports))
    ),
    st.frozensets(_words),
    st.frozensets(_words),
    st.frozensets(_imports),
)
_files = st.dictionaries(
    st.sampled_from(
        ["a.py", "d/a.py", "c/d/a.py", "d/__init__.py", "b.py", "b.js", "d.go", "x.md"]
    ),
    st.tuples(st.integers(0, 10_000), _mentions, st.integers(0, 7)),
    max_size=8,
).map(lambda each: [FileFacts(path, *rest) for path, rest in each.items()])


@settings(max_examples=200, derandomize=True, deadline=None)
@given(_files, st.randoms(use_true_random=False))
def test_any_order_of_arrival_gives_the_same_order(files: list[FileFacts], random: object) -> None:
    shuffled = list(files)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert scores(shuffled) == scores(files)
    assert sorted(ranked(files)) == sorted(each.path for each in files)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(_files, st.lists(st.lists(_mentions, max_size=1), min_size=6, max_size=8))
def test_what_was_known_before_changes_nothing(
    files: list[FileFacts], changes: list[list[Mentions]]
) -> None:
    """With fewer changes than files, the last files are gone."""
    before = connected(files)
    now = [
        FileFacts(each.path, each.size, changed[0], each.keep) if changed else each
        for each, changed in zip(files, changes, strict=False)
    ]
    assert connected(now, before) == connected(now)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(_files)
def test_bytes_round_trip(files: list[FileFacts]) -> None:
    graph = connected(files)
    assert graph_unpacked(graph_packed(graph)) == graph
    for each in files:
        assert unpacked(packed(each.mentions)) == each.mentions


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[1,2,3]",
        b'["a","","",[[7,1.0]]]',
        b'["a","k","",[[0,-1.0]]]',
        b'["","","",[[]]]',
    ],
)
def test_bytes_that_are_no_graph_are_refused(data: bytes) -> None:
    with pytest.raises(Unpackable):
        graph_unpacked(data)
    if data != b'["","","",[[]]]':
        with pytest.raises(Unpackable):
            unpacked(data)


SCRIPT = """
import sys
from longctx.rank import FileFacts, mentions_in, scores
files = []
for n in range(40):
    text = "\\n".join(f"from m{(n * k) % 40} import Thing{(n * k) % 40}" for k in range(2, 9))
    files.append(FileFacts(f"m{n}.py", 1000 + n, mentions_in("x.py", text * 3, [f"Thing{n}"])))
sys.stdout.write(repr(scores(files)))
"""


def test_the_seed_of_hashes_does_not_count() -> None:
    digests = set()
    for seed in ("0", "1", "77"):
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            check=True,
        )
        digests.add(hashlib.sha256(done.stdout).hexdigest())
    assert len(digests) == 1

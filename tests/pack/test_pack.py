"""Never over budget; kept + omitted = all; the same bytes whatever the order of arrival."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import corpora

from longctx import render
from longctx.corpus import Corpus, Document
from longctx.errors import BudgetError
from longctx.pack import Pack, counted, measured, pack, tier_of
from longctx.prompt import Ids
from longctx.tokens import tokenizer_for
from longctx.tokens.memo import DictMemo, Memo, NoMemo

TOKENIZER = tokenizer_for("deepseek-v4")


def choose(corpus: Corpus, budget: int, memo: Memo | None = None) -> Pack:
    memo = NoMemo() if memo is None else memo
    units = counted(corpus, TOKENIZER, memo, budget)
    return pack(corpus, units, budget, TOKENIZER, memo)


def text_of(chosen: Pack) -> str:
    return "".join(segment.text for segment in chosen.segments())


def packed(corpus: Corpus, budget: int) -> Pack | None:
    try:
        return choose(corpus, budget)
    except BudgetError:
        return None


@settings(deadline=None)
@given(corpora, st.integers(1, 4_000))
def test_a_pack_never_exceeds_its_budget(corpus: Corpus, budget: int) -> None:
    chosen = packed(corpus, budget)
    if chosen is None:
        return
    text = text_of(chosen)
    assert chosen.tokens == len(TOKENIZER.encode(text))
    if chosen.shown:
        assert chosen.tokens <= budget


@settings(deadline=None)
@given(corpora, st.integers(1, 4_000))
def test_kept_and_omitted_are_all(corpus: Corpus, budget: int) -> None:
    chosen = packed(corpus, budget)
    if chosen is None:
        return
    kept = [unit.document.path for unit in chosen.shown]
    assert len(set(kept)) == len(kept)
    assert set(kept) <= {document.path for document in corpus}
    left = len(corpus) - len(kept)
    rest = f' left_out="{left}"' if left else ""
    assert chosen.closing.startswith(f'<index documents="{len(kept)}"{rest}')


@settings(deadline=None)
@given(corpora, st.integers(1, 4_000))
def test_counting_no_more_than_is_needed_chooses_the_same(corpus: Corpus, budget: int) -> None:
    memo = DictMemo()
    units = {unit.document.path: unit for unit in measured(corpus, TOKENIZER, NoMemo())}
    one = packed(corpus, budget)
    measured(corpus, TOKENIZER, memo)  # from here on everything is known
    try:
        two = choose(corpus, budget, memo)
    except BudgetError:
        assert one is None
        return
    assert one is not None
    assert one.shown == two.shown
    assert all(unit == units[unit.document.path] for unit in one.shown)


@settings(deadline=None)
@given(corpora, st.integers(1, 4_000), st.randoms())
def test_any_order_of_arrival_gives_the_same_bytes(
    corpus: Corpus, budget: int, chance: random.Random
) -> None:
    arrived = list(corpus)
    chance.shuffle(arrived)
    one, two = packed(corpus, budget), packed(Corpus.of(arrived), budget)
    assert (one is None) == (two is None)
    if one is not None and two is not None:
        assert text_of(one) == text_of(two)


@settings(deadline=None)
@given(corpora)
def test_segments_are_the_text_and_its_ids(corpus: Corpus) -> None:
    chosen = packed(corpus, 1_000_000)
    assert chosen is not None
    segments = list(chosen.segments())
    text = text_of(chosen)
    ids = Ids.joined(segment.ids or Ids() for segment in segments)
    assert ids == TOKENIZER.encode(text), "parts must join where token counts add up"


def corpus_of(sizes: dict[str, int]) -> Corpus:
    return Corpus.of(Document(path, f"{path}\n" + "word " * size) for path, size in sizes.items())


def test_what_matters_least_is_left_out_first() -> None:
    sizes = {
        "src/app.py": 200,
        "tests/test_app.py": 200,
        "vendor/lib.js": 200,
        "package-lock.json": 200,
        "README.md": 200,
    }
    chosen = choose(corpus_of(sizes), 740)
    assert {unit.document.path for unit in chosen.shown} == {
        "README.md",
        "src/app.py",
        "tests/test_app.py",
    }


def test_a_large_document_leaves_room_for_smaller_ones() -> None:
    chosen = choose(corpus_of({"a.py": 5_000, "b.py": 100}), 1_000)
    assert [unit.document.path for unit in chosen.shown] == ["b.py"]


VENDORED = Document("vendor/lib/auth.py", "def verify(token):\n" + "    token += 1\n" * 50)
COPIES = (VENDORED, Document("src/auth.py", VENDORED.text), Document("a/auth.py", VENDORED.text))


def test_a_text_is_shown_once_under_its_best_path() -> None:
    chosen = choose(Corpus.of(COPIES), 10_000)
    assert text_of(chosen).count("def verify") == 1
    assert {unit.document.path: unit.same for unit in chosen.shown} == {
        "a/auth.py": None,
        "src/auth.py": "a/auth.py",
        "vendor/lib/auth.py": "a/auth.py",
    }
    named = '<file id="d1" path="vendor/lib/auth.py" same="a/auth.py"/>\n'
    assert named in text_of(chosen)
    small = [Document(f"{name}.py", "x = 1\n") for name in "ab"]
    assert all(unit.same is None for unit in choose(Corpus.of(small), 10_000).shown)


def test_copies_are_left_out_with_the_text_and_kept_as_long_as_the_best_of_them() -> None:
    others = [Document(f"b{n}.py", f"{n} other words\n" * 60) for n in range(4)]
    corpus = Corpus.of([*COPIES, *others])
    last = {document.path: place for place, document in enumerate(corpus)}
    for best, kept in (("vendor/lib/auth.py", True), ("b0.py", False)):
        places = last | {"a/auth.py": 90, "src/auth.py": 91, "vendor/lib/auth.py": 92, best: -1}
        units = list(counted(corpus, TOKENIZER, NoMemo(), 400, places=places))
        chosen = pack(corpus, units, 450, TOKENIZER, NoMemo())
        shown = {unit.document.path for unit in chosen.shown}
        assert ("a/auth.py" in shown) is kept
        assert shown >= {"a/auth.py", best} if kept else not shown & {d.path for d in COPIES}


def test_a_text_that_is_everywhere_does_not_fill_the_prompt_with_names() -> None:
    copies = [Document(f"lib{n:02}/auth.py", VENDORED.text) for n in range(40)]
    chosen = choose(Corpus.of([*copies, *corpus_of({"z.py": 3_000}).documents]), 2_000)
    assert sum(unit.same is not None for unit in chosen.shown) == 8
    whole = choose(Corpus.of(copies), 10_000)
    assert sum(unit.same is not None for unit in whole.shown) == 39


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(("x" * 500, "y" * 900, "z\n")), max_size=9), st.integers(1, 900))
def test_every_copy_that_is_shown_has_its_text_in_the_prompt(texts: list[str], room: int) -> None:
    corpus = Corpus.of(Document(f"{'ab'[n % 2]}/{n}.py", text) for n, text in enumerate(texts))
    chosen = packed(corpus, room)
    if chosen is None:
        return
    whole = {unit.document.path: unit.document.text for unit in chosen.shown if unit.same is None}
    for unit in chosen.shown:
        assert unit.same is None or whole[unit.same] == unit.document.text
    assert chosen.tokens == len(TOKENIZER.encode(text_of(chosen)))
    assert chosen.tokens <= room or not chosen.shown


def test_nothing_fits_is_an_error_that_says_what_would() -> None:
    with pytest.raises(BudgetError, match="the smallest takes"):
        choose(corpus_of({"a.py": 5_000}), 1_000)


def test_the_index_stays_small() -> None:
    corpus = corpus_of({f"src/module_{n}/part.py": 3 for n in range(300)})
    chosen = choose(corpus, 1_000_000)
    bare = len(TOKENIZER.encode(render.closing(300, 0)))
    assert len(TOKENIZER.encode(chosen.closing)) - bare <= 0.02 * chosen.tokens
    big = choose(corpus_of({f"{n}.py": 3_000 for n in range(9)}), 1_000_000)
    assert "d9 8.py\n" in big.closing


def test_counts_are_the_same_with_and_without_memory() -> None:
    corpus, memo = corpus_of({"a.py": 10, "b.md": 20, "tests/c.py": 30}), DictMemo()
    cold = choose(corpus, 100_000, memo)
    warm = choose(corpus, 100_000, memo)
    edited = Corpus.of([*corpus.documents[:2], Document("tests/c.py", "changed\n")])
    after = choose(edited, 100_000, memo)
    assert cold.shown == warm.shown
    assert after.tokens == choose(edited, 100_000).tokens
    assert len(memo) > 0


@pytest.mark.parametrize(
    ("path", "tier"),
    [
        ("src/auth.py", "SOURCE"),
        ("tests/test_auth.py", "TESTS"),
        ("src/auth_test.go", "TESTS"),
        ("web/app.spec.ts", "TESTS"),
        ("vendor/x/y.c", "VENDORED"),
        ("LICENSE", "VENDORED"),
        ("uv.lock", "GENERATED"),
        ("static/app.min.js", "GENERATED"),
        ("locale/de/django.po", "DATA"),
        ("docs/howto.md", "DOCS"),
        ("README.md", "README"),
        ("CHANGELOG.md", "CONFIG"),
        ("pyproject.toml", "CONFIG"),
        ("latest.py", "SOURCE"),
    ],
)
def test_tiers(path: str, tier: str) -> None:
    assert tier_of(path).name == tier

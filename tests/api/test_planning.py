"""A plan adds up: levels, windows, what a question takes, what it costs."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longctx.api.levels import Levels, leveled, summed
from longctx.api.places import Places
from longctx.api.planning import Plan, Terms, planned
from longctx.api.rates import keep_rate
from longctx.api.speeds import remembered
from longctx.corpus import Corpus, Document
from longctx.engines import Served
from longctx.errors import UsageError
from longctx.pack import measured
from longctx.store import Kept, Store
from longctx.tokens import tokenizer_for
from longctx.tokens.memo import NoMemo

TOKENIZER = tokenizer_for("deepseek-v4")
CODE = "class Berth:\n    '''A berth.'''\n\n    def moor(self, ship):\n" + "        pass\n" * 200


def corpus(**texts: str) -> Corpus:
    return Corpus.of([Document(path, text) for path, text in texts.items()], [])


SMALL = corpus(
    **{"src/berth.py": CODE, "README.md": "# Harbour\n\nHello.\n", "data.bin.txt": "x " * 500}
)


def plan(of: Corpus = SMALL, names: tuple[str, ...] = ("harbour",), **terms: object) -> Plan:
    return planned(names, of, replace(Terms(), **terms), TOKENIZER, NoMemo())  # type: ignore[arg-type]


def test_levels_are_exact_and_in_order() -> None:
    found = {each.path: each.levels for each in leveled(SMALL, TOKENIZER, NoMemo())}
    sizes = {unit.document.path: unit.tokens for unit in measured(SMALL, TOKENIZER, NoMemo())}
    assert {path: levels.full for path, levels in found.items()} == sizes
    berth = found["src/berth.py"]
    assert berth.name == len(TOKENIZER.encode("src/berth.py\n"))
    assert berth.name < berth.outline < berth.full / 5
    # Nothing to outline: the name is what is left.
    plainly = found["data.bin.txt"]
    assert plainly.outline == plainly.name


def test_sources_add_up_to_all() -> None:
    both = corpus(**{"a/x.py": CODE, "a/y.md": "# Y\n", "b/z.py": CODE})
    found = plan(both, ("somewhere/a", "b"))
    assert [source.name for source in found.sources] == ["a", "b"]
    assert summed(found.documents) == found.total
    total = Levels()
    for source in found.sources:
        total = total.plus(source.levels)
    assert total == found.total


def test_what_fits_is_shown_whole() -> None:
    for model in plan().models:
        assert model.whole
        fixed = model.budget.instructions + model.budget.encoding
        assert model.question.shared >= fixed + plan().total.full
        assert model.question.prompt + model.budget.answer < model.model.profile


@settings(max_examples=15, deadline=None)
@given(st.integers(min_value=1, max_value=60))
def test_a_prompt_never_passes_the_window(size: int) -> None:
    text = "word and word again, " * 1_000 * size
    for model in plan(corpus(**{"book.txt": text})).models:
        assert model.question.prompt + model.budget.answer <= model.model.profile
        assert model.whole == model.fits(plan(corpus(**{"book.txt": text})).total.full)


def test_a_setup_that_does_not_hold_it_has_no_times() -> None:
    for model in plan(gpus="1xA100").models:
        assert model.reckoned is not None
        assert not model.reckoned.holds
        assert model.costs.cold_seconds is None
        assert model.costs.day is None
        assert model.holding


def test_speed_and_rent_of_ones_own_count() -> None:
    found = plan(gpus="8xH200", prefill=10_000.0, prefill_source="mine", gpu_hour=2.0, hours=10.0)
    for model in found.models:
        costs = model.costs
        assert model.speed is not None
        assert model.speed.source == "mine"
        assert costs.day is not None
        assert (costs.day.low, costs.day.high) == (160.0, 160.0)
        assert costs.cold_seconds is not None
        assert costs.cold_seconds.low >= model.question.shared / 10_000
        assert costs.pays is not None
        assert costs.pays_uncached is not None


def test_without_a_word_the_cheapest_measured_setup_is_taken() -> None:
    for model in plan().models:
        assert model.reckoned is not None
        assert model.reckoned.holds
        assert model.speed is not None
        assert model.rent is not None


def test_prices_without_a_model_are_refused(tmp_path: Path) -> None:
    own = tmp_path / "mine.toml"
    own.write_text('currency = "EUR"\nchecked = 2026-11-24\n[hosted]\n[rent]\n')
    with pytest.raises(UsageError, match=r"hosted\.flash"):
        plan(prices=own)


def turn(engine: str, prefilled: int | None, seconds: float) -> Kept:
    usage = {"prefilled_tokens": prefilled, "first_token_seconds": seconds}
    facts = json.dumps({"engine": engine, "usage": usage})
    return Kept(0, "", None, "", "q", "a", "", facts, b"", b"", ())


def test_speed_is_remembered_from_turns_that_prefilled_much(tmp_path: Path) -> None:
    places = Places(tmp_path / "cache", tmp_path / "data")
    assert remembered(places) is None
    assert not places.data.exists()
    store = Store.open(places.data)
    session = store.create(("s",), "p", "{}").id
    told = [
        ("sglang", 40_000, 4.0),
        ("sglang", 100_000, 5.0),
        ("sglang", 90_000, 6.0),
        ("sglang", 200, 0.001),
        ("sglang", None, 1.0),
        ("scripted", 90_000, 0.001),
    ]
    parent = None
    for each in told:
        parent = store.append(session, replace(turn(*each), parent=parent)).id
    told_by_turns = remembered(places)
    assert told_by_turns is not None
    assert told_by_turns.speed == 15_000
    served = Served("sglang", "http://gpu:30000")
    keep_rate(store, served, 4_096, 1.0)
    assert remembered(places) == told_by_turns, "a small prefill tells little"
    keep_rate(store, served, 32_768, 2.0)
    timed = remembered(places)
    assert timed is not None
    assert timed.speed == 16_384
    store.close()

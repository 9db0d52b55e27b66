"""The simulated slots of llama.cpp: what the server was seen to do, and what must always hold."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longctx.engines.slots import SET_ASIDE, SlotCache, Slots
from longctx.prompt import Ids

BOTH = [Slots(2, unified=False), Slots(4, unified=True)]


def tokens(count: int, seed: int) -> list[int]:
    chance = random.Random(seed)
    return [chance.randrange(1_000, 100_000) for _ in range(count)]


def asked(cache: SlotCache, *prompts: list[int]) -> list[int]:
    return [cache.ask(Ids.of(prompt)) for prompt in prompts]


A, B = tokens(3_000, 1), tokens(3_000, 2)


@pytest.mark.parametrize("rules", BOTH)
def test_a_slot_keeps_what_both_prompts_begin_with(rules: Slots) -> None:
    prompts = [A + tokens(50, 3), A + tokens(50, 4), A, A, B, A + tokens(50, 5), B + tokens(9, 6)]
    assert asked(SlotCache(rules), *prompts) == [0, 3_000, 2_999, 2_999, 0, 3_000, 3_000]


@pytest.mark.parametrize("rules", BOTH)
def test_a_short_prompt_sets_the_long_one_aside(rules: Slots) -> None:
    cache = SlotCache(rules)
    assert asked(cache, A, A[:20], A + tokens(50, 7)) == [0, 19, 3_000]


@pytest.mark.parametrize("rules", BOTH)
def test_a_part_that_is_less_than_a_tenth_alike_goes_elsewhere(rules: Slots) -> None:
    cache = SlotCache(rules)
    other = A[:200] + tokens(2_800, 8)
    assert asked(cache, A, other, [*A, 5], [*other, 5])[2:] == [3_000, 3_000]


@pytest.mark.parametrize("rules", BOTH)
def test_what_was_generated_is_held_but_for_the_last_token(rules: Slots) -> None:
    cache, answer = SlotCache(rules), tokens(30, 9)
    cache.ask(Ids.of(A), answer)
    assert cache.peek(Ids.of([*A, *answer, 5])) == 3_029


def test_more_prompts_than_slots_are_held_in_memory() -> None:
    for rules in (Slots(1), *BOTH):
        cache = SlotCache(rules)
        prompts = [tokens(1_000, seed) for seed in range(10, 17)]
        asked(cache, *prompts)
        assert asked(cache, *prompts) == [999] * 7


def test_memory_has_an_end() -> None:
    cache = SlotCache(Slots(1))
    half = SET_ASIDE // 2
    prompts = [Ids(bytes([number]) * 4 * half) for number in range(1, 5)]
    for prompt in prompts:
        cache.ask(prompt)
    assert sum(map(len, cache.aside)) == 4 * SET_ASIDE
    assert cache.peek(prompts[0]) == 0
    assert cache.peek(prompts[1]) == half - 1


@pytest.mark.parametrize("rules", BOTH)
def test_a_prefix_is_held_up_to_where_it_ends(rules: Slots) -> None:
    cache = SlotCache(rules)
    assert cache.holds(Ids.of(A)) == 0
    cache.ask(Ids.of(A))
    assert cache.holds(Ids.of(A)) == 3_000
    assert cache.holds(Ids.of(A[:100])) == 100
    assert cache.holds(Ids.of(A + B)) == 3_000


bits = st.lists(st.integers(0, 1), min_size=1, max_size=12)


@given(st.sampled_from(BOTH), st.lists(st.tuples(bits, bits), max_size=12), bits)
def test_an_image_goes_on_as_the_cache_would(
    rules: Slots, requests: list[tuple[list[int], list[int]]], last: list[int]
) -> None:
    cache = rules.empty()
    for prompt, answer in requests:
        assert cache.peek(Ids.of(prompt)) == cache.ask(Ids.of(prompt), answer)
    again = rules.restored(cache.image())
    assert again is not None
    for prompt in (last, *(prompt for prompt, _ in requests)):
        assert again.ask(Ids.of(prompt)) == cache.ask(Ids.of(prompt))


def test_a_damaged_image_or_one_under_other_rules_is_no_image() -> None:
    cache = SlotCache(Slots(2))
    asked(cache, A, B)
    image = cache.image()
    assert Slots(3).restored(image) is None
    assert Slots(2, unified=False).restored(image) is None
    for cut in (0, 3, 10, len(image) - 1):
        assert Slots(2).restored(image[:cut]) is None

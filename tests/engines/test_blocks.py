"""The simulated blocks of vLLM: what the servers were seen to do, and what must always hold."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longctx.engines.blocks import BlockCache, Blocks
from longctx.errors import EngineError
from longctx.prompt import Ids


def tokens(count: int, seed: int) -> list[int]:
    chance = random.Random(seed)
    return [chance.randrange(1_000, 100_000) for _ in range(count)]


def asked(cache: BlockCache, *prompts: list[int]) -> list[int]:
    return [cache.ask(Ids.of(prompt)) for prompt in prompts]


def test_whole_blocks_are_cached_and_one_token_is_always_computed() -> None:
    shared = tokens(3_000, 1)
    first, other = shared + tokens(50, 2), shared + tokens(50, 3)
    seen = asked(BlockCache(Blocks(128)), first, other, first, tokens(3_050, 4))
    assert seen == [0, 2_944, 2_944, 0], "as vLLM 0.32 does"
    exact = tokens(256, 5)
    assert asked(BlockCache(Blocks(128)), exact, exact) == [0, 128]


def test_what_was_generated_is_cached_but_for_the_last_token() -> None:
    cache, prompt, answer = BlockCache(Blocks(16)), tokens(20, 6), tokens(13, 7)
    cache.ask(Ids.of(prompt), answer)
    assert cache.peek(Ids.of(prompt + answer + [5])) == 32
    assert cache.peek(Ids.of(prompt + answer[:-1])) == 16, "32 tokens, of which one is computed"
    shorter = BlockCache(Blocks(16))
    shorter.ask(Ids.of(prompt), answer[:-1])
    assert shorter.peek(Ids.of(prompt + answer + [5])) == 16


def test_the_prompt_longest_unused_loses_its_end_first() -> None:
    cache = BlockCache(Blocks(10, 10))
    first, second, third = tokens(40, 8), tokens(40, 9), tokens(40, 10)
    asked(cache, first, second, third)
    assert cache.holds(Ids.of(first)) == 20, "two blocks were free, two of the first's were taken"
    assert (cache.holds(Ids.of(second)), cache.holds(Ids.of(third))) == (40, 40)


def test_half_filled_blocks_are_free_again_before_anything_is_forgotten() -> None:
    cache = BlockCache(Blocks(10, 6))
    prompts = [tokens(25, seed) for seed in (11, 12)]
    asked(cache, *prompts)
    assert [cache.holds(Ids.of(prompt)) for prompt in prompts] == [20, 20]
    asked(cache, tokens(15, 13))
    assert [cache.holds(Ids.of(prompt)) for prompt in prompts] == [20, 20]


def test_a_prompt_larger_than_the_cache_is_refused() -> None:
    with pytest.raises(EngineError, match="shorten the prompt"):
        BlockCache(Blocks(10, 10)).ask(Ids.of(tokens(101, 1)))


bits = st.lists(st.integers(0, 1), min_size=1, max_size=12)
rules = st.sampled_from([Blocks(1), Blocks(4), Blocks(2, 7), Blocks(3, 5)])


@given(rules, st.lists(st.tuples(bits, bits), max_size=12), bits)
def test_an_image_goes_on_as_the_cache_would(
    rules: Blocks, requests: list[tuple[list[int], list[int]]], last: list[int]
) -> None:
    cache = rules.empty()
    for prompt, answer in requests:
        if rules.count is None or len(prompt) + len(answer) <= rules.count * rules.size:
            assert cache.peek(Ids.of(prompt)) == cache.ask(Ids.of(prompt), answer)
    again = rules.restored(cache.image())
    assert again is not None
    for prompt in (last, *(prompt for prompt, _ in requests)):
        if rules.count is None or len(prompt) <= rules.count * rules.size:
            assert again.ask(Ids.of(prompt)) == cache.ask(Ids.of(prompt))


@given(rules, st.lists(bits, max_size=20))
def test_no_block_is_lost_or_made_twice(rules: Blocks, prompts: list[list[int]]) -> None:
    cache = rules.empty()
    for prompt in prompts:
        if rules.count is None or len(prompt) <= rules.count * rules.size:
            cache.ask(Ids.of(prompt))
    assert sorted(cache.idle) == sorted(block for known in cache.known.values() for block in known)
    if rules.count is not None:
        assert cache.free + len(cache.idle) == rules.count


def test_a_damaged_image_or_one_under_other_rules_is_no_image() -> None:
    cache = BlockCache(Blocks(10))
    cache.ask(Ids.of(range(100)))
    image = cache.image()
    assert Blocks(20).restored(image) is None
    assert Blocks(10, 5).restored(image) is None
    for cut in (0, 3, 10, len(image) - 1):
        assert Blocks(10).restored(image[:cut]) is None

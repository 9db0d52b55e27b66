"""The simulated prefix cache: every row that was measured on real servers, and its invariants."""

import random
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longctx.engines import Request, Served, Usage
from longctx.engines.radix import Radix, RadixCache
from longctx.engines.radix_tree import PLAIN, V4, Rules, rules_of, shared
from longctx.engines.scripted import Scripted
from longctx.errors import EngineError
from longctx.prompt import Effort, Ids

SLIDING = Rules(page=1, window=128, chunk=4_096)


def tokens(count: int, seed: int) -> list[int]:
    chance = random.Random(seed)
    return [chance.randrange(2, 100_000) for _ in range(count)]


A = tokens(20_000, 1)


def asked(cache: RadixCache, *prompts: list[int], answer: int = 20) -> list[int]:
    return [
        cache.ask(Ids.of(prompt), tokens(answer, 900 + number))
        for number, prompt in enumerate(prompts)
    ]


def questions(prefix: list[int], count: int, length: int = 50) -> list[list[int]]:
    return [prefix + tokens(length, 100 + number) for number in range(count)]


def test_an_ordinary_model_caches_to_the_token() -> None:
    prefix = tokens(3_000, 2)
    first, other, unrelated = prefix + tokens(50, 3), prefix + tokens(50, 4), tokens(3_050, 5)
    assert asked(RadixCache(), first, other, first, unrelated) == [0, 3_000, 3_049, 0]


def test_an_ordinary_model_floors_to_its_page() -> None:
    prefix = tokens(3_000, 2)
    first, other = prefix + tokens(50, 3), prefix + tokens(50, 4)
    assert asked(RadixCache(Rules(page=64)), first, other, first) == [0, 2_944, 3_008]


def test_answers_are_cached_but_for_their_last_token() -> None:
    cache, prompt, answer = RadixCache(), tokens(500, 6), tokens(30, 7)
    assert cache.ask(Ids.of(prompt), answer) == 0
    assert cache.ask(Ids.of([*prompt, *answer, 5, 6])) == 529


def test_a_full_pool_evicts_what_was_used_longest_ago() -> None:
    first, second, third = (tokens(400, seed) for seed in (8, 9, 10))
    cache = RadixCache(Rules(pool=1_000))
    assert asked(cache, first, second, first, third, first, answer=0) == [0, 0, 399, 0, 399]
    assert asked(cache, second, answer=0) == [0]


def test_an_answer_is_evicted_before_its_prompt() -> None:
    cache, prompt, answer = RadixCache(Rules(pool=1_000)), tokens(400, 11), tokens(200, 12)
    cache.ask(Ids.of(prompt), answer)
    cache.prime(Ids.of(tokens(500, 13)))
    assert cache.ask(Ids.of([*prompt, *answer])) == 400


def test_a_prompt_larger_than_the_pool_is_refused() -> None:
    with pytest.raises(EngineError, match="shorten the prompt"):
        RadixCache(Rules(pool=100)).prime(Ids.of(tokens(101, 1)))


def test_the_third_question_on_a_cold_prefix_is_the_first_to_hit_it() -> None:
    assert asked(RadixCache(SLIDING), *questions(A, 4)) == [0, 16_384, 20_000, 20_000]


@pytest.mark.parametrize("answer", [0, 1])
def test_after_a_prime_every_question_hits(answer: int) -> None:
    cache = RadixCache(SLIDING)
    assert asked(cache, A, answer=answer) == [0]
    assert asked(cache, *questions(A, 4)) == [20_000] * 4


@pytest.mark.parametrize(("length", "cached"), [(10_000, 8_192), (8_192, 8_192), (12_288, 12_288)])
def test_chunk_ends_stay_live(length: int, cached: int) -> None:
    cache = RadixCache(SLIDING)
    cache.prime(Ids.of(A))
    assert asked(cache, *questions(A[:length], 1)) == [cached]


def test_a_second_turn_hits_all_but_the_last_token_of_the_first_answer() -> None:
    cache, turn, answer = RadixCache(SLIDING), A + tokens(50, 14), tokens(700, 15)
    cache.ask(Ids.of(turn), answer)
    assert asked(cache, turn + answer + tokens(40, 16)) == [len(turn) + 699]


@pytest.mark.parametrize("dropped", [40, 300, 666])
def test_a_turn_without_its_thoughts_hits_the_prompt_before_them(dropped: int) -> None:
    cache, turn, answer = RadixCache(SLIDING), A + tokens(50, 14), tokens(700, 15)
    cache.ask(Ids.of(turn), answer)
    assert asked(cache, turn + answer[dropped:] + tokens(40, 16)) == [len(turn)]


def test_a_growing_prefix_after_a_prime() -> None:
    cache = RadixCache(SLIDING)
    cache.prime(Ids.of(A))
    longer = A + tokens(2_000, 17)
    assert asked(cache, *questions(longer, 3)) == [20_000, 20_000, 22_000]


@pytest.mark.parametrize("primed", [19_968, 20_000])
def test_v4_hits_a_primed_prefix_to_the_page(primed: int) -> None:
    cache = RadixCache(V4)
    cache.prime(Ids.of(A[:primed]))
    assert asked(cache, *questions(A[:primed], 3, 300)) == [19_968] * 3


@pytest.mark.parametrize("length", [300, 1_000])
def test_v4_without_a_prime_needs_two_questions(length: int) -> None:
    assert asked(RadixCache(V4), *questions(A, 3, length)) == [0, 16_384, 19_968]


def test_v4_turns_hit_the_page_floor_of_the_turn_before() -> None:
    cache, turn, answer = RadixCache(V4), A + tokens(300, 18), tokens(700, 19)
    cache.ask(Ids.of(turn), answer)
    assert asked(cache, turn + answer + tokens(40, 20)) == [20_999 // 256 * 256]


def test_an_exact_repeat_recomputes_the_last_page() -> None:
    cache = RadixCache(V4)
    assert [cache.prime(Ids.of(A[:19_968])) for _ in range(2)] == [0, 19_712]


@pytest.mark.parametrize(
    ("ratio", "chunk", "cached"),
    [(0.5, 4_096, 20_000), (0.1, 4_096, 0), (0.1, 2_048, 20_000)],
)
def test_a_small_window_pool_evicts_prefixes(ratio: float, chunk: int, cached: int) -> None:
    pool = 45_000
    cache = RadixCache(replace(SLIDING, chunk=chunk, pool=pool, window_pool=int(ratio * pool)))
    prefixes = [A, tokens(20_000, 21)]
    for prefix in prefixes:
        cache.prime(Ids.of(prefix))
    turns = [prefixes[number % 2] + tokens(50, 100 + number) for number in range(4)]
    assert asked(cache, *turns) == [cached] * 4


def test_rules_that_no_server_has_are_refused() -> None:
    with pytest.raises(ValueError, match="whole number of pages"):
        Rules(page=256, chunk=1_000)
    with pytest.raises(ValueError, match="window pool"):
        Rules(window=128, chunk=4_096, window_pool=4_096)


def test_a_million_tokens_are_predicted_in_a_moment() -> None:
    prompt = random.Random(30).randbytes(4_000_000)
    cache = RadixCache(V4)
    began = time.perf_counter()
    cache.prime(Ids(prompt))
    cold = time.perf_counter() - began
    asked = Ids(prompt + bytes(400))
    began = time.perf_counter()
    assert (cache.peek(asked), cache.ask(asked)) == (999_936, 999_936)
    hit = time.perf_counter() - began
    assert cold < 2.5, "50 ms on an idle machine"
    assert hit < 0.25, "3 ms on an idle machine"


@pytest.mark.parametrize(
    ("served", "rules"),
    [
        (Served("s"), PLAIN),
        (Served("s", page_size=256, chunk=4_096, pool=500_000), Rules(256, None, 4_096, 500_000)),
        (
            Served("s", None, page_size=256, chunk=8_192, sliding_window=128, window_pool=45_056),
            Rules(256, 128, 8_192, None, 45_056),
        ),
        # A window pool smaller than a chunk: less is computed at a time.
        (
            Served("s", chunk=4_096, sliding_window=128, pool=20_000, window_pool=2_000),
            Rules(1, 128, 1_744, 20_000, 2_000),
        ),
        (Served("s", page_size=256, sliding_window=128, window_pool=700), Rules(256, 128)),
        (Served("s", page_size=256, chunk=100), Rules(256, None, 256)),
        (Served("s", window_pool=700), PLAIN),
    ],
)
def test_rules_follow_from_what_a_server_says(served: Served, rules: Rules) -> None:
    assert rules_of(served) == rules


def test_the_scripted_engine_reports_what_the_rules_say() -> None:
    engine = Scripted(["as told"], rules=V4)
    assert rules_of(engine.served()) == V4
    seen = []
    for prompt in questions(A, 3, 300):
        *_, usage = engine.stream(Request(9, Effort.OFF, ids=Ids.of(prompt)))
        assert isinstance(usage, Usage)
        seen.append(usage.cached_tokens)
    assert seen == [0, 16_384, 19_968]


RULES = [
    PLAIN,
    Rules(page=4, chunk=16, pool=120),
    Rules(window=8, chunk=16),
    Rules(page=4, window=8, chunk=16),
    Rules(page=4, window=3, chunk=8, pool=120, window_pool=20),
]


@given(
    st.sampled_from(RULES),
    st.lists(
        st.tuples(
            st.lists(st.integers(0, 1), max_size=60), st.lists(st.integers(0, 1), max_size=40)
        ),
        max_size=12,
    ),
)
def test_a_hit_is_whole_pages_of_what_was_there_and_never_the_whole_prompt(
    rules: Rules, requests: list[tuple[list[int], list[int]]]
) -> None:
    cache, again, there = RadixCache(rules), RadixCache(rules), [b""]
    for prompt, answer in requests:
        ids = Ids.of(prompt)
        foreseen = cache.peek(ids)
        assert cache.peek(ids) == foreseen, "looking changes nothing"
        longer = Ids.of([*prompt, 2])
        assert cache.holds(ids) == cache.peek(longer) or rules.page > 1
        assert cache.holds(ids) <= cache.peek(longer)
        cached = cache.ask(ids, answer)
        assert cached == foreseen
        assert cached == again.ask(ids, answer)
        assert cached <= max(0, len(ids) - 1)
        assert cached % rules.page == 0
        assert cached <= max(shared(ids.data, seen) for seen in there)
        there.append(Ids.of([*prompt, *answer[:-1]]).data)


@given(
    st.lists(st.lists(st.integers(0, 1), max_size=30), max_size=12),
    st.integers(1, 4),
)
def test_without_a_window_or_a_limit_the_hit_is_the_longest_shared_prefix(
    prompts: list[list[int]], page: int
) -> None:
    cache, there = RadixCache(Rules(page=page, chunk=page)), [b""]
    for prompt in prompts:
        ids = Ids.of(prompt)
        longest = max(shared(ids.data, seen) for seen in there)
        assert cache.prime(ids) == min(longest, max(0, len(ids) - 1)) // page * page
        there.append(ids.data[: len(ids) // page * page * 4])


bits = st.lists(st.integers(0, 1), max_size=60)


@given(st.sampled_from(RULES), st.lists(st.tuples(bits, bits), max_size=12), bits)
def test_an_image_goes_on_as_the_cache_would(
    rules: Rules, requests: list[tuple[list[int], list[int]]], last: list[int]
) -> None:
    cache = RadixCache(rules)
    for prompt, answer in requests:
        cache.ask(Ids.of(prompt), answer)
    again = Radix(rules).restored(cache.image())
    assert again is not None
    for prompt in (last, last + last, *(prompt for prompt, _ in requests)):
        if rules.pool is None or len(prompt) <= rules.pool:
            assert again.ask(Ids.of(prompt)) == cache.ask(Ids.of(prompt))


def test_a_damaged_image_or_one_under_other_rules_is_no_image() -> None:
    cache = RadixCache(PLAIN)
    cache.ask(Ids.of(range(100)))
    image = cache.image()
    assert Radix(Rules(page=2, chunk=2)).restored(image) is None
    for cut in (0, 3, 10, len(image) - 1):
        assert Radix().restored(image[:cut]) is None

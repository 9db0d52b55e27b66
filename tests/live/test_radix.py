"""The simulated prefix cache against real servers: the same cached tokens, request for request."""

import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pytest
from live.conftest import installed_or_skip
from live.server.answer import ANSWER
from live.server.running import Server, running_sglang

from longctx.api import Connection
from longctx.engines import Request, Usage
from longctx.engines.radix import RadixCache
from longctx.engines.radix_tree import Rules
from longctx.engines.sglang import SGLang
from longctx.prompt import Effort, Ids
from longctx.tokens import tokenizer_for

STOP = 1
"""DeepSeek's end-of-sentence token, which ends every answer of the live tests' models."""
THOUGHT = 128_822
"""`</think>`, after which the models say their answer."""


class Step(NamedTuple):
    what: str
    ids: Ids
    answers: bool
    """Whether an answer is generated: the model's one sentence."""


def answer() -> list[int]:
    return [*tokenizer_for("deepseek-v4").encode(ANSWER), STOP]


def noise(chance: random.Random, tokens: int) -> list[int]:
    """Ordinary tokens, never BOS: the server's own warm-up has cached that one."""
    return [chance.randrange(1_000, 100_000) for _ in range(tokens)]


def walk(seed: int, steps: int, said: Sequence[int], page: int) -> Iterator[Step]:
    """Questions on shared prefixes, primes, repeats, forks and further turns, mixed by chance."""
    chance = random.Random(seed)
    known = [noise(chance, chance.randint(2_000, 20_000)) for _ in range(3)]
    for _ in range(steps):
        base = chance.choice(known)
        what = chance.choice(("ask", "ask", "ask", "prime", "repeat", "fork", "turn", "new"))
        if what == "new":
            base = noise(chance, chance.randint(1, 3 * page + 3_000))
        elif what == "fork":
            base = base[: chance.randint(1, len(base))]
        elif what == "prime" and chance.random() < 0.5:
            base = base[: max(page, len(base) // page * page)]
        ids = base
        if what in ("ask", "fork", "turn"):
            ids = base + noise(chance, chance.choice((1, 50, 300, 1_000, 3_000)))
        answers = what in ("ask", "turn") or (what in ("fork", "new") and chance.random() < 0.5)
        if answers:
            ids = [*ids, THOUGHT]
        yield Step(what, Ids.of(ids), answers)
        if len(ids) < 20_000:
            known.append([*ids, *said] if what == "turn" else ids)
        if len(known) > 8:
            del known[chance.randrange(len(known))]


def compare(server: Server, rules: Rules, steps: Iterator[Step], said: list[int]) -> None:
    engine, cache = SGLang(Connection(server.base_url)), RadixCache(rules)
    served = engine.served()
    assert served.page_size == rules.page
    wrong = []
    for number, step in enumerate(steps):
        if step.answers:
            request = Request(len(said), Effort.OFF, ids=step.ids, temperature=0.0)
            *_, usage = engine.stream(request)
            assert isinstance(usage, Usage)
            assert (usage.completion_tokens, usage.finish_reason) == (len(said), "stop")
        else:
            usage = engine.prime(Request(0, Effort.OFF, ids=step.ids))
        expected = cache.ask(step.ids, said if step.answers else ())
        if (usage.cached_tokens or 0) != expected:
            wrong.append((number, step.what, len(step.ids), usage.cached_tokens, expected))
    engine.close()
    assert wrong == [], "(step, what, tokens, cached by the server, cached by the simulation)"


@pytest.mark.parametrize("seed", [1, 2])
def test_an_ordinary_model_caches_what_the_plain_rules_say(sglang: Server, seed: int) -> None:
    said = answer()
    compare(sglang, Rules(chunk=4_096), walk(seed, 60, said, 1), said)


SLIDING = {
    "pages of 256": Rules(page=256, window=128, chunk=8_192),
    "pages of 1": Rules(page=1, window=128, chunk=4_096),
}


@pytest.fixture(scope="module", params=SLIDING)
def sliding(request: pytest.FixtureRequest) -> Iterator[tuple[Server, Rules]]:
    installed_or_skip()
    rules = SLIDING[request.param]
    flags = ("--page-size", str(rules.page), "--chunked-prefill-size", str(rules.chunk))
    with running_sglang("swa", (*flags, "--max-total-tokens", "1500000")) as server:
        yield server, rules


@pytest.mark.parametrize("seed", [3, 4])
def test_a_sliding_window_model_caches_what_its_rules_say(
    sliding: tuple[Server, Rules], seed: int
) -> None:
    server, rules = sliding
    said = answer()
    compare(server, rules, walk(seed, 60, said, rules.page), said)

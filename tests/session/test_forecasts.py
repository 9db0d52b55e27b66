"""What a forecast predicts is what a server under the same rules reports."""

import random
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from session.made_prefixes import MemoryLog, lineage_of, prefix_over

from longctx.engines import Request
from longctx.engines.radix import Radix, RadixCache
from longctx.engines.radix_tree import PLAIN, V4, Rules
from longctx.engines.scripted import Scripted
from longctx.prompt import Effort, Ids
from longctx.session.forecasts import PICTURE_EVERY, Forecast, Sent, cause_of_miss
from longctx.session.prefixes import Prefix

if TYPE_CHECKING:
    from collections.abc import Sequence

SMALL = Rules(page=16, pool=1_500)
SMALL_WINDOW = Rules(page=16, window=20, chunk=64, pool=4_000, window_pool=200)
RULES = {"ordinary": PLAIN, "V4": V4, "small": SMALL, "small window": SMALL_WINDOW}

ids = st.lists(st.integers(0, 2**32 - 1), max_size=20).map(Ids.of)


class Step(NamedTuple):
    """One request, of one of several processes."""

    process: int
    prefix: int
    cut: int
    """Tokens left out at the prefix's end; 0 but for a checkpoint."""
    tail: tuple[int, ...]
    said: tuple[int, ...]


steps = st.lists(
    st.builds(
        Step,
        st.integers(0, 2),
        st.integers(0, 2),
        st.sampled_from((0, 0, 0, 16, 64)),
        st.lists(st.integers(2, 4), max_size=40).map(tuple),
        st.lists(st.integers(2, 4), max_size=40).map(tuple),
    ),
    min_size=1,
    max_size=3 * PICTURE_EVERY,
)


def prefixes(page: int) -> list[Prefix]:
    """Two lineages of one base, and one of another."""
    base = {f"part{part}.txt": f"number {part}\n" * 20 for part in range(4)}
    edited, other = base | {"part2.txt": "less\n"}, base | {"part0.txt": "more\n" * 20}
    return [
        prefix_over(lineage_of(*states), page) for states in ((base,), (base, edited), (other,))
    ]


class Machine:
    """Processes of one user that speak to one server, each with a forecast of its own."""

    def __init__(self, rules: Rules, salt: str = "", incarnation: str = "1") -> None:
        self.log = MemoryLog()
        self.prefixes = prefixes(rules.page)
        self._made = partial(Forecast, Radix(rules), self.log, self._ids)
        self.forecasts = [self._made(salt, incarnation) for _ in range(3)]

    def _ids(self, digest: bytes) -> Ids | None:
        return next(prefix.ids for prefix in self.prefixes if prefix.digest == digest)

    def started(self, process: int, salt: str = "", incarnation: str = "1") -> Forecast:
        """The process anew."""
        self.forecasts[process] = self._made(salt, incarnation)
        return self.forecasts[process]

    def prompt(self, step: Step) -> Ids:
        whole = self.prefixes[step.prefix].ids
        assert whole is not None
        if step.cut:
            return whole.head(len(whole) - step.cut)
        return Ids.joined([whole, Ids.of(step.tail)])


@pytest.mark.parametrize("rules", RULES.values(), ids=list(RULES))
@settings(deadline=None, max_examples=40)
@given(steps, st.randoms(use_true_random=False))
def test_every_process_predicts_what_the_server_reports(
    rules: Rules, steps: list[Step], chance: random.Random
) -> None:
    machine, server = Machine(rules), RadixCache(rules)
    for step in steps:
        if chance.random() < 0.1:
            machine.started(step.process)
        forecast, prompt = machine.forecasts[step.process], machine.prompt(step)
        # All but the last of what is generated is read again, and so cached.
        generated = [*step.said, 9] if step.said else []
        expected = forecast.expected(prompt)
        assert expected == server.ask(prompt, generated)
        forecast.sent(machine.prefixes[step.prefix], prompt, Ids.of(step.said))


@pytest.mark.parametrize("rules", [PLAIN, V4], ids=["ordinary", "V4"])
def test_the_scripted_engine_reports_what_was_predicted(rules: Rules) -> None:
    machine, engine = Machine(rules), Scripted(["It says so."], rules=rules)
    forecast, chance = machine.forecasts[0], random.Random(1)
    for _ in range(30):
        tail = tuple(chance.randrange(2, 4) for _ in range(chance.randrange(30)))
        step = Step(0, chance.randrange(3), 0, tail, ())
        prompt = machine.prompt(step)
        expected = forecast.expected(prompt)
        assert engine.prime(Request(0, Effort.OFF, ids=prompt)).cached_tokens == expected
        forecast.sent(machine.prefixes[step.prefix], prompt, Ids())


def test_a_restarted_server_has_nothing() -> None:
    machine = Machine(PLAIN)
    prefix = machine.prefixes[0]
    assert prefix.ids is not None
    machine.forecasts[0].sent(prefix, prefix.ids, Ids())
    assert machine.forecasts[1].expected(prefix.ids) == len(prefix.ids) - 1
    assert machine.started(1, incarnation="2").expected(prefix.ids) == 0


def test_another_salt_is_another_cache() -> None:
    machine = Machine(PLAIN)
    prefix = machine.prefixes[0]
    assert prefix.ids is not None
    machine.forecasts[0].sent(prefix, prefix.ids, Ids())
    isolated = machine.started(1, salt="mine")
    assert isolated.expected(prefix.ids) == 0
    isolated.sent(prefix, prefix.ids, Ids())
    assert isolated.expected(prefix.ids) == len(prefix.ids) - 1
    assert machine.started(2).expected(prefix.ids) == len(prefix.ids) - 1


def test_a_prefix_that_is_not_kept_any_more_is_not_predicted() -> None:
    machine = Machine(PLAIN)
    gone, kept = machine.prefixes[0], machine.prefixes[2]
    assert gone.ids is not None
    assert kept.ids is not None
    for prefix, ids in ((gone, gone.ids), (kept, kept.ids)):
        machine.forecasts[0].sent(prefix, ids, Ids())
    forgetful = Forecast(
        Radix(), machine.log, lambda digest: kept.ids if digest == kept.digest else None, "", "1"
    )
    assert forgetful.expected(kept.ids) == len(kept.ids) - 1
    assert forgetful.expected(gone.ids) < len(gone.ids) - 1


def test_a_prompt_larger_than_the_cache_is_passed_over() -> None:
    rules = Rules(pool=100)
    forecast = Forecast(Radix(rules), MemoryLog(), lambda digest: None)
    forecast.sent(None, Ids.of(range(200)), Ids())
    forecast.sent(None, Ids.of(range(50)), Ids())
    assert forecast.expected(Ids.of(range(60))) == 50


def test_a_new_process_reads_no_more_than_what_came_after_the_last_picture() -> None:
    machine = Machine(PLAIN)
    for number in range(5 * PICTURE_EVERY + 3):
        prompt = machine.prompt(Step(0, 0, 0, (number + 2,), ()))
        machine.forecasts[0].sent(machine.prefixes[0], prompt, Ids())
    machine.log.read = 0
    late = machine.started(1)
    assert late.expected(prompt) == len(prompt) - 1
    assert machine.log.read <= PICTURE_EVERY


@given(
    st.builds(
        Sent,
        st.binary(max_size=32),
        st.integers(0, 2**31),
        ids,
        ids,
        st.text(max_size=8),
        st.text(max_size=8),
    )
)
def test_an_entry_is_read_as_it_was_written(sent: Sent) -> None:
    assert Sent.unpacked(sent.packed()) == sent


def cause(expected: int | None, reported: int | None, *, turns: bool = False) -> str:
    return cause_of_miss(expected, reported, prefixes(256)[1], turns)


@given(st.integers(0, 3_000), st.integers(0, 3_000), st.booleans())
def test_a_miss_has_a_name_and_nothing_else_has(expected: int, reported: int, turns: bool) -> None:
    said = cause(expected, reported, turns=turns)
    assert bool(said) == (reported < expected)
    assert f"{expected - reported:,} tokens more" in said or not said


def test_what_is_not_reported_is_no_miss() -> None:
    assert cause(300, None) == cause(None, 300) == ""


@pytest.mark.parametrize(
    ("reported", "named", "why"),
    [
        (0, "effort", "restarted or flushed"),
        (2, "instructions", "evicted by other requests"),
        (5_000, "the turns", "tokenized otherwise"),
    ],
)
def test_a_miss_is_named_by_the_first_segment_that_was_not_there(
    reported: int, named: str, why: str
) -> None:
    said = cause(6_000, reported, turns=True)
    assert said.startswith(f"cache miss from {named} on")
    assert why in said


def test_a_miss_within_a_document_is_named_by_its_path() -> None:
    prefix = prefixes(256)[1]
    named: Sequence[str] = [prefix.name_at(place) for place in range(2, prefix.tokens)]
    for path in ("part0.txt", "part3.txt", "update of part2.txt", "padding"):
        place = named.index(path) + 2
        assert cause(6_000, place).startswith(f"cache miss from {path} on")

"""What a cache of whole beginnings is predicted to hold is no more than what one holds that keeps
DeepSeek's rules."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from longctx.prompt import Ids, Prompt, Role, Segment
from longctx.session.units import KEPT, Units, answered_with, beginnings_of, short_of


class Kept:
    """A log in memory."""

    def __init__(self) -> None:
        self.entries: list[bytes] = []

    def since(self, place: int) -> Iterable[tuple[int, bytes]]:
        return [(n + 1, e) for n, e in enumerate(self.entries)][place:]

    def append(self, entry: bytes) -> None:
        self.entries.append(entry)

    def image(self) -> None:
        return None

    def picture(self, place: int, image: bytes) -> None:
        raise AssertionError("beginnings need no picture")


def segment(number: int, role: Role = Role.USER) -> Segment:
    return Segment(role, "s", str(number), Ids.of([number] * (number % 7 + 1)))


def prompt(*numbers: int) -> Prompt:
    return Prompt(tuple(map(segment, numbers)))


def ask(units: Units, numbers: tuple[int, ...], said: int | None = None) -> int:
    beginnings = beginnings_of(prompt(*numbers))
    expected = units.expected(beginnings)
    ends = [beginnings[-1]]
    if said is not None:
        ends.append(answered_with(beginnings[-1], segment(said, Role.ASSISTANT)))
    units.sent(beginnings, ends)
    return expected


def test_the_examples_of_deepseeks_guide() -> None:
    a, b, c, d = 600, 601, 602, 603
    size = len(segment(a).ids or ())
    units = Units(Kept(), 1)
    assert ask(units, (a, b)) == 0
    assert ask(units, (a, c)) == 0, "A + B is no beginning of A + C"
    assert ask(units, (a, d)) == size, "two prompts began with A"
    assert ask(units, (a, b, c)) == size + len(segment(b).ids or ())


def test_an_answer_is_a_unit_with_its_prompt() -> None:
    units = Units(Kept(), 1)
    ask(units, (13,), said=20)
    after = Prompt((segment(13), segment(20, Role.ASSISTANT), segment(27)))
    sizes = [len(s.ids or ()) for s in after.segments]
    assert units.expected(beginnings_of(after)) == sizes[0] + sizes[1]


def test_units_are_not_counted_on_for_ever_and_use_renews_them() -> None:
    now = [1_000.0]
    units = Units(Kept(), 1, lambda: now[0])
    ask(units, (13, 14))
    now[0] += 0.9 * KEPT
    assert ask(units, (13, 14)) > 0
    now[0] += 0.9 * KEPT
    assert ask(units, (13, 14)) > 0
    now[0] += 1.1 * KEPT
    assert ask(units, (13, 14)) == 0


def test_another_process_knows_the_same() -> None:
    log = Kept()
    ask(Units(log, 1), (13, 14))
    assert ask(Units(log, 4), (13, 14)) == (7 + 1) // 4 * 4, "in whole multiples"


class Server:
    """A double of the cache: it keeps beginnings token by token, as the guide says."""

    def __init__(self) -> None:
        self.units: list[list[int]] = []
        self.prompts: list[list[int]] = []

    def ask(self, ids: list[int]) -> int:
        hit = max((len(u) for u in self.units if ids[: len(u)] == u), default=0)
        for earlier in self.prompts:
            pairs = zip(ids, earlier, strict=False)
            same = next((n for n, (x, y) in enumerate(pairs) if x != y), None)
            self.units.append(ids[: min(len(ids), len(earlier)) if same is None else same])
        self.units.append(ids)
        self.prompts.append(ids)
        return hit


@given(st.lists(st.lists(st.integers(600, 604), min_size=1, max_size=5), max_size=12))
def test_no_more_is_predicted_than_such_a_cache_holds(asked: list[list[int]]) -> None:
    units, server = Units(Kept(), 1), Server()
    for numbers in asked:
        ids = [i for number in numbers for i in segment(number).ids or ()]
        assert ask(units, tuple(numbers)) <= server.ask(ids)


def test_what_falls_short_is_said() -> None:
    assert short_of(100, None) == short_of(100, 100) == short_of(0, 50) == ""
    assert "28 tokens fewer" in short_of(128, 100)

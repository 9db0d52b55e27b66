"""Several servers as one engine: who is chosen, what happens when one goes and comes back."""

from dataclasses import replace

import pytest
from engines.switched import Switched
from hypothesis import given
from hypothesis import strategies as st

from longctx.engines import Delta, Request
from longctx.engines.several import AGAIN, RANKS, Several
from longctx.errors import EngineError, EngineUnavailable
from longctx.prompt import Effort, Ids, Message, Role

URLS = tuple(f"http://host-{number}:30000" for number in range(4))
ASKED = Request(max_tokens=5, effort=Effort.OFF, ids=Ids.of(range(600)))


class Clock:
    """The seconds that have passed, set by hand."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


def group(*doubles: Switched, clock: Clock | None = None) -> Several:
    several = Several({each.url: each for each in doubles}, clock or Clock())
    several.served()
    return several


def chosen(several: Several, key: bytes) -> str:
    worker = several.workers_for(key)[0]
    assert worker.served.base_url is not None
    return worker.served.base_url


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=50))
def test_the_order_of_urls_decides_nothing_and_a_loss_moves_only_its_own(
    keys: list[bytes],
) -> None:
    doubles = [Switched(url) for url in URLS]
    before = group(*doubles)
    whole = {key: chosen(before, key) for key in keys}
    turned = group(*(Switched(url) for url in reversed(URLS)))
    assert whole == {key: chosen(turned, key) for key in keys}
    doubles[2].on = False
    after = group(*doubles)
    for key in keys:
        if whole[key] == URLS[2]:
            assert chosen(after, key) != URLS[2]
        else:
            assert chosen(after, key) == whole[key]


def test_keys_are_spread_over_all() -> None:
    several = group(*(Switched(url) for url in URLS))
    counts = [0] * len(URLS)
    for number in range(800):
        counts[URLS.index(chosen(several, number.to_bytes(32, "big")))] += 1
    assert min(counts) > 150


def test_the_request_goes_to_its_worker_and_keeps_its_rank() -> None:
    doubles = [Switched(url, workers=8) for url in URLS]
    several = group(*doubles)
    for number in range(20):
        key = bytes([number]) * 32
        worker = several.workers_for(key)[0]
        server = doubles[worker.number // RANKS]
        assert worker.number % RANKS == number % 8
        assert worker.served.base_url == server.url
        events = list(several.stream(replace(ASKED, worker=worker.number)))
        said = "".join(event.text for event in events if isinstance(event, Delta))
        assert said == f"I am {server.url}"


def test_one_that_went_is_passed_over_until_it_is_back() -> None:
    clock = Clock()
    doubles = [Switched(url) for url in URLS]
    several = group(*doubles, clock=clock)
    worker = several.workers_for(b"k" * 32)[0]
    lost = doubles[worker.number // RANKS]
    lost.on = False
    with pytest.raises(EngineUnavailable):
        several.prime(replace(ASKED, worker=worker.number))
    other = several.workers_for(b"k" * 32)[0]
    assert other.number != worker.number
    lost.on, lost.told = True, replace(lost.told, incarnation="another")
    assert several.workers_for(b"k" * 32)[0] == other
    clock.seconds += AGAIN
    back = several.workers_for(b"k" * 32)[0]
    assert back.number == worker.number
    assert back.served.incarnation == "another"


def test_an_answer_that_breaks_off_says_whether_the_server_is_gone() -> None:
    doubles = [Switched(url) for url in URLS[:2]]
    several = group(*doubles)
    doubles[0].breaks = True
    stream = several.stream(replace(ASKED, worker=0))
    next(stream)
    with pytest.raises(EngineUnavailable, match=r"host-0.*gone"):
        next(stream)
    assert chosen(several, b"x" * 32) == URLS[1]


def test_when_all_are_gone_the_error_names_them() -> None:
    doubles = [Switched(url) for url in URLS[:2]]
    several = group(*doubles)
    for each in doubles:
        each.on = False
    with pytest.raises(EngineUnavailable, match=r"host-0.*; .*host-1"):
        several.served()
    with pytest.raises(EngineUnavailable, match="none of the servers answers"):
        several.workers_for(b"x" * 32)


def test_what_is_served_is_what_all_can_do() -> None:
    doubles = [
        Switched(URLS[0], window=1_000, page_size=256, reports_cached=True),
        Switched(URLS[1], window=900, page_size=64, reports_cached=False, notes=("slow",)),
        Switched(URLS[2]),
    ]
    doubles[2].on = False
    served = group(*doubles).served()
    assert (served.window, served.page_size, served.workers) == (900, 256, 2)
    assert served.reports_cached is False
    assert served.notes == (
        f"{URLS[1]}: slow",
        f"not used until it answers: {URLS[2]} does not answer",
    )


def test_other_models_and_other_templates_are_refused() -> None:
    with pytest.raises(EngineError, match=r"host-0.*tiny.*host-1.*large"):
        group(Switched(URLS[0]), Switched(URLS[1], model="large"))
    doubles = [Switched(url) for url in URLS[:2]]
    several = group(*doubles)
    messages = (Message(Role.USER, "hi"),)
    assert several.rendered(messages, Effort.OFF) == Ids.of([1, 2])
    other = group(*doubles)
    doubles[1].ids = Ids.of([1, 3])
    with pytest.raises(EngineError, match="encode the same chat differently"):
        other.rendered(messages, Effort.OFF)


def test_closing_and_waiting_reach_all() -> None:
    doubles = [Switched(url) for url in URLS[:2]]
    several = group(*doubles)
    assert several.waiting() is None
    doubles[1].backlog = 7
    assert several.waiting() == 7
    several.release("a session")
    several.close()
    assert [each.heard for each in doubles] == [["a session", "closed"]] * 2

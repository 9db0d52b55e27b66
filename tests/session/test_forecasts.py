"""What should be cached, from a log; and the lock that lets one process fill a cache."""

import threading
from collections.abc import Iterable
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from longctx.engines.radix_tree import PLAIN, Rules
from longctx.prompt import Ids
from longctx.session import forecasts
from longctx.session.flights import Flights
from longctx.session.forecasts import Forecast, Sent

WINDOW = Rules(page=4, window=8, chunk=16)
bits = st.lists(st.integers(0, 1), min_size=1, max_size=60)


class ListLog:
    """A log in memory."""

    def __init__(self) -> None:
        self.entries: list[bytes] = []
        self.kept: tuple[int, bytes] | None = None

    def since(self, place: int) -> Iterable[tuple[int, bytes]]:
        return list(enumerate(self.entries[place:], place + 1))

    def append(self, entry: bytes) -> None:
        self.entries.append(entry)

    def image(self) -> tuple[int, bytes] | None:
        return self.kept

    def picture(self, place: int, image: bytes) -> None:
        self.kept = (place, image)


def over(log: ListLog, rules: Rules, salt: str = "", incarnation: str = "a") -> Forecast:
    return Forecast(rules, log, lambda digest: None, salt, incarnation)


@given(st.sampled_from([PLAIN, WINDOW]), st.lists(bits, max_size=40), bits)
def test_a_new_process_expects_what_the_old_one_did(
    rules: Rules, prompts: list[list[int]], last: list[int]
) -> None:
    log = ListLog()
    old = over(log, rules)
    for prompt in prompts:
        old.sent(None, Ids.of(prompt), Ids())
    assert (log.kept is not None) == (len(prompts) >= forecasts.PICTURE_EVERY)
    assert over(log, rules).expected(Ids.of(last)) == old.expected(Ids.of(last))


def test_a_restart_or_another_salt_has_nothing() -> None:
    log = ListLog()
    ids = Ids.of(range(100))
    over(log, PLAIN).sent(None, ids, Ids())
    assert over(log, PLAIN).held(ids) == 100
    assert over(log, PLAIN, incarnation="b").held(ids) == 0
    assert over(log, PLAIN, salt="mine").held(ids) == 0


@given(st.binary(min_size=32, max_size=32), st.integers(0, 9), bits, bits, st.text(max_size=5))
def test_what_was_sent_is_read_back(
    prefix: bytes, cut: int, tail: list[int], said: list[int], salt: str
) -> None:
    sent = Sent(prefix, cut, Ids.of(tail), Ids.of(said), salt, "x")
    assert Sent.unpacked(sent.packed()) == sent


def test_one_flies_alone_and_the_others_know_that_they_waited(tmp_path: Path) -> None:
    flights, inside, waited = Flights(tmp_path / "flights"), [0], []

    def fly() -> None:
        with flights.alone("name") as others:
            inside[0] += 1
            assert inside[0] == 1
            threading.Event().wait(0.02)
            inside[0] -= 1
            waited.append(others)

    threads = [threading.Thread(target=fly) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(waited) == 4
    assert waited.count(False) >= 1
    assert waited.count(True) >= 1

"""A corpus larger than the window: a base of half of it, and evidence that each question brings."""

import random
from pathlib import Path

import pytest
from api.test_sessions import V4_SMALL, asked, connected_to, prefilled
from opened import session_over

from longctx.api import Ask, Session
from longctx.corpus import Corpus, Document
from longctx.engines.radix_tree import PLAIN, Rules
from longctx.engines.scripted import Scripted
from longctx.render.parts import key_of, shown_in

WINDOW = 16_000
NAMES = [
    "anchor",
    "beacon",
    "cargo",
    "dredge",
    "eddy",
    "ferry",
    "gale",
    "harbour",
    "inlet",
    "jetty",
]


def module(number: int) -> str:
    """A module of some 400 tokens with one function that no other has."""
    chance = random.Random(number)
    words = (f"    # {chance.choice(NAMES)} {chance.choice(NAMES)} {line}\n" for line in range(40))
    return f"def {name_of(number)}(vessel):\n{''.join(words)}    return {number}\n"


def name_of(number: int) -> str:
    return f"measure_{NAMES[number % 10]}_{'abcdefgh'[number // 10]}"


CORPUS = Corpus.of(Document(f"src/m{number:02}.py", module(number)) for number in range(80))


@pytest.fixture(params=[PLAIN, V4_SMALL], ids=["ordinary", "window"])
def engine(request: pytest.FixtureRequest) -> Scripted:
    rules = request.param
    assert isinstance(rules, Rules)
    return Scripted(["It is there [src/m01.py:1]."], rules=rules)


def opened(engine: Scripted, folder: Path, wanted: Ask | None = None) -> Session:
    return session_over(CORPUS, connected_to(engine), folder, wanted or Ask(window=WINDOW))


def test_every_question_finds_its_evidence_in_the_prompt(engine: Scripted, tmp_path: Path) -> None:
    session = opened(engine, tmp_path)
    for number in (3, 41, 77, 12):
        ready = session.prepare(f"what does {name_of(number)} return?")
        assert ready.seen is not None
        assert 10 < len(ready.seen.state) < 60
        path = f"src/m{number:02}.py"
        texts = [segment.text for segment in ready.segments if segment.name == "tail"]
        keys = shown_in(texts)
        parts = {each.path for each in CORPUS if key_of(each) in keys}
        assert path in ready.seen.state or path in parts
        assert not parts & ready.seen.state.keys()
    session.close()


def test_a_session_appends_and_repeats_nothing(engine: Scripted, tmp_path: Path) -> None:
    session = opened(engine, tmp_path)
    costs, sizes = [], []
    for number in (3, 41, 77, 12, 41):
        turn = asked(session, f"what does {name_of(number)} return?")
        costs.append(prefilled(turn))
        sizes.append(turn.usage.prompt_tokens or 0)
    said = session._conversation.said if session._conversation else ()
    for seen in shown_in(s.text for s in said).values():
        assert len(seen.lines) == len(set(seen.lines))
    assert sizes == sorted(sizes)
    assert all(size <= WINDOW for size in sizes)
    assert sum(costs[1:]) < sizes[-1] / 2
    session.close()


def test_a_restart_knows_what_was_shown(engine: Scripted, tmp_path: Path) -> None:
    first = opened(engine, tmp_path)
    asked(first, f"what does {name_of(77)} return?")
    said = first._conversation.said if first._conversation else ()
    first.surface.store.close()
    again = opened(engine, tmp_path)
    session = again.beside(again.surface.store.session(first.id))
    ready = session.prepare(f"what does {name_of(77)} return?")
    before, after = (shown_in(s.text for s in told) for told in (said, ready.segments))
    assert before
    for key, seen in after.items():
        assert not set(seen.lines) & set(before[key].lines)
    again.close()


def test_what_fits_has_no_tail(engine: Scripted, tmp_path: Path) -> None:
    session = opened(engine, tmp_path, Ask(window=200_000))
    ready = session.prepare(f"what does {name_of(77)} return?")
    assert [segment.name for segment in ready.segments] == ["focus", "question"]
    session.close()


def test_the_halves_can_be_shared_out_otherwise(engine: Scripted, tmp_path: Path) -> None:
    counts = []
    for number, core in enumerate((0.2, 0.8)):
        session = opened(engine, tmp_path / str(number), Ask(window=WINDOW, core=core))
        counts.append(len(session.shown().lineage.state))
        session.close()
    assert counts[0] * 2 < counts[1]


def test_turns_come_before_the_focus(tmp_path: Path) -> None:
    corpus = Corpus.of(list(CORPUS)[:20])
    engine = Scripted(["So it is. " * 150], rules=PLAIN)
    session = session_over(corpus, connected_to(engine), tmp_path, Ask(window=WINDOW))
    names: list[list[str]] = []
    for _ in range(5):
        ready = session.prepare(f"what does {name_of(3)} return?")
        names.append([segment.name for segment in ready.segments])
        for _ in ready.send():
            pass
    assert names[0] == ["focus", "question"]
    assert names[-1] == ["question"]
    session.close()

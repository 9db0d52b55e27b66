"""A session over several servers: each base has a home, and moves when that is gone."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from engines.switched import Speaking
from opened import session_over

from longctx.api import Ask, Connected, Session, Turn
from longctx.corpus import Corpus, Document
from longctx.engines import Delta, Takes
from longctx.engines.radix_tree import PLAIN, Rules
from longctx.engines.several import AGAIN, RANKS, Several
from longctx.errors import EngineUnavailable
from longctx.prompt import Effort
from longctx.template import template_for
from longctx.tokens import tokenizer_for

SENTENCE = "The number is seven, as the second file says [src/m1.py:1]."
WINDOWED = Rules(page=256, window=128, chunk=1_024)
CORPUS = Corpus.of(
    Document(f"src/m{n}.py", f"def f{n}():\n    return {n}\n" * 40) for n in range(8)
)


class Group:
    """Two doubles behind one session, and the time that passes for them."""

    def __init__(
        self,
        folder: Path,
        rules: Rules,
        effort: Effort = Effort.OFF,
        corpus: Corpus = CORPUS,
        doubles: list[Speaking] | None = None,
    ) -> None:
        self.doubles = doubles or [
            Speaking(f"http://host-{n}:30000", SENTENCE, rules) for n in range(2)
        ]
        self.seconds = 0.0
        self.said: list[str] = []
        engine = Several({each.url: each for each in self.doubles}, lambda: self.seconds)
        connected = Connected(
            engine,
            engine.served(),
            Takes.IDS,
            tokenizer_for("deepseek-v4"),
            template_for("deepseek-v4"),
        )
        wanted = replace(Ask(), effort=effort)
        self.session: Session = session_over(corpus, connected, folder, wanted, self.said.append)

    def home(self) -> Speaking:
        """The double that the sources' base lives at."""
        prefix = self.session.shown().prefix
        number = self.session._prefixes.home(prefix).number
        assert number is not None
        return self.doubles[number // RANKS]

    def other(self) -> Speaking:
        return next(each for each in self.doubles if each is not self.home())

    def ask(self, question: str) -> Turn:
        *_, turn = self.session.ask(question)
        assert isinstance(turn, Turn)
        return turn


@pytest.fixture(params=[PLAIN, WINDOWED], ids=["ordinary", "window"])
def group(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Group]:
    made = Group(tmp_path, request.param)
    yield made
    made.session.close()


def as_predicted(turn: Turn) -> None:
    assert turn.usage.cached_tokens == turn.predicted_cached
    assert turn.cause == ""


def test_every_question_goes_home(group: Group) -> None:
    home, other = group.home(), group.other()
    for number in range(3):
        as_predicted(group.ask(f"q{number}?"))
    assert len(home.asked) == 3
    assert not other.prompts


def test_one_that_is_gone_before_the_question_is_passed_over(group: Group) -> None:
    first = group.ask("q0?")
    home, other = group.home(), group.other()
    home.on = False
    turn = group.ask("q1?")
    as_predicted(turn)
    assert turn.answer == first.answer
    assert len(other.prompts) >= 2, "primed, then asked"
    assert any("going on at " + other.url in line for line in group.said)


def test_an_answer_that_breaks_off_goes_on_elsewhere_word_for_word(group: Group) -> None:
    whole = group.ask("q0?")
    home, other = group.home(), group.other()
    home.breaks_after = 4
    streamed = []
    for event in group.session.ask("q1?"):
        if isinstance(event, Delta):
            streamed.append(event.text)
        elif isinstance(event, Turn):
            turn = event
    assert "".join(streamed) == turn.answer == whole.answer
    assert [citation.verdict for citation in turn.citations] == [
        citation.verdict for citation in whole.citations
    ]
    as_predicted(turn)
    assert turn.usage.prompt_tokens == turn.predicted_tokens
    assert turn.usage.completion_tokens == whole.usage.completion_tokens
    assert "".join(group.session.turns[-1].answer) == whole.answer
    (resumed,) = other.asked
    assert resumed.max_tokens < home.asked[-1].max_tokens
    as_predicted(group.ask("q2?"))


def test_what_was_moved_stays_where_it_is_warm(group: Group) -> None:
    group.ask("q0?")
    home, other = group.home(), group.other()
    home.on = False
    group.ask("q1?")
    home.restart()
    group.seconds += AGAIN
    as_predicted(group.ask("q2?"))
    assert len(home.asked) == 1
    assert len(other.asked) == 2


def test_it_goes_home_again_where_it_is_warm_nowhere(group: Group) -> None:
    group.ask("q0?")
    home, other = group.home(), group.other()
    home.on = False
    group.ask("q1?")
    home.restart()
    group.seconds += AGAIN
    other.on = False
    as_predicted(group.ask("q2?"))
    other.restart()
    group.seconds += AGAIN
    as_predicted(group.ask("q3?"))
    assert len(home.asked) == 3


def test_thoughts_that_break_off_are_not_taken_up(tmp_path: Path) -> None:
    group = Group(tmp_path, PLAIN, Effort.HIGH)
    group.home().breaks_after = 2
    with pytest.raises(EngineUnavailable, match="gone"):
        group.ask("q?")
    assert group.ask("again?").answer.startswith("The number")
    group.session.close()


def test_when_all_are_gone_the_session_says_so_and_lives(group: Group) -> None:
    group.ask("q0?")
    for each in group.doubles:
        each.on = False
    with pytest.raises(EngineUnavailable, match="none of the servers answers"):
        group.ask("q1?")
    assert len(group.session.turns) == 1
    for each in group.doubles:
        each.restart()
    group.seconds += AGAIN
    as_predicted(group.ask("q1?"))


def test_many_bases_are_spread_though_all_begin_alike(tmp_path: Path) -> None:
    homes = []
    doubles = None
    for number in range(12):
        corpus = Corpus.of([Document("a.txt", f"This is number {number}.\n" * 90)])
        group = Group(tmp_path, PLAIN, corpus=corpus, doubles=doubles)
        doubles = group.doubles
        homes.append(group.home().url)
        group.ask("q?")
        assert group.home().url == homes[-1]
        group.session.close()
    assert len(set(homes)) == 2

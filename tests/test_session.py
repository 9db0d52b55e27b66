"""An answer is about the prompt that was sent, or it is an error."""

from collections.abc import Sequence

import pytest

from longctx.corpus import Corpus, Document
from longctx.engines import Delta, Reasoning, Request, Usage
from longctx.engines.scripted import Scripted
from longctx.errors import EngineError
from longctx.prompt import Effort, Ids
from longctx.session.asking import Generated, checked, generated

CORPUS = Corpus.of([Document("a.py", "def auth():\n    return check_token()\n")])
REQUEST = Request(9, Effort.OFF, ids=Ids.of([1, 2, 3]), question="where is auth?")


class Other(Scripted):
    """A test double of a server that ignores the ids and answers a prompt of its own."""

    def _counts(self, ids: Ids, said: Sequence[int]) -> Usage:
        return Usage(5, 0, 0)


def test_the_stream_ends_with_all_that_was_said() -> None:
    engine = Scripted(['<think>hm</think>[a.py:1] "def auth():" It is there [a.py:1].'])
    *events, said = generated(REQUEST, engine)
    assert events[0] == Reasoning("hm")
    assert isinstance(said, Generated)
    turn = checked(REQUEST.question, said, CORPUS, predicted=3, digest="d")
    assert turn.answer == "".join(event.text for event in events if isinstance(event, Delta))
    assert turn.usage.prompt_tokens == turn.predicted_tokens == 3
    assert [(c.path, c.verdict, c.lines) for c in turn.citations] == [("a.py", "verified", (1, 1))]
    assert turn.first_token is not None
    assert 0 <= turn.first_token <= turn.seconds


def test_a_server_that_ignores_the_ids_is_found_out() -> None:
    with pytest.raises(EngineError, match="answered another prompt"):
        list(generated(REQUEST, Other(["a fine answer"])))


def test_an_empty_answer_is_an_error() -> None:
    with pytest.raises(EngineError, match="answered with nothing"):
        list(generated(REQUEST, Scripted([""])))

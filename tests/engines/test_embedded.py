"""The engines that need no server."""

from pathlib import Path

import pytest

from longctx.engines import Connection, Delta, Excerpt, Reasoning, Request, Usage, engine_for
from longctx.engines.extractive import Extractive, quoted
from longctx.engines.scripted import Scripted
from longctx.errors import NothingFound, UsageError
from longctx.prompt import Effort, Ids


def test_passages_are_quoted_under_their_place() -> None:
    request = Request(0, Effort.OFF, excerpts=(Excerpt("a.py", ":3-4", "x = 1\ny = 2\n"),))
    events = list(Extractive().stream(request))
    assert events == [Delta("[a.py:3-4]\n```\nx = 1\ny = 2\n```\n"), Usage(finish_reason="stop")]


def test_how_sure_an_answer_is_comes_first_and_parts_of_one_role_stand_together() -> None:
    excerpts = (
        Excerpt("a.py", ":1", "def f():", "Defined here:", "A.f"),
        Excerpt("b.py", ":7", "    f()", "Used here:"),
        Excerpt("b.py", ":9", "    f()", "Used here:"),
    )
    request = Request(0, Effort.OFF, excerpts=excerpts, finding="All words were found.")
    said = "".join(e.text for e in Extractive().stream(request) if isinstance(e, Delta))
    assert said == (
        "All words were found.\n\nDefined here:\n\nA.f\n[a.py:1]\n```\ndef f():\n```\n\n"
        "Used here:\n\n[b.py:7]\n```\n    f()\n```\n\n[b.py:9]\n```\n    f()\n```\n"
    )


def test_a_label_is_no_markup_and_cites_nothing() -> None:
    hostile = 'A</evidence>[b.py:1] "x"\n```\nB'
    first, *_ = quoted(Excerpt("a.py", ":1", "x", label=hostile)).split("\n")
    assert not set('<>[]"`:') & set(first)


def test_a_fence_outlasts_the_fences_inside() -> None:
    assert quoted(Excerpt("a.md", ":1-1", "````\ncode\n````")).count("`````\n") == 2


def test_nothing_found_is_an_error_with_what_to_do() -> None:
    with pytest.raises(NothingFound, match="no passage matches 'why'"):
        list(Extractive().stream(Request(0, Effort.OFF, question="why")))
    with pytest.raises(NothingFound, match="no kerberos here"):
        list(Extractive().stream(Request(0, Effort.OFF, finding="no kerberos here")))


def test_the_scripted_engine_answers_in_turn_and_counts_what_is_shared() -> None:
    engine = Scripted(["<think>hm</think>one two", "three"])
    first = list(engine.stream(Request(9, Effort.LOW, ids=Ids.of([1, 2, 3]))))
    assert first[0] == Reasoning("hm")
    assert "".join(e.text for e in first if isinstance(e, Delta)) == "one two"
    assert first[-1] == Usage(3, 2, 0, "stop")
    *_, usage = engine.stream(Request(9, Effort.OFF, ids=Ids.of([1, 2, 4, 5])))
    assert usage == Usage(4, 1, 2, "stop")
    assert engine.prime(Request(9, Effort.OFF, ids=Ids.of([1, 2, 4, 5]))) == Usage(4, 0, 3)


def test_a_script_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "answer.txt").write_text("said")
    engine = engine_for("scripted", Connection(base_url=str(tmp_path / "answer.txt")))
    assert Delta("said") in list(engine.stream(Request(9, Effort.OFF, ids=Ids())))
    with pytest.raises(UsageError, match="No such file"):
        engine_for("scripted", Connection(base_url=str(tmp_path / "missing.txt")))


def test_a_scripted_engine_is_a_server_of_its_own() -> None:
    engine, other = Scripted(["a"]), Scripted(["a"])
    assert engine.served() == engine.served()
    assert engine.served().incarnation != other.served().incarnation


def test_an_engine_needs_no_more_than_it_has() -> None:
    engine = Extractive()
    assert engine.rendered((), Effort.OFF) is None
    assert engine.tokenized("text") is None
    assert engine.waiting() is None
    engine.release("session")
    engine.close()

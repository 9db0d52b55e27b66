"""Turns come back exactly; search finds them and takes any text for a query."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store.keeping_turns import asked, turn

from longctx.prompt import Ids, Role, Segment
from longctx.store import Kept, Store

strings = st.text(st.characters(), max_size=60)  # lone surrogates and NUL included
segments = st.builds(
    Segment,
    st.sampled_from(Role),
    strings,
    strings,
    st.none() | st.builds(Ids.of, st.lists(st.integers(0, 2**32 - 1), max_size=40)),
)
turns = st.builds(
    Kept,
    id=st.just(0),
    session=st.just(""),
    parent=st.none(),
    created=st.just(""),
    question=strings,
    answer=strings,
    reasoning=strings,
    facts=strings,
    prefix=st.binary(max_size=40),
    state=st.binary(max_size=40),
    segments=st.lists(segments, max_size=5).map(tuple),
)
any_query = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@any_query
@given(turns)
def test_a_turn_comes_back_exactly(store: Store, before: Kept) -> None:
    session = store.create((), "", "{}")
    kept = store.append(session.id, before)
    assert store.turn(kept.id) == kept
    assert store.path_to(kept.id) == (kept,)
    assert kept.session == session.id
    for name in ("question", "answer", "reasoning", "facts", "prefix", "state", "segments"):
        assert getattr(kept, name) == getattr(before, name)


def test_a_long_path_comes_back_in_order_with_its_segments(store: Store) -> None:
    session = store.create((), "", "{}")
    ids = asked(store, session.id, *(f"question {n}" for n in range(300)))
    path = store.path_to(ids[-1])
    assert [kept.id for kept in path] == ids
    assert [kept.segments[0].text for kept in path] == [f"question {n}" for n in range(300)]


@any_query
@given(
    strings
    | st.lists(st.sampled_from(["AND", "NOT", '"', "*", "(", "NEAR", "a:", "^", "-"])).map(" ".join)
)
def test_any_text_is_a_query(store: Store, text: str) -> None:
    assert isinstance(store.search(text), tuple)


@any_query
@given(st.text(st.characters(categories=("Ll", "Lu", "Lo", "Nd")), min_size=1, max_size=30))
def test_a_turn_is_found_by_its_own_words(store: Store, words: str) -> None:
    session = store.create((), "", "{}")
    (id,) = asked(store, session.id, f"before {words} after")
    assert id in [hit.turn for hit in store.search(words, limit=1000)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("auth", True),
        ("AUTHENT", True),
        ("middleware token", True),
        ("middleware absent", False),
        ("verify_token", True),
        ("verifytoken", False),
        ("cafe", True),
        ("认证", True),
        ("证认", False),
        ("中间件在", True),
        ("!!!", False),
        ("auth !!!", True),
        ('"auth" -token', True),
        ("word " * 5000, False),
        (" ".join(f"w{n}" for n in range(5000)), False),
        ("auth " * 5000, True),
    ],
)
def test_search_finds_words_and_their_beginnings(store: Store, query: str, found: bool) -> None:
    session = store.create((), "", "{}")
    store.append(
        session.id,
        turn("where is the authentication?", answer="in the middleware:\nverify_token(café)"),
    )
    store.append(session.id, turn("哪里有认证?", 1, answer="认证中间件在这里 auth"))
    assert bool(store.search(query)) is found


def test_a_snippet_shows_the_match_on_one_line(store: Store) -> None:
    session = store.create((), "", "{}")
    long = "padding " * 500 + "the\nneedle\nlies here " + "padding " * 500
    kept = store.append(session.id, turn("question\udcff", answer=long))
    (hit,) = store.search("needle")
    assert (hit.session, hit.turn, hit.question) == (session.id, kept.id, "question\udcff")
    assert "the needle lies here" in hit.snippet
    assert len(hit.snippet) < 300
    store.append(session.id, turn("什么", kept.id, answer="前面的文字。认证中间件在这里。"))
    assert "认证中间件" in store.search("中间件")[0].snippet


def test_the_best_hits_come_first_and_no_more_than_asked_for(store: Store) -> None:
    session = store.create((), "", "{}")
    ids = asked(store, session.id, "token once " + "other " * 50, "token token token", "nothing")
    assert [hit.turn for hit in store.search("token")] == [ids[1], ids[0]]
    assert [hit.turn for hit in store.search("token", limit=1)] == [ids[1]]

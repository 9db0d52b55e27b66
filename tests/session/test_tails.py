"""The tail shows of what the base leaves out the best that fits, once, in one order."""

import random
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from longctx.corpus import Document
from longctx.prompt import Segment
from longctx.recall import Passage
from longctx.render.parts import key_of, shown_in
from longctx.session.tails import NEAR, merged, tail, unshown
from longctx.tokens import tokenizer_for

TOKENIZER = tokenizer_for("deepseek-v4")
ALL = 1 << 30
DOCUMENTS = [
    Document(f"{folder}/m{number}.py", "".join(f"line {line}\n" for line in range(1, 101)))
    for folder in ("src", "tests")
    for number in range(3)
]


def found(*places: tuple[int, int, int]) -> list[Passage]:
    """Passages (document, first line, last line), the best first."""
    return [
        Passage(DOCUMENTS[number], DOCUMENTS[number].span_of(first, last), -float(rank))
        for rank, (number, first, last) in enumerate(places)
    ]


def shown(segment: Segment | None) -> dict[str, list[tuple[int, int]]]:
    if segment is None:
        return {}
    names = {key_of(document): document.path for document in DOCUMENTS}
    return {names[key]: lines for key, lines in shown_in([segment.text]).items()}


def test_the_order_is_canonical_and_neighbours_are_one() -> None:
    passages = found((4, 50, 60), (0, 80, 90), (0, 10, 20), (0, 22, 30))
    segment = tail(passages, (), {}, ALL, TOKENIZER)
    assert list(shown(segment).items()) == [
        ("src/m0.py", [(10, 30), (80, 90)]),
        ("tests/m1.py", [(50, 60)]),
    ]
    random.Random(1).shuffle(passages)
    assert tail(passages, (), {}, ALL, TOKENIZER) == segment


def test_what_the_base_or_the_turns_show_is_not_shown_again() -> None:
    first = tail(found((0, 10, 40)), (), {}, ALL, TOKENIZER)
    assert first is not None
    again = found((0, 15, 20), (0, 35, 45), (1, 1, 5))
    second = tail(again, (first,), {"src/m1.py": None}, ALL, TOKENIZER)
    assert shown(second) == {"src/m0.py": [(35, 45)]}
    assert tail(found((0, 10, 40)), (first,), {}, ALL, TOKENIZER) is None


def test_a_changed_text_is_shown_again() -> None:
    first = tail(found((0, 10, 20)), (), {}, ALL, TOKENIZER)
    assert first is not None
    changed = Document(DOCUMENTS[0].path, DOCUMENTS[0].text + "more\n")
    passage = Passage(changed, changed.span_of(10, 20), 1.0)
    assert tail([passage], (first,), {}, ALL, TOKENIZER) is not None


places = st.tuples(st.integers(0, 5), st.integers(1, 90), st.integers(0, 10)).map(
    lambda place: (place[0], place[1], place[1] + place[2])
)


@given(st.lists(places, max_size=30), st.integers(0, 3_000))
def test_it_never_takes_more_than_its_room(chosen: list[tuple[int, int, int]], room: int) -> None:
    segment = tail(found(*chosen), (), {}, room, TOKENIZER)
    assert segment is None or (segment.tokens or 0) <= room


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 9))))
def test_merging_loses_no_line_and_adds_few(lines: list[tuple[int, int]]) -> None:
    ranges = [(first, first + more) for first, more in lines]
    before = {line for first, last in ranges for line in range(first, last + 1)}
    result = merged(ranges)
    after = {line for first, last in result for line in range(first, last + 1)}
    assert before <= after
    assert len(after - before) <= NEAR * max(0, len(ranges) - 1)
    assert all(one[1] + NEAR + 1 < two[0] for one, two in pairwise(result))


def test_what_matches_and_is_not_shown_is_named() -> None:
    passages = found((0, 1, 5), (1, 1, 5), (2, 1, 5), (0, 50, 55))
    first = tail(found((1, 1, 5)), (), {}, ALL, TOKENIZER)
    assert first is not None
    assert unshown(passages, (first,), {"src/m2.py": None}) == ("src/m0.py",)
    assert unshown(passages, (), {}) == ("src/m0.py", "src/m1.py", "src/m2.py")

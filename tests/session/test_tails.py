"""The tail shows of what the base leaves out the best that fits, once, in one order."""

import random
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from longctx.corpus import Document
from longctx.outline import Outline
from longctx.pack.copies import Copies
from longctx.pack.outlines import outlines_of
from longctx.prompt import Segment
from longctx.recall import Passage
from longctx.render.parts import key_of, shown_in
from longctx.session.tails import NEAR, WHOLE, merged, tail, told, unshown
from longctx.tokens import tokenizer_for
from longctx.tokens.memo import NoMemo
from longctx.updates import Known

TOKENIZER = tokenizer_for("deepseek-v4")
ALL = 1 << 30
DOCUMENTS = [
    Document(
        f"{folder}/m{number}.py",
        f"# {folder} {number}\n" + "".join(f"line {line}\n" for line in range(2, 101)),
    )
    for folder in ("src", "tests")
    for number in range(3)
]


def found(*places: tuple[int, int, int]) -> list[Passage]:
    """Passages (document, first line, last line), the best first."""
    return [
        Passage(DOCUMENTS[number], DOCUMENTS[number].span_of(first, last), -float(rank))
        for rank, (number, first, last) in enumerate(places)
    ]


def of(
    passages: list[Passage],
    said: Iterable[Segment] = (),
    base: Mapping[str, Known] | None = None,
    room: int = ALL,
    copies: Copies | None = None,
) -> Segment | None:
    return tail(passages, told(said), base or {}, room, TOKENIZER, outlines, copies or Copies())


def outlines(documents: Sequence[Document]) -> list[Outline]:
    return outlines_of(documents, NoMemo())


def known(document: Document) -> Known:
    return Known(1, document.digest)


def shown(segment: Segment | None) -> dict[str, list[tuple[int, int]]]:
    if segment is None:
        return {}
    names = {key_of(document): document.path for document in DOCUMENTS}
    return {names[key]: seen.lines for key, seen in shown_in([segment.text]).items()}


def test_the_order_is_canonical_and_neighbours_are_one() -> None:
    passages = found((4, 50, 60), (0, 80, 90), (0, 10, 20), (0, 22, 30))
    segment = of(passages)
    assert list(shown(segment).items()) == [
        ("src/m0.py", [(10, 30), (80, 90)]),
        ("tests/m1.py", [(50, 60)]),
    ]
    random.Random(1).shuffle(passages)
    assert of(passages) == segment


def test_what_the_base_or_the_turns_show_is_not_shown_again() -> None:
    first = of(found((0, 10, 40)))
    assert first is not None
    again = found((0, 15, 20), (0, 35, 45), (1, 1, 5))
    second = of(again, (first,), {"src/m1.py": known(DOCUMENTS[1])})
    assert shown(second) == {"src/m0.py": [(35, 45)]}
    assert of(found((0, 10, 40)), (first,)) is None


def test_a_changed_text_is_shown_again() -> None:
    first = of(found((0, 10, 20)))
    assert first is not None
    changed = Document(DOCUMENTS[0].path, DOCUMENTS[0].text + "more\n")
    passage = Passage(changed, changed.span_of(10, 20), 1.0)
    assert of([passage], (first,)) is not None


places = st.tuples(st.integers(0, 5), st.integers(1, 90), st.integers(0, 10)).map(
    lambda place: (place[0], place[1], place[1] + place[2])
)


@settings(deadline=None, max_examples=40)
@given(st.lists(places, max_size=30), st.integers(0, 3_000))
def test_it_never_takes_more_than_its_room(chosen: list[tuple[int, int, int]], room: int) -> None:
    segment = of(found(*chosen), room=room)
    assert segment is None or (segment.tokens or 0) <= room


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 9))))
def test_merging_loses_no_line_and_adds_few(lines: list[tuple[int, int]]) -> None:
    ranges = [(first, first + more) for first, more in lines]
    before = {line for first, last in ranges for line in range(first, last + 1)}
    result = merged(ranges, DOCUMENTS[0])
    after = {line for first, last in result for line in range(first, last + 1)}
    assert before <= after
    assert len(after - before) <= NEAR * max(0, len(ranges) - 1)
    assert all(one[1] + NEAR + 1 < two[0] for one, two in pairwise(result))


def test_what_matches_and_is_not_shown_is_named() -> None:
    passages = found((0, 1, 5), (1, 1, 5), (2, 1, 5), (0, 50, 55))
    first = of(found((1, 1, 5)))
    assert first is not None
    assert unshown(passages, {"src/m2.py": known(DOCUMENTS[2])}, told((first,))) == ("src/m0.py",)
    assert unshown(passages, {}) == ("src/m0.py", "src/m1.py", "src/m2.py")


HARBOUR = Document(
    "src/harbour.py",
    "class Harbour(Place):\n"
    + "".join(
        f"    def berth_{name}(self):\n" + "".join(f"        {name} = {n}\n" for n in range(48))
        for name in ("east", "west")
    ),
)
"""A class of two methods of 49 lines each."""


def passage(document: Document, first: int, last: int) -> Passage:
    return Passage(document, document.span_of(first, last), 1.0)


def test_a_part_comes_with_what_encloses_it() -> None:
    segment = of([passage(HARBOUR, 60, 70)], room=300)
    assert segment is not None
    seen = shown_in([segment.text])[key_of(HARBOUR)]
    assert seen.lines == [(1, 1), (51, 51), (60, 70)]
    assert "[L1-1]\nclass Harbour(Place):\n[L51-51]\n    def berth_west(self):\n" in segment.text
    later = of([passage(HARBOUR, 80, 84)], (segment,), room=300)
    assert later is not None
    assert shown_in([later.text])[key_of(HARBOUR)].lines == [(80, 84)]


def test_an_outline_stands_beside_parts_once() -> None:
    first = of([passage(HARBOUR, 60, 70)])
    assert first is not None
    assert "[outline]\n1 class Harbour(Place)" in first.text
    assert "2   def berth_east(self)" in first.text
    second = of([passage(HARBOUR, 20, 24)], (first,))
    assert second is not None
    assert "[outline]" not in second.text


def test_a_file_of_which_most_is_shown_comes_whole() -> None:
    last = int(WHOLE * HARBOUR.line_count) + 1
    for end, whole in ((last, True), (last - 9, False)):
        segment = of([passage(HARBOUR, 1, end)])
        assert segment is not None
        lines = shown_in([segment.text])[key_of(HARBOUR)].lines
        assert (lines == [(1, HARBOUR.line_count)]) is whole


def test_a_text_of_several_paths_is_shown_once_and_all_are_named() -> None:
    copy = Document("vendor/harbour/harbour.py", HARBOUR.text)
    copies = Copies([copy, HARBOUR])
    passages = [passage(copy, 60, 70), passage(HARBOUR, 60, 70), passage(copy, 10, 20)]
    segment = of(passages, copies=copies)
    assert segment is not None
    head = f'<part path="src/harbour.py" text="{key_of(copy)}" same="vendor/harbour/harbour.py">'
    assert segment.text.count("<part ") == 1
    assert segment.text.startswith(head)
    assert of([passage(copy, 62, 64)], (segment,), copies=copies) is None
    assert of(passages, base={"src/harbour.py": known(HARBOUR)}, copies=copies) is None
    assert unshown(passages, {"src/harbour.py": known(HARBOUR)}) == ()

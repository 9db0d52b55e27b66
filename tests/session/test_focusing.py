"""The focus repeats the best passages that fit, the best last."""

from hypothesis import given
from hypothesis import strategies as st

from longctx.corpus import Anchor, Document
from longctx.recall import Passage
from longctx.session.focusing import LEAST, focused
from longctx.tokens import tokenizer_for
from longctx.updates import Known

TOKENIZER = tokenizer_for("deepseek-v4")
TEXT = "".join(f"line {line} of it, and some more words\n" for line in range(1, 60))
PLAIN = Document("a.py", TEXT)
PAGED = Document("b.pdf", TEXT, (Anchor(0, "page", "i"), Anchor(800, "page", "1")))
STATE = {"a.py": Known(7, PLAIN.digest)}


def passage(document: Document, first: int, last: int) -> Passage:
    return Passage(document, document.span_of(first, last), 1.0)


def test_the_best_stands_last_under_its_place() -> None:
    found = [passage(PLAIN, 3, 4), passage(PAGED, 50, 50)]
    segment = focused(found, STATE, 500, TOKENIZER)
    assert segment is not None
    assert segment.text == (
        '<focus documents="d7">\n'
        "[b.pdf p. 1]\nline 50 of it, and some more words\n"
        "[a.py:3-4]\nline 3 of it, and some more words\nline 4 of it, and some more words\n"
        "</focus>\n"
    )


def test_nothing_found_or_no_room_is_no_focus() -> None:
    assert focused([], STATE, 4_000, TOKENIZER) is None
    assert focused([passage(PLAIN, 1, 1)], STATE, LEAST - 1, TOKENIZER) is None
    assert focused([passage(PLAIN, 1, 59)], STATE, LEAST, TOKENIZER) is None


@given(
    st.lists(
        st.tuples(st.sampled_from([PLAIN, PAGED]), st.integers(1, 50), st.integers(0, 9)),
        max_size=20,
    ),
    st.integers(0, 2_000),
)
def test_it_never_takes_more_than_its_room(
    places: list[tuple[Document, int, int]], room: int
) -> None:
    found = [passage(document, first, first + more) for document, first, more in places]
    segment = focused(found, STATE, room, TOKENIZER)
    assert segment is None or (segment.tokens or 0) <= room

"""Turns and opened stores for the tests of the store."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from longctx.prompt import Ids, Role, Segment
from longctx.store import Kept, Store


@contextmanager
def opened(folder: Path) -> Iterator[Store]:
    with closing(Store.open(folder)) as store:
        yield store


def turn(
    question: str = "where is auth?",
    parent: int | None = None,
    answer: str = "in auth.py",
    segments: tuple[Segment, ...] | None = None,
) -> Kept:
    """A turn before it is kept."""
    return Kept(
        id=0,
        session="",
        parent=parent,
        created="",
        question=question,
        answer=answer,
        reasoning="it says so",
        facts='{"usage": 1}',
        prefix=b"p" * 32,
        state=b"",
        segments=segments
        or (
            Segment(Role.USER, "question", question, Ids.of(range(9))),
            Segment(Role.ASSISTANT, "answer", answer),
        ),
    )


def asked(store: Store, session: str, *questions: str) -> list[int]:
    """Turns appended to a session in order; their ids."""
    ids = []
    for question in questions:
        head = store.session(session).head
        ids.append(store.append(session, turn(question, head)).id)
    return ids

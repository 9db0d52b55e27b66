"""Sessions over corpora that are made in a test instead of read."""

from collections.abc import Callable
from pathlib import Path

from longctx.api import Ask, Connected, Loaded, Places, Session
from longctx.api.surface import Surface
from longctx.corpus import Corpus
from longctx.store import Store


def session_over(
    corpus: Corpus | Callable[[], Corpus],
    connected: Connected,
    folder: Path,
    wanted: Ask | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Session:
    """A session that reads `corpus`; what it keeps lies in `folder`."""
    read = corpus if callable(corpus) else lambda: corpus
    places = Places(folder / "cache", folder / "data")
    return Session(
        Surface(
            connected,
            lambda: Loaded(read(), ()),
            wanted or Ask(),
            places,
            Store.open(places.data),
            place="made in a test",
            sources=("made in a test",),
            say=say,
        )
    )

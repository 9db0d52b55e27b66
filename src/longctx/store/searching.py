"""Finding turns again by their words: SQLite's FTS5 over questions and answers.

What may live here: how a text is cut into words, for the index and for a query alike. A query is
the user's text and never FTS5's syntax.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from longctx.store.text import text_of
from longctx.store.values import Hit

if TYPE_CHECKING:
    import sqlite3

    from longctx.store.database import Database

_WORDS = 32
"""Words of a query that count: FTS5 refuses very deep expressions."""

_SNIPPET = 24
"""Words of a snippet."""

_CUT = "\x1f"
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
"""Chinese and Japanese, which FTS5's tokenizer takes for one endless word."""

_SELECT = """
SELECT turn.session, turn.id, turn.question, snippet(said, -1, '', '', '…', :words)
FROM said JOIN turn ON turn.id = said.rowid
WHERE said MATCH :query ORDER BY said.rank, turn.id DESC LIMIT :limit
"""


def index(sql: sqlite3.Connection, turn: int, question: str, answer: str) -> None:
    sql.execute(
        "INSERT INTO said (rowid, question, answer) VALUES (?, ?, ?)",
        (turn, _cut(question), _cut(answer)),
    )


def search(database: Database, text: str, limit: int) -> tuple[Hit, ...]:
    """Turns that hold words beginning with each of the text's words, best first."""
    words = dict.fromkeys(_cut(text).replace('"', " ").split(" "))
    query = " ".join(f'"{word}"*' for word in [*filter(None, words)][:_WORDS])
    if not query:
        return ()
    with database.reading() as sql:
        rows = sql.execute(_SELECT, {"words": _SNIPPET, "query": query, "limit": limit}).fetchall()
    return tuple(
        Hit(session, turn, text_of(question), " ".join(snippet.replace(_CUT, "").split()))
        for session, turn, question, snippet in rows
    )


def _cut(text: str) -> str:
    """The text as FTS5 may see it: valid Unicode without NUL, one CJK character a word."""
    valid = text.encode("utf-8", "replace").decode().replace("\0", " ").replace(_CUT, " ")
    return _UNSPACED.sub(rf"{_CUT}\g<0>{_CUT}", valid)

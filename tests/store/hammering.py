"""Appends to a session of its own and to a shared one; run many times at once.

python hammering.py FOLDER SHARED-SESSION TURNS
"""

import hashlib
import sys
from pathlib import Path

from longctx.store import Kept, SessionMoved, Store


def question(text: str, parent: int | None) -> Kept:
    return Kept(0, "", parent, "", text, "", "", "{}", b"", b"", ())


def main(folder: Path, shared: str, turns: int) -> None:
    store = Store.open(folder)
    own = store.create((), "own", "{}")
    head: int | None = None
    for number in range(turns):
        head = store.append(own.id, question(f"own {number}", head)).id
        while True:
            try:
                store.append(shared, question(own.id, store.session(shared).head))
            except SessionMoved:
                continue
            break
        content = bytes([number]) * 10_000
        store.freeze(hashlib.sha256(content).digest(), {"ids": [content]})
        store.record("server", b"entry", 10)
    store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))

"""Writes to a store without end, and says what it has been promised: killed by test_kill.py.

    python endless_writer.py FOLDER SEED

Each line of its output follows the call that it speaks of, except `going`, which comes before.
"""

import hashlib
import os
import random
import sys
from pathlib import Path

from longctx.store import Kept, Store

PARTS = 3


def parts_of(seed: int) -> dict[str, bytes]:
    """A base whose parts can be told from their digest."""
    rng = random.Random(seed)
    return {f"part{n}": rng.randbytes(rng.randrange(200_000)) for n in range(PARTS)}


def digest_of(parts: dict[str, bytes]) -> bytes:
    return hashlib.sha256(
        b"".join(hashlib.sha256(parts[name]).digest() for name in sorted(parts))
    ).digest()


def answer_to(question: str) -> str:
    return hashlib.sha256(question.encode()).hexdigest() * 200


def said(line: str) -> None:
    os.write(1, line.encode() + b"\n")


def asked(store: Store, session: str, parent: int | None, question: str) -> int:
    turn = Kept(0, "", parent, "", question, answer_to(question), "", "{}", b"", b"", ())
    kept = store.append(session, turn)
    said(f"turn {kept.id} {question}")
    return kept.id


def main(folder: Path, seed: int) -> None:
    rng = random.Random(seed)
    store = Store.open(folder)
    session = store.create((), "place", "{}").id
    head: int | None = None
    for step in range(10**9):
        head = asked(store, session, head, f"question {seed} {step}")
        if step % 3 == 0:
            parts = parts_of(rng.randrange(10**9))
            digest = digest_of(parts)
            store.freeze(digest, {name: [data[:1000], data[1000:]] for name, data in parts.items()})
            said(f"base {digest.hex()}")
            if step % 2:
                said(f"going {digest.hex()}")
                store.thaw(digest)
        if step % 5 == 0:
            value = rng.randbytes(100_000)
            key = hashlib.sha256(value).digest()
            store.keep("value", {key: value})
            said(f"value {key.hex()}")
        if step % 7 == 0:
            fork = store.create((), "place", "{}", parent=head)
            store.append(fork.id, Kept(0, "", head, "", "fork", "", "", "{}", b"", b"", ()))
            store.remove(fork.id)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))

"""Lineages on disk: bases as mapped files, steps and texts by digest, and what points to them.

Knows how these values are written; never when, nor why a base is what it is. Everything is named by
a digest of its content, so writing twice is harmless and two processes cannot disagree.
"""

from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from longctx import render
from longctx.corpus import Document
from longctx.prompt import Ids
from longctx.updates import Base, Known, Lineage, Shown, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longctx.store import Store

Change = tuple[str, Known | None]


@dataclass(frozen=True, slots=True)
class Pointer:
    """What a source's questions were last asked over."""

    lineage: bytes
    parent: bytes
    """The shared lineage that it continues; b"" for a base of one's own."""


class Lineages:
    """Reads and writes lineages; also the texts (`longctx.pack.growing.Texts`) they are made of."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._documents: dict[bytes, Document] = {}
        self._frozen: dict[bytes, tuple[memoryview, int, int]] = {}
        """Digest of a text to (texts, first byte, end) of a base: mapped, so that they stay though
        another process clears the base."""
        self._loaded: dict[bytes, Lineage] = {}

    def put(self, document: Document) -> None:
        self._documents[document.digest] = document

    def get(self, digest: bytes) -> str:
        """The text of the document of that digest; KeyError where it was never shown."""
        return self._document("", digest).text

    def _document(self, path: str, digest: bytes) -> Document:
        """What was shown under that digest, under this path."""
        known = self._documents.get(digest)
        if known is not None:
            return replace(known, path=path)
        return Document.of_content(path, self._content(digest))

    def _content(self, digest: bytes) -> bytes:
        known = self._documents.get(digest)
        if known is not None:
            return known.content
        data = self._store.kept("text", digest)
        if data is None:
            texts, start, end = self._frozen[digest]
            data = bytes(texts[start:end])
        return data

    def base_texts(self, base: Base) -> Iterator[str]:
        """The base as text, piece by piece."""
        yield base.opening
        for shown in base.shown:
            if shown.same is not None:
                yield render.copy(shown.number, shown.path, shown.same)
                continue
            yield render.head(shown.number, shown.path)
            yield render.body(self._document(shown.path, shown.digest))
            yield render.tail(shown.number)
        yield base.closing

    def keep(self, lineage: Lineage) -> None:
        """Write what is not there yet."""
        if self._store.kept("lineage", lineage.digest) is not None and self._known(lineage.base):
            return
        if not self._known(lineage.base):
            self._freeze(lineage.base)
        texts = {
            known.digest: self._content(known.digest)
            for step in lineage.steps
            for path, known in step.changes
            if known is not None and known == lineage.state.get(path)
        }
        self._store.keep("text", texts)
        self._store.keep("step", {step.digest: _step_bytes(step) for step in lineage.steps})
        steps = b"".join(step.digest for step in lineage.steps)
        self._store.keep("lineage", {lineage.digest: lineage.base.digest + steps})

    def lineage(self, digest: bytes) -> Lineage | None:
        """The lineage of that digest; None where it, or a part of it, is not kept any more."""
        found = self._loaded.get(digest)
        if found is not None:
            return found
        data = self._store.kept("lineage", digest)
        base = None if data is None else self._base(data[:32])
        if data is None or base is None:
            return None
        steps = [self._step(data[at : at + 32]) for at in range(32, len(data), 32)]
        if any(step is None for step in steps):
            return None
        found = Lineage(base, tuple(step for step in steps if step is not None))
        self._loaded[digest] = found
        return found

    def point(self, key: bytes, pointer: Pointer) -> None:
        data = pointer.lineage + pointer.parent
        if self._store.kept("pointer", key) != data:
            self._store.keep("pointer", {key: data})

    def pointed(self, key: bytes) -> Pointer | None:
        data = self._store.kept("pointer", key)
        return None if data is None else Pointer(data[:32], data[32:])

    def _known(self, base: Base) -> bool:
        return self._store.frozen(base.digest, "manifest") is not None

    def _freeze(self, base: Base) -> None:
        self._store.freeze(
            base.digest,
            {
                "ids": [base.ids.data],
                "texts": self._text_bytes(base),
                "manifest": [self._manifest(base).encode()],
            },
        )

    def _text_bytes(self, base: Base) -> Iterator[bytes]:
        for shown in base.shown:
            yield self._content(shown.digest)

    def _manifest(self, base: Base) -> str:
        shown = [
            (
                each.path,
                each.number,
                each.tokens,
                each.digest.hex(),
                len(self._content(each.digest)),
                each.same,
            )
            for each in base.shown
        ]
        return json.dumps(
            {
                "opening": base.opening,
                "closing": base.closing,
                "head_tokens": base.head_tokens,
                "shown": shown,
                "left": sorted(base.left),
            },
            separators=(",", ":"),
        )

    def _base(self, digest: bytes) -> Base | None:
        """The frozen base of that digest; a damaged one is removed, so that it is made anew."""
        parts = (self._store.frozen(digest, part) for part in ("manifest", "ids", "texts"))
        manifest, ids, texts = parts
        if manifest is None or ids is None or texts is None:
            return None
        try:
            said = json.loads(bytes(manifest))
            base: Base | None = _base_of(said, bytes(ids))
            sizes = [int(row[4]) for row in said["shown"]]
        except (ValueError, LookupError, TypeError):
            base, sizes = None, []
        if base is None or base.digest != digest:
            self._store.thaw(digest)
            return None
        places = accumulate(sizes, initial=0)
        for each, (start, end) in zip(base.shown, pairwise(places), strict=True):
            self._frozen[each.digest] = (texts, start, end)
        return base

    def _step(self, digest: bytes) -> Step | None:
        data = self._store.kept("step", digest)
        return None if data is None else step_of(data)


def _base_of(said: dict[str, object], ids: bytes) -> Base:
    """A base from its manifest; ValueError and the like where that makes no sense."""
    rows, left, head = said["shown"], said["left"], said["head_tokens"]
    if not (isinstance(rows, list) and isinstance(left, list) and isinstance(head, int)):
        raise ValueError("not a manifest")
    shown = tuple(
        Shown(path, number, tokens, bytes.fromhex(text), *same)
        for path, number, tokens, text, _, *same in rows
    )
    made = Ids(ids)
    return Base(
        str(said["opening"]),
        str(said["closing"]),
        shown,
        frozenset(left),
        len(made),
        head,
        lambda: made,
    )


def _step_bytes(step: Step) -> bytes:
    changes = [
        (
            path,
            None
            if known is None
            else (known.number, known.digest.hex(), known.diffs, known.unseen),
        )
        for path, known in step.changes
    ]
    head = json.dumps([step.text, changes]).encode()
    return struct.pack("<I", len(head)) + head + step.ids.data


def step_of(data: bytes) -> Step:
    (size,) = struct.unpack_from("<I", data)
    text, changes = json.loads(data[4 : 4 + size])
    return Step(
        text,
        Ids(data[4 + size :]),
        tuple(
            (path, None if known is None else Known(known[0], bytes.fromhex(known[1]), *known[2:]))
            for path, known in changes
        ),
    )


def key_of(*parts: object) -> bytes:
    """A key for everything that these parts name."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).digest()

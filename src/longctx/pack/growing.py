"""How a lineage begins and grows: a base from a corpus, a step from a change, a new base in time.

Pure but for the memo and the texts it is handed: the same base and the same changes give the same
ids on any machine. What must never be known here: commits, stores, engines.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from longctx import render
from longctx.pack import counted, pack
from longctx.pack.core import SURE, core_order
from longctx.pack.measure import base_order
from longctx.pack.tiers import Tier, tier_of
from longctx.prompt import Ids
from longctx.tokens.remembering import Remembering
from longctx.updates import Base, Lineage, Shown, Step, Update, update_between

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from longctx.corpus import Corpus, Document
    from longctx.pack import Pack
    from longctx.tokens import Tokenizer
    from longctx.tokens.memo import Memo
    from longctx.updates import Known

CORE = 0.5
"""Where not everything fits, the share of the room that a base takes; the rest is for what each
question needs, for updates and turns."""

COPY = 400
"""A document of up to 1/400 as many characters as the base has tokens is shown whole again after
two diffs; larger ones would cost more than they make clearer (measured in benchmarks/replay.py)."""

JOIN = 100
"""Where not everything fitted, a new document of up to 1/100 as many characters joins."""

LEAST = 2_000
"""Characters of a change that are always shown, whatever the file."""


class Texts(Protocol):
    """Where texts that were shown are kept, by digest."""

    def get(self, digest: bytes) -> str: ...

    def put(self, document: Document) -> None: ...


@dataclass(frozen=True, slots=True)
class Terms:
    """What a lineage is grown under."""

    tokenizer: Tokenizer
    memo: Memo
    room: int
    """Tokens for base and updates together."""
    share: float
    """Updates may take this share of the base."""
    progress: Callable[[int, int], None] = lambda done, total: None
    core: float = CORE
    """Where not everything fits, the base takes this share of the room."""


def chosen(corpus: Corpus, terms: Terms, order: tuple[Document, ...] | None = None) -> Pack:
    """What a base of this corpus shows."""
    room, tokenizer, memo = terms.room, terms.tokenizer, terms.memo
    places = None
    if sum(len(document.text) for document in corpus) > SURE * room:
        places = core_order(corpus, memo, terms.progress)
    with closing(counted(corpus, tokenizer, memo, room, terms.progress, order, places)) as units:
        return pack(corpus, units, room, tokenizer, memo, room - int(terms.core * room))


def founded(chosen: Pack) -> Lineage:
    """The base that shows this choice."""
    shown = tuple(
        Shown(unit.document.path, unit.number, unit.tokens, unit.document.digest, unit.same)
        for unit in chosen.shown
    )
    paths = {unit.document.path for unit in chosen.shown}
    left = frozenset(document.path for document in chosen.corpus if document.path not in paths)
    opening = render.opening()
    head = len(Remembering(chosen.tokenizer, chosen.memo).encode(opening))

    def ids() -> Ids:
        return Ids.joined(segment.ids or Ids() for segment in chosen.segments())

    return Lineage(Base(opening, chosen.closing, shown, left, chosen.tokens, head, ids))


def difference(
    lineage: Lineage, documents: Iterable[Document]
) -> tuple[dict[str, Known], dict[str, Document]]:
    """What is gone and what is new or changed, seen from what the model has been shown.

    Documents that are left out stay so.
    """
    gone = dict(lineage.state)
    fresh: dict[str, Document] = {}
    for document in documents:
        known = gone.pop(document.path, None)
        if known is None or known.digest != document.digest:
            fresh[document.path] = document
    return gone, joining(lineage, fresh)


def joining(lineage: Lineage, fresh: Mapping[str, Document]) -> dict[str, Document]:
    """Of new and changed documents those that the prompt shows: where not everything fitted, new
    ones only if they are small."""
    base = lineage.base
    return {
        path: document
        for path, document in fresh.items()
        if path in lineage.state
        or not base.left
        or (path not in base.left and len(document.text) <= base.tokens // JOIN)
    }


def grown(
    lineage: Lineage,
    gone: Mapping[str, Known],
    fresh: Mapping[str, Document],
    texts: Texts,
    terms: Terms,
    everything: Callable[[], Corpus],
) -> Lineage:
    """The lineage after a change: one more step, or a new base where steps grew too many.

    `everything` gives all documents after the change, for a new base to choose from.
    """
    after = updated(lineage, gone, fresh, texts, terms)
    return founded(recut(lineage, everything(), terms)) if overgrown(after, terms) else after


def updated(
    lineage: Lineage,
    gone: Mapping[str, Known],
    fresh: Mapping[str, Document],
    texts: Texts,
    terms: Terms,
) -> Lineage:
    """The lineage with one more step; itself where nothing changed."""
    if not gone and not fresh:
        return lineage
    for document in fresh.values():
        texts.put(document)
    update = update_between(
        lineage.state,
        gone,
        fresh,
        lambda path, known: texts.get(known.digest),
        lineage.next_number,
        lineage.base.tokens // COPY,
        _unseen(lineage.base.tokens),
    )
    return lineage.followed_by(stepped(update, terms.tokenizer))


def _unseen(tokens: int) -> Callable[[str, int], bool]:
    """Which changes (path, characters) only say that there is one: large ones of generated files,
    such as lock files, which would soon cost a new base. Their text comes with that."""
    limit = max(LEAST, tokens // COPY)
    return lambda path, size: size > limit and tier_of(path) is Tier.GENERATED


def stepped(update: Update, tokenizer: Tokenizer) -> Step:
    return Step(update.text, tokenizer.encode(update.text), update.changes)


def overgrown(lineage: Lineage, terms: Terms) -> bool:
    """Whether the updates take too much of the room, or of what they update."""
    base = lineage.base.tokens
    return bool(lineage.steps) and lineage.carried > min(terms.share * base, terms.room - base)


def recut(lineage: Lineage, corpus: Corpus, terms: Terms) -> Pack:
    """A new base of the corpus in the old one's order: what is not as it was moves to the end, so
    that the prefix holds up to the first document that changed."""
    kept = [
        document
        for shown in lineage.base.shown
        if (document := corpus.get(shown.path)) is not None and document.digest == shown.digest
    ]
    still = {document.path for document in kept}
    moved = [document for document in base_order(corpus) if document.path not in still]
    return chosen(corpus, terms, (*kept, *moved))

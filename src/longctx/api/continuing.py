"""Which lineage a question is asked over: the shared one of a commit, or one's own, continued.

For a git source with its history the lineage follows from commits alone (see `updates.anchors`);
what is not committed comes after it, and everything else continues what was asked before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from longctx import render
from longctx.api.lineages import Pointer, key_of
from longctx.corpus import Corpus, Document, Omission, Reason
from longctx.errors import LoadError
from longctx.pack.growing import (
    chosen,
    difference,
    founded,
    grown,
    joining,
    overgrown,
    recut,
    updated,
)
from longctx.updates import AnchorRule, anchor_in
from longctx.updates.anchors import LOOK_BACK

if TYPE_CHECKING:
    from collections.abc import Callable

    from longctx.api.lineages import Lineages
    from longctx.loaders.history import Change, History
    from longctx.pack.growing import Terms
    from longctx.updates import Lineage

RULE = AnchorRule()

OWN_SHARE = 0.10
"""A base that follows from no history is cut anew when updates pass this share of it."""


@dataclass(frozen=True)
class Continued:
    """The lineage to ask over."""

    lineage: Lineage
    key: bytes
    parent: bytes
    """Names the shared lineage that it continues, or is; b"" for a base of one's own."""
    shared: Lineage | None
    """What every full clone of this commit has, to the token."""
    apart: bytes = b""
    """Names the shared base that was left for one of one's own, which lasts as long as that."""


class Continuing:
    """Finds, grows and keeps the lineages of one set of sources under one set of terms."""

    def __init__(
        self, lineages: Lineages, terms: Terms, place: str, say: Callable[[str], None]
    ) -> None:
        """`place` names sources and selection on this machine."""
        self._lineages = lineages
        self._terms = terms
        self._own = replace(terms, share=OWN_SHARE)
        self._say = say
        self._scope = key_of(render.VERSION, terms.tokenizer.name, terms.room, RULE.every, place)

    def current(
        self, corpus: Corpus, history: History | None = None, *, anew: bool = False
    ) -> Continued:
        """The lineage that shows the corpus as it is now; `anew` begins a base of one's own."""
        for document in corpus:
            self._lineages.put(document)
        shared = None if history is None else self._shared(history, corpus)
        parent = b"" if history is None or shared is None else self._at(history.head)
        key = key_of(self._scope.hex(), "own")
        apart = self._apart(shared)
        own = self._last(key, apart) if apart else None
        if anew:
            lineage = founded(chosen(corpus, self._own))
        elif own is not None:
            lineage = self._grown(own, corpus)
        else:
            lineage, apart = self._continued(corpus, shared, self._last(key, parent)), b""
        return Continued(lineage, key, parent, shared, apart)

    def repacked(self, continued: Continued, corpus: Corpus) -> Continued:
        """The same documents on a base of their own, what changed moved to the end."""
        lineage = continued.lineage
        if not lineage.steps:
            return continued
        cut = founded(recut(lineage, corpus, self._own))
        return replace(continued, lineage=cut, apart=self._apart(continued.shared))

    def keep(self, continued: Continued) -> bytes | None:
        """Make the next question continue this one; the digest of a base that it replaces."""
        before = self._lineages.pointed(continued.key)
        if continued.shared is not None and self._lineages.pointed(continued.parent) is None:
            self._keep_shared(continued.shared, continued.parent)
        self._lineages.keep(continued.lineage)
        pointer = Pointer(continued.lineage.digest, continued.apart or continued.parent)
        self._lineages.point(continued.key, pointer)
        if before is None or before == pointer:
            return None
        old = self._lineages.lineage(before.lineage)
        base = None if old is None else old.base.digest
        return None if base == continued.lineage.base.digest else base

    def updated(self, seen: Lineage, corpus: Corpus) -> Lineage:
        """What a conversation has seen, with one step to how the corpus is now; never cut anew."""
        for document in corpus:
            self._lineages.put(document)
        return updated(seen, *difference(seen, corpus), self._lineages, self._own)

    def outgrown(self, seen: Lineage) -> bool:
        """Whether a conversation's updates are worth a new base."""
        return overgrown(seen, self._own)

    def _apart(self, shared: Lineage | None) -> bytes:
        if shared is None:
            return b""
        return key_of(self._scope.hex(), "apart", shared.base.digest.hex())

    def _last(self, key: bytes, parent: bytes) -> Lineage | None:
        pointer = self._lineages.pointed(key)
        if pointer is None or pointer.parent != parent:
            return None
        return self._lineages.lineage(pointer.lineage)

    def _continued(self, corpus: Corpus, shared: Lineage | None, last: Lineage | None) -> Lineage:
        if shared is not None and difference(shared, corpus) == ({}, {}):
            return shared
        start = shared if last is None else last
        if start is None:
            return founded(chosen(corpus, self._own))
        return self._grown(start, corpus)

    def _grown(self, start: Lineage, corpus: Corpus) -> Lineage:
        changed = difference(start, corpus)
        return grown(start, *changed, self._lineages, self._own, lambda: corpus)

    def _shared(self, history: History, corpus: Corpus) -> Lineage | None:
        """The lineage that follows from the history of the source's commit."""
        kept = self._kept_at(history.head)
        if kept is not None:
            return kept
        try:
            return self._followed(history, corpus)
        except LoadError as error:
            self._say(f"going on without the history, so this base is not shared: {error}")
            return None

    def _followed(self, history: History, corpus: Corpus) -> Lineage | None:
        """From the last commit whose lineage is kept, or from the anchor, to the newest."""
        if history.submodules:
            self._say("submodules have histories of their own: this base is not shared by clones")
            return None
        chain = history.chain(LOOK_BACK)
        place = anchor_in(chain.commits, chain.cut, RULE)
        if place is None:
            self._say(
                "the history here is cut off before an anchor, so other clones cannot share this"
                " base: `git fetch --unshallow` mends that"
            )
            return None
        path = chain.commits[place::-1]  # the anchor first
        start, lineage = len(path) - 1, None
        while start and lineage is None:
            start -= 1
            lineage = self._kept_at(path[start])
        if lineage is None:
            lineage = founded(chosen(self._documents(history, path[0], corpus), self._terms))
        steps = zip(path[start + 1 :], history.changes(path[start:]), strict=True)
        for commit, changes in steps:
            lineage = self._after(
                lineage, changes, partial(self._documents, history, commit, corpus)
            )
        if not lineage.state:  # a folder of which nothing is committed
            return None
        if start < len(path) - 1:  # what took long to follow is kept at once
            self._keep_shared(lineage, self._at(path[-1]))
        return lineage

    def _documents(self, history: History, commit: str, now: Corpus) -> Corpus:
        """Everything of a commit; `now` spares reading what is still the same."""
        found = list(history.documents(commit, now.get))
        if any(isinstance(item, Omission) and item.reason is Reason.MISSING for item in found):
            raise LoadError("a partial clone lacks what the commits before hold")
        corpus = Corpus.of(item for item in found if isinstance(item, Document))
        for document in corpus:
            self._lineages.put(document)
        return corpus

    def _kept_at(self, commit: str) -> Lineage | None:
        pointer = self._lineages.pointed(self._at(commit))
        return None if pointer is None else self._lineages.lineage(pointer.lineage)

    def _keep_shared(self, lineage: Lineage, at: bytes) -> None:
        self._lineages.keep(lineage)
        self._lineages.point(at, Pointer(lineage.digest, b""))

    def _after(
        self,
        lineage: Lineage,
        changes: tuple[Change, ...],
        everything: Callable[[], Corpus],
    ) -> Lineage:
        """One commit further."""
        gone = {
            change.path: lineage.state[change.path]
            for change in changes
            if change.after is None and change.path in lineage.state
        }
        for change in changes:
            if change.before is not None:
                self._lineages.put(change.before)
        fresh = {change.path: change.after for change in changes if change.after is not None}
        joined = joining(lineage, fresh)
        return grown(lineage, gone, joined, self._lineages, self._terms, everything)

    def _at(self, commit: str) -> bytes:
        return key_of(self._scope.hex(), commit)

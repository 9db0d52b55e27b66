"""What SGLang 0.5.23's prefix cache would hold: cached tokens, predicted without a server.

Here may live: how one request at a time goes through the cache: matched, prefilled in chunks, kept,
making room. It must never know servers, tokenizers, prompts' meaning or clocks: the same calls
always give the same numbers. tests/live compares it with real servers, except for what a full pool
evicts. A server frees what lies outside the window after each chunk, so live ends are chunk ends,
prompts' ends and outputs' ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.engines.radix_image import image_of, tree_of
from longctx.engines.radix_tree import PLAIN, Node, Rules, Tree
from longctx.errors import EngineError
from longctx.prompt import Ids

if TYPE_CHECKING:
    from collections.abc import Sequence

OUTPUT_INTERVAL = 128
"""How many tokens of an answer pass before its window data is given back."""


@dataclass(slots=True)
class Run:
    """One request on its way through the server; lengths in tokens."""

    data: bytes
    node: Node
    """Where its prefix ends in the tree; the path to it cannot be evicted."""
    kept: int
    """What the tree holds of it."""
    branch: int | None
    """Where it leaves a prefix that is known but no hit: first kept up to there, for the next."""
    end: int
    """What it has computed."""
    freed: int = 0
    """Up to where it has given back its own window data."""


class RadixCache:
    """One server's prefix cache."""

    def __init__(self, rules: Rules = PLAIN) -> None:
        self.rules = rules
        self.tree = Tree(rules)

    def prime(self, ids: Ids) -> int:
        """Cached tokens of a request that generates nothing."""
        return self.ask(ids)

    def peek(self, ids: Ids) -> int:
        """Cached tokens that `ask` would return for this prompt now; nothing changes."""
        return self.tree.hit(ids.data, self._reusable(len(ids)))

    def holds(self, ids: Ids) -> int:
        """How much of these ids a longer prompt that begins with them would find cached."""
        return self.tree.hit(ids.data, len(ids))

    def image(self) -> bytes:
        return image_of(self.tree)

    def ask(self, ids: Ids, generated: Sequence[int] = ()) -> int:
        """Cached tokens that the server reports for this prompt, which is then cached itself.

        `generated` is every token of the answer, the one that ended it too. The last one is not
        cached: nothing was computed after it.
        """
        rules, prompt = self.rules, len(ids)
        if rules.pool is not None and prompt + len(generated) > rules.pool:
            raise EngineError(
                f"{prompt:,} tokens and the answer do not fit the cache of {rules.pool:,} tokens:"
                " shorten the prompt"
            )
        node, cached, known = self.tree.match(ids.data, self._reusable(prompt))
        run = Run(ids.data, node, cached, known if known > cached else None, cached)
        while run.end < prompt:
            if run.end > cached:
                self._checkpoint(run, running=True)
            step = min(rules.chunk, prompt - run.end)
            self._make_room(run, step if rules.page == 1 else step + rules.page)
            run.end += step
        if len(generated) > 1:
            self._checkpoint(run, running=True)
            run.data += Ids.of(generated[:-1]).data
            for _ in generated[1:]:
                self._free_outside(run, run.end + 1, OUTPUT_INTERVAL)
                self._make_room(run, rules.page)
                run.end += 1
        self._checkpoint(run, running=False)
        if rules.window is None and len(generated) > 1:
            # So that an answer can be evicted without its prompt.
            stop = rules.floor(prompt)
            self.tree.insert(run.data, stop, stop, 0)
        return cached

    def _reusable(self, prompt: int) -> int:
        """The last token is always computed: the answer's first token comes from it."""
        return self.rules.floor(max(0, prompt - 1))

    def _checkpoint(self, run: Run, *, running: bool) -> None:
        """Give the tree what was computed: all, or what leads to a branching point."""
        stop = run.end
        branching = run.branch is not None and run.kept < run.branch <= stop
        if branching and run.branch is not None:
            stop = run.branch
        if running:
            self._free_outside(run, stop)
        stop = self.rules.floor(stop)
        run.node = self.tree.insert(run.data, stop, run.kept, run.freed)
        run.kept = stop
        if branching:
            run.branch = None
            if running:
                self._free_outside(run, run.end)

    def _free_outside(self, run: Run, stop: int, interval: int = 1) -> None:
        """Give back the request's window data that no token from `stop` on can see."""
        window = self.rules.window
        if window is None or stop - 1 - window < run.freed + interval:
            return
        outside = self.rules.floor(stop - 1 - self.rules.tail)
        run.freed = max(run.freed, run.kept, outside)

    def _make_room(self, run: Run, tokens: int) -> None:
        """Evict until `tokens` more are free beside what the running request holds."""
        rules, tree = self.rules, self.tree
        held = set(run.node.upwards())
        taken = rules.ceil(run.end) + tokens
        if rules.pool is not None:
            while tree.full + taken - run.kept > rules.pool:
                leaves = (leaf for leaf in tree.root.leaves() if leaf not in held)
                oldest = min(leaves, key=lambda leaf: leaf.used, default=None)
                if oldest is None:
                    break
                tree.drop(oldest)
        if rules.window is None or rules.window_pool is None:
            return
        seen = set(tree.within(run.node, rules.window))
        for node in tree.recent[::-1]:
            if tree.live + taken - max(run.kept, run.freed) <= rules.window_pool:
                break
            if node in seen:
                continue
            if node.children or node in held:
                tree.forget(node)
            else:
                tree.drop(node)


@dataclass(frozen=True, slots=True)
class Radix:
    """Caching (`longctx.engines.caching`) as SGLang does it, under these rules."""

    reads_end = True
    """SGLang 0.5.23 without --disable-overlap-schedule."""

    rules: Rules = PLAIN

    def empty(self) -> RadixCache:
        return RadixCache(self.rules)

    def restored(self, image: bytes) -> RadixCache | None:
        tree = tree_of(image, self.rules)
        if tree is None:
            return None
        cache = RadixCache(self.rules)
        cache.tree = tree
        return cache

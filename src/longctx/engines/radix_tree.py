"""The tree of prefixes that a server keeps, and the settings that rule it.

Here may live: nodes, matching, splitting, forgetting. It must never know requests, chunks or
servers; `radix` runs requests through it.

A node of the tree is a run of tokens. Under a sliding window a node may have lost its window data
(`live` is False) while its other data stays; a prefix is a hit only where a whole window before its
end is live.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longctx.engines import Served

ID = 4
"""Bytes of one token id in `Ids`."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings of a server that decide what is cached, all in tokens."""

    page: int = 1
    window: int | None = None
    """The sliding window of the model's window layers; None for an ordinary model."""
    chunk: int = 8192
    """The server's `--chunked-prefill-size`."""
    pool: int | None = None
    """What the server can keep at all; None for no limit."""
    window_pool: int | None = None
    """What it can keep of window layers (`--swa-full-tokens-ratio` x pool); None for no limit."""

    def __post_init__(self) -> None:
        if self.chunk < self.page or self.chunk % self.page:
            raise ValueError("the chunk is a whole number of pages")
        if self.window_pool is not None and self.window_pool < self.chunk + 2 * self.tail:
            # SGLang then takes smaller chunks, which nobody has measured.
            raise ValueError("the window pool must hold a chunk and the windows around it")

    @property
    def tail(self) -> int:
        """The whole pages that a window needs."""
        return -(-(self.window or 0) // self.page) * self.page

    def floor(self, tokens: int) -> int:
        return tokens // self.page * self.page

    def ceil(self, tokens: int) -> int:
        return -(-tokens // self.page) * self.page


PLAIN = Rules()
V4 = Rules(page=256, window=128)
"""DeepSeek V4 as SGLang serves it, with room for everything."""


def rules_of(served: Served) -> Rules:
    """The rules that a server told; what it did not tell is as in PLAIN.

    Raises nothing: where the window pool is smaller than a chunk and its windows, SGLang computes
    less at a time, and a pool that cannot hold even a page of that is taken for untold.
    """
    page = max(1, served.page_size or PLAIN.page)
    chunk = max(page, (served.chunk or PLAIN.chunk) // page * page)
    told = Rules(page, served.sliding_window, chunk, served.pool)
    if told.window is None or served.window_pool is None:
        return told
    room = told.floor(served.window_pool - 2 * told.tail)
    if room < page:
        return told
    return replace(told, chunk=min(chunk, room), window_pool=served.window_pool)


def shared(left: bytes, right: bytes) -> int:
    """How many leading ids agree, by halving."""
    low, high = 0, min(len(left), len(right)) // ID
    while low < high:
        middle = (low + high + 1) // 2
        if left[: ID * middle] == right[: ID * middle]:
            low = middle
        else:
            high = middle - 1
    return low


class Node:
    __slots__ = ("children", "key", "live", "parent", "used")

    def __init__(self, parent: Node | None, key: bytes, used: int, live: bool = False) -> None:
        self.parent = self if parent is None else parent
        """The node before; the root's is the root."""
        self.key = key
        self.used = used
        self.live = live
        self.children: dict[bytes, Node] = {}

    def __len__(self) -> int:
        return len(self.key) // ID

    def upwards(self) -> Iterator[Node]:
        """This node and those before it in the prefix, without the root."""
        node = self
        while node.parent is not node:
            yield node
            node = node.parent

    def leaves(self) -> Iterator[Node]:
        stack = [*self.children.values()]
        while stack:
            node = stack.pop()
            stack.extend(node.children.values())
            if not node.children:
                yield node


class Tree:
    """What is kept, and when it was used; what may be evicted is its caller's business."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.root = Node(None, b"", 0)
        self.recent: list[Node] = []
        """Live nodes, the one to evict last first; empty without a sliding window."""
        self.full = 0
        """Tokens kept."""
        self.live = 0
        """Tokens kept with their window data."""
        self.clock = 0

    def match(self, data: bytes, limit: int) -> tuple[Node, int, int]:
        """The node that the longest hit ends on, the hit's length, and how far `data` is known."""
        window = self.rules.window or 0
        best = node = self.root
        hit = at = 0
        run = float("inf")
        while at < limit and (child := self._child(node, data, at, limit)):
            node = child
            at += len(node)
            run = run + len(node) if node.live or not window else 0
            if run >= max(1, window):
                best, hit = node, at
        self._refresh(best)
        for passed in reversed([*best.upwards()]):
            passed.used = self._now()
        return best, hit, at

    def hit(self, data: bytes, limit: int) -> int:
        """The length of the longest hit, with nothing changed; equal to what `match` finds."""
        window = self.rules.window or 0
        node, hit, at = self.root, 0, 0
        run = float("inf")
        while at < limit:
            child, same = self._next(node, data, at, limit)
            if child is None:
                break
            at += same
            run = run + same if child.live or not window else 0
            if run >= max(1, window):
                hit = at
            if same < len(child):
                break
            node = child
        return hit

    def insert(self, data: bytes, stop: int, kept: int, freed: int) -> Node:
        """Keep `data` up to `stop`: a request that already had `kept` tokens in the tree brings it,
        and has given back its own window data before `freed`."""
        node, at = self.root, 0
        while at < stop and (child := self._child(node, data, at, stop)):
            child.used = self._now()
            node = child
            at += len(node)
            if at > kept and not node.live:
                self._revive(node, at, freed)
        if at < stop:
            node = self._adopt(node, Node(node, data[at * ID : stop * ID], self._now()))
            self.full += len(node)
            self._revive(node, stop, freed)
            # A node that ends in a window is split so that its older part can go first.
            if node.live and len(node) > self.rules.tail:
                self._split(node, len(node) - self.rules.tail)
        self._refresh(node)
        return node

    def drop(self, leaf: Node) -> None:
        self.forget(leaf)
        self.full -= len(leaf)
        del leaf.parent.children[leaf.key[: self.rules.page * ID]]

    def forget(self, node: Node) -> None:
        """Free the window data of a node, and keep the rest."""
        if node.live:
            node.live = False
            self.live -= len(node)
            self.recent.remove(node)

    def within(self, node: Node, span: int) -> Iterator[Node]:
        """The nodes that hold the last `span` tokens of a prefix, from its end."""
        covered = 0
        for each in node.upwards():
            if covered >= span:
                return
            covered += len(each)
            yield each

    def _child(self, node: Node, data: bytes, at: int, limit: int) -> Node | None:
        """The next node along `data`, split where `data` leaves it; None where nothing goes on."""
        child, same = self._next(node, data, at, limit)
        return self._split(child, same) if child and same < len(child) else child

    def _next(self, node: Node, data: bytes, at: int, limit: int) -> tuple[Node | None, int]:
        """The next node along `data`, and how much of it is there, in whole pages."""
        child = node.children.get(data[at * ID : min(at + self.rules.page, limit) * ID])
        if child is None:
            return None, 0
        # Most nodes agree as a whole, which is told without copying a prompt of megabytes.
        if at + len(child) <= limit and data.startswith(child.key, at * ID):
            return child, len(child)
        there = data[at * ID : min(at + len(child), limit) * ID]
        return child, self.rules.floor(shared(child.key, there))

    def _split(self, node: Node, tokens: int) -> Node:
        """A new node of the first `tokens` tokens, put before `node`, which keeps the rest."""
        first = Node(node.parent, node.key[: tokens * ID], self._now(), node.live)
        self._adopt(node.parent, first)
        node.parent, node.key, node.used = first, node.key[tokens * ID :], self._now()
        self._adopt(first, node)
        if node.live:
            self.recent.insert(self.recent.index(node) + 1, first)
        return first

    def _adopt(self, parent: Node, child: Node) -> Node:
        parent.children[child.key[: self.rules.page * ID]] = child
        return child

    def _revive(self, node: Node, end: int, freed: int) -> None:
        """Give a node, or its part from `freed` on, the window data that a request brings."""
        start = end - len(node)
        if not self.rules.window or freed >= end:
            return
        if freed > start:
            self._split(node, freed - start)
        node.live = True
        self.live += len(node)
        self.recent.insert(0, node)

    def _refresh(self, node: Node) -> None:
        if self.rules.window:
            used = [
                each for each in self.within(node, self.rules.window + self.rules.page) if each.live
            ]
            self.recent = used + [each for each in self.recent if each not in used]

    def _now(self) -> int:
        self.clock += 1
        return self.clock

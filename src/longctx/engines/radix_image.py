"""A simulated tree as bytes and back, so that a new process need not replay what was sent.

Knows the tree's shape and nothing of what it means. Bytes that were damaged, or written under other
rules, give None: the image can always be made again.
"""

from __future__ import annotations

import json
import struct
from dataclasses import astuple

from longctx.engines.radix_tree import ID, Node, Rules, Tree

FORM = 1


def image_of(tree: Tree) -> bytes:
    """The tree, the order of its live nodes, and every key."""
    order = _in_order(tree.root)
    places = {id(node): place for place, node in enumerate(order)}
    nodes = [(places[id(node.parent)], len(node), node.used, int(node.live)) for node in order[1:]]
    recent = [places[id(node)] for node in tree.recent]
    head = json.dumps(
        [FORM, astuple(tree.rules), nodes, recent, tree.clock], separators=(",", ":")
    ).encode()
    return b"".join([struct.pack("<I", len(head)), head, *(node.key for node in order[1:])])


def tree_of(image: bytes, rules: Rules) -> Tree | None:
    """The tree that an image shows."""
    try:
        (size,) = struct.unpack_from("<I", image)
        form, ruled, nodes, recent, clock = json.loads(image[4 : 4 + size])
        if form != FORM or tuple(ruled) != astuple(rules):
            return None
        return _tree(rules, nodes, recent, clock, image, 4 + size)
    except (ValueError, IndexError, TypeError, struct.error):
        return None


def _in_order(root: Node) -> list[Node]:
    """Parents before their children."""
    order, stack = [], [root]
    while stack:
        node = stack.pop()
        order.append(node)
        stack.extend(node.children.values())
    return order


def _tree(
    rules: Rules,
    nodes: list[tuple[int, int, int, int]],
    recent: list[int],
    clock: int,
    image: bytes,
    at: int,
) -> Tree:
    tree = Tree(rules)
    order = [tree.root]
    for parent, length, used, live in nodes:
        key = image[at : at + length * ID]
        if len(key) != length * ID or not length:
            raise ValueError("an image that ends early")
        at += len(key)
        node = Node(order[parent], key, used, bool(live))
        order[parent].children[key[: rules.page * ID]] = node
        order.append(node)
        tree.full += length
        tree.live += length if live else 0
    tree.recent = [order[place] for place in recent]
    tree.clock = clock
    return tree

"""Mentions and graphs as bytes, for caches: JSON, never a pickle.

What may live here: the wire form. What must never be known here: where bytes are kept. Names hold
no space, so each list is one string: a corpus of thousands of files is read in milliseconds.
"""

from __future__ import annotations

import json
from itertools import chain
from typing import TYPE_CHECKING

from longctx.rank.graph import Graph
from longctx.rank.values import Mentions

if TYPE_CHECKING:
    from longctx.rank.graph import Row


class Unpackable(ValueError):
    """The bytes are no mentions."""


def packed(mentions: Mentions) -> bytes:
    return json.dumps(
        [" ".join(mentions.defines), " ".join(mentions.names), "\n".join(mentions.imports)],
        separators=(",", ":"),
    ).encode()


def unpacked(data: bytes) -> Mentions:
    """The mentions whose bytes these are. Raises Unpackable."""
    try:
        defines, names, imports = json.loads(data)
        return Mentions(
            tuple(defines.split()),
            tuple(names.split()),
            tuple(imports.split("\n") if imports else ()),
        )
    except (ValueError, TypeError, AttributeError) as error:
        raise Unpackable(str(error)) from error


def graph_packed(graph: Graph) -> bytes:
    return json.dumps(
        [
            "\n".join(graph.paths),
            " ".join(graph.keys),
            "\n".join(map(" ".join, graph.defines)),
            [list(chain.from_iterable(row)) for row in graph.rows],
        ],
        separators=(",", ":"),
    ).encode()


def graph_unpacked(data: bytes) -> Graph:
    """The graph whose bytes these are. Raises Unpackable."""
    try:
        paths, keys, defines, rows = json.loads(data)
        graph = Graph(
            tuple(paths.split("\n")) if paths else (),
            tuple(keys.split()),
            tuple(tuple(line.split()) for line in defines.split("\n")) if paths else (),
            tuple(tuple(zip(row[::2], row[1::2], strict=True)) for row in rows),
        )
    except (ValueError, TypeError, AttributeError) as error:
        raise Unpackable(str(error)) from error
    count = len(graph.paths)
    lengths = {len(graph.keys), len(graph.defines), len(graph.rows)}
    if lengths != {count} or not all(_is_row(row, count) for row in graph.rows):
        raise Unpackable("its parts do not fit together")
    return graph


def _is_row(row: Row, count: int) -> bool:
    return all(type(place) is int and 0 <= place < count and weight > 0 for place, weight in row)

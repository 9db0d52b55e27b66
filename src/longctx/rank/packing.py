"""Mentions as bytes, for caches: JSON, never a pickle.

What may live here: the wire form. What must never be known here: where bytes are kept. Names hold
no space, so each list is one string: a corpus of thousands of files is read in milliseconds.
"""

from __future__ import annotations

import json

from longctx.rank.values import Mentions


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
            tuple(defines.split()), tuple(names.split()), tuple(imports.split("\n") if imports else ())
        )
    except (ValueError, TypeError, AttributeError) as error:
        raise Unpackable(str(error)) from error

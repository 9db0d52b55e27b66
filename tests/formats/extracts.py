"""What the tests of formats share: a reader asked as the worker asks it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from longctx.formats import Extract, Format, Material, NotThis, Options, Refused
from longctx.formats.packing import fitting

if TYPE_CHECKING:
    from collections.abc import Iterator


def read(format: Format, data: bytes | str, name: str = "file") -> Extract:
    """The extract as a document is made of it."""
    if isinstance(data, str):
        data = data.encode()
    return fitting(format.read(Material(name, data), Options(), lambda done, total: None))


def places(extract: Extract, kind: str) -> list[tuple[str, str, int]]:
    """Anchors of a kind: label, the line at which each begins, depth."""
    return [
        (each.label, extract.text[each.start :].partition("\n")[0], each.depth)
        for each in extract.anchors
        if each.kind == kind
    ]


def check(extract: Extract) -> None:
    """What holds for every extract of these formats."""
    text = extract.text
    assert not text or text.endswith("\n")
    assert not any(line != line.rstrip() for line in text.split("\n"))
    assert [each.start for each in extract.anchors] == sorted(
        each.start for each in extract.anchors
    )
    for each in extract.anchors:
        assert each.start == 0 or text[each.start - 1] == "\n", each


def mutated(data: bytes, count: int, seed: int = 1) -> Iterator[bytes]:
    """Damaged copies: bytes flipped, pieces cut out, repeated, exchanged and cut off."""
    chance = random.Random(seed)
    for _ in range(count):
        copy = bytearray(data)
        for _ in range(chance.randint(1, 8)):
            at, length = chance.randrange(len(copy) + 1), chance.randint(1, 40)
            match chance.randrange(5):
                case 0:
                    copy[at : at + 1] = bytes([chance.randrange(256)])
                case 1:
                    del copy[at : at + length]
                case 2:
                    copy[at:at] = copy[at : at + length] * chance.randint(1, 30)
                case 3:
                    other = chance.randrange(len(copy) + 1)
                    copy[at : at + length] = copy[other : other + length]
                case _ if chance.random() < 0.2:
                    del copy[at:]
        yield bytes(copy)


def survives(format: Format, data: bytes) -> Extract | None:
    """Reads a damaged file: a sound extract, or a reason."""
    try:
        extract = read(format, data)
    except (NotThis, Refused):
        return None
    check(extract)
    return extract

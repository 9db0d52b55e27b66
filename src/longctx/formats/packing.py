"""Extracts and options as bytes, for pipes and caches: JSON and raw bytes, never a pickle.

What may live here: the wire form, and the bounds that every extract keeps, whoever wrote it. What
must never be known here: processes, formats, files on disk.
"""

from __future__ import annotations

import json
import re
import struct
from itertools import accumulate, pairwise

from longctx.corpus import Anchor, Reason
from longctx.formats import Extract, Left, Material, Options

LONGEST = 60_000_000
"""Characters of one document."""
MOST_ANCHORS = 400_000
MOST_LEFT = 10_000
LABEL = 200
"""Characters of an anchor's label."""

_HEAD = struct.Struct("<I")
_UNFIT = re.compile("[\ud800-\udfff\0]")
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_ENDS = "\r\x0b\x0c\x85\u2028\u2029"
_SPACE = re.compile(r"[\s\x00-\x1f\x7f]+")


class Unpackable(ValueError):
    """The bytes are no extract."""


def packed(extract: Extract) -> bytes:
    """An extract as bytes."""
    inner = [material.data for material in extract.inner]
    text = extract.text.encode("utf-8", "replace")
    head = json.dumps(
        {
            "text": len(text),
            "anchors": [(a.start, a.kind, a.label, a.depth) for a in extract.anchors],
            "left": [
                (str(each.reason), each.part, each.detail, each.size) for each in extract.left
            ],
            "inner": [(material.name, len(material.data)) for material in extract.inner],
        },
        separators=(",", ":"),
    ).encode("utf-8", "replace")
    return b"".join([_HEAD.pack(len(head)), head, text, *inner])


def unpacked(data: bytes) -> Extract:
    """The extract whose bytes these are. Raises Unpackable."""
    try:
        (size,) = _HEAD.unpack_from(data)
        head = json.loads(data[4 : 4 + size])
        sizes = [head["text"], *(size for _, size in head["inner"])]
        parts = [data[a:b] for a, b in pairwise(accumulate(sizes, initial=4 + size))]
        return Extract(
            parts[0].decode(),
            tuple(
                Anchor(int(start), str(kind), str(label), int(depth))
                for start, kind, label, depth in head["anchors"]
            ),
            tuple(
                Left(Reason(reason), str(part), str(detail), None if size is None else int(size))
                for reason, part, detail, size in head["left"]
            ),
            tuple(
                Material(str(name), part)
                for (name, _), part in zip(head["inner"], parts[1:], strict=True)
            ),
        )
    except (ValueError, LookupError, TypeError, struct.error) as error:
        raise Unpackable(str(error)) from error


def fitting(extract: Extract) -> Extract:
    """The extract within its bounds: clean text, anchors in order, in range and with short labels.

    Anchors keep their places though the text loses a character: each unfit one becomes U+FFFD.
    """
    text = extract.text
    # Looking for each by itself is many times faster than one pattern on a long text.
    if "\0" in text or not _encodable(text):
        text = _UNFIT.sub("\ufffd", text)
    if any(end in text for end in _ENDS):
        text, places = _levelled(text, [anchor.start for anchor in extract.anchors])
    else:
        places = [anchor.start for anchor in extract.anchors]
    left = list(extract.left[:MOST_LEFT])
    if len(text) > LONGEST:
        detail = f"its text has {len(text):,} characters; the first {LONGEST:,} are shown"
        left.append(Left(Reason.LIMIT, "end", detail))
        text = text[:LONGEST]
    anchors = [
        Anchor(place, anchor.kind, label, max(0, anchor.depth))
        for place, anchor in zip(places, extract.anchors, strict=True)
        if 0 <= place <= len(text) and (label := _SPACE.sub(" ", anchor.label).strip()[:LABEL])
    ]
    anchors.sort(key=lambda anchor: anchor.start)
    return Extract(text, tuple(anchors[:MOST_ANCHORS]), tuple(left), extract.inner)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _levelled(text: str, places: list[int]) -> tuple[str, list[int]]:
    """The text with `\\n` as its only line end, and where the places are then."""
    parts: list[str] = []
    moved = dict.fromkeys(places, 0)
    pending = sorted(moved)
    done = shift = at = 0
    for match in _LINE_ENDS.finditer(text):
        parts += (text[done : match.start()], "\n")
        done = match.end()
        while at < len(pending) and pending[at] < done:
            moved[pending[at]] = pending[at] - shift
            at += 1
        shift += len(match[0]) - 1
    for place in pending[at:]:
        moved[place] = place - shift
    parts.append(text[done:])
    return "".join(parts), [moved[place] for place in places]


def options_as_json(options: Options) -> dict[str, object]:
    return {
        "passwords": list(options.passwords),
        "ocr": options.ocr,
        "revisions": options.revisions,
        "rows": options.rows,
    }


def options_of(said: dict[str, object]) -> Options:
    passwords, rows = said["passwords"], said["rows"]
    if not isinstance(passwords, list) or not isinstance(rows, int):
        raise ValueError("no options")
    return Options(tuple(map(str, passwords)), bool(said["ocr"]), bool(said["revisions"]), rows)

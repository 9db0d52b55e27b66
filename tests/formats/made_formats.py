"""Formats that stand for others in tests (test doubles): each does what its bytes say.

A file is JSON: `{"say": TEXT}`, `{"hang": true}`, `{"spin": true}`, `{"eat": BYTES}`,
`{"crash": true}`, `{"refuse": DETAIL}`, `{"fail": WORDS}`, `{"inner": {NAME: TEXT}}`, ...
"""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING

from longctx.corpus import Anchor, Reason
from longctx.formats import Extract, Left, Material, NotThis, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longctx.formats import Options, Report

OBEDIENT = "formats.made_formats:OBEDIENT_FORMAT"
PAGED = "formats.made_formats:PAGED_FORMAT"


class _Obedient:
    """Does what the file says, the bad things too."""

    def read(self, file: Material, options: Options, report: Report) -> Extract:
        said = json.loads(file.data)
        if "hang" in said:
            time.sleep(3600)
        while "spin" in said:
            pass
        if "eat" in said:
            bytearray(said["eat"])
        if "crash" in said:
            os.abort()
        if "refuse" in said:
            raise Refused(Reason.LOCKED, said["refuse"])
        if "fail" in said:
            raise ValueError(said["fail"])
        if "not this" in said:
            raise NotThis
        if "print" in said:
            print(said["print"])  # noqa: T201  # as careless libraries do
        if "options" in said:
            said["say"] = repr((options.passwords, options.ocr, options.revisions, options.rows))
        report(1, 1)
        inner = said.get("inner", {})
        left = tuple(Left(Reason.SCANNED, part) for part in said.get("left", ()))
        return Extract(
            said.get("say", ""),
            (Anchor(0, "page", "1"),) if said.get("say") else (),
            left,
            tuple(Material(name, text.encode()) for name, text in inner.items()),
        )


class _Paged:
    """Each line of the file is a page; a page `!` cannot be read."""

    def units(self, file: Material, options: Options) -> int:
        return len(file.data.splitlines())

    def piece(
        self, file: Material, options: Options, first: int, last: int, report: Report
    ) -> bytes:
        pages = file.data.splitlines()[first:last]
        if b"!" in pages:
            raise Refused(Reason.DAMAGED, "a page that cannot be read")
        return b"\n".join(pages)

    def join(self, file: Material, options: Options, pieces: Sequence[bytes]) -> Extract:
        text = b"\n".join(pieces).decode()
        starts, place = [], 0
        for line in text.splitlines(keepends=True):
            starts.append(place)
            place += len(line)
        anchors = (Anchor(start, "page", str(number)) for number, start in enumerate(starts, 1))
        return Extract(text, tuple(anchors))

    def read(self, file: Material, options: Options, report: Report) -> Extract:
        pages = self.units(file, options)
        return self.join(file, options, [self.piece(file, options, 0, pages, report)])


OBEDIENT_FORMAT = _Obedient()
PAGED_FORMAT = _Paged()

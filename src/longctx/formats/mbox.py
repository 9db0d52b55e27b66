"""Mailboxes: all messages in the order of the file, each saying which earlier one it answers.

See RFC 4155 for the lines that part them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from longctx.corpus import Reason
from longctx.formats import Extract, Left, Material, NotThis
from longctx.formats.composing import Composition
from longctx.formats.eml import write
from longctx.formats.letters import letter_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longctx.formats import Options, Report
    from longctx.formats.letters import Letter

MOST = 20_000
"""Messages that are shown."""
LONGEST = 30_000_000
"""Characters of text, after which no more messages are shown."""
LARGEST = 200_000_000
"""Bytes of attachments that are handed on."""

_FROM = re.compile(
    rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From [^\n]{0,300}\d\d:\d\d[^\n]{0,100}\n(?=[!-9;-~]{1,80}:)"
)
_QUOTED = re.compile(rb"^>(>*From )", re.M)


class _Mbox:
    def read(self, file: Material, options: Options, report: Report) -> Extract:
        raws = list(_messages(file.data))
        if not raws:
            raise NotThis
        out = Composition()
        left: list[Left] = []
        inner: list[Material] = []
        numbers: dict[str, tuple[int, str]] = {}
        size = 0
        for number, raw in enumerate(raws[:MOST], 1):
            if out.length > LONGEST:
                break
            letter = _letter(raw)
            if letter is None:
                left.append(
                    Left(Reason.DAMAGED, f"message {number}", "it cannot be read", len(raw))
                )
                continue
            answered = next((numbers[each] for each in letter.answers if each in numbers), None)
            more = [f"Answers: message {answered[0]} ({answered[1]})"] if answered else []
            out.gap()
            _headed(letter, number, more, out)
            if letter.id:
                numbers.setdefault(letter.id, (number, letter.label))
            left += (replace(each, part=f"message {number}, {each.part}") for each in letter.left)
            for each in letter.inner:
                size += len(each.data)
                if size > LARGEST:
                    part = f"message {number}, attachment {each.name}"
                    left.append(Left(Reason.LIMIT, part, "too many attachments", len(each.data)))
                else:
                    inner.append(Material(f"message {number}/{each.name}", each.data))
            if number % 200 == 0:
                report(number, len(raws))
        else:
            number = min(len(raws), MOST) + 1
        if number <= len(raws):
            detail = f"{len(raws) - number + 1:,} messages more than are shown"
            left.append(Left(Reason.LIMIT, f"messages {number}-{len(raws)}", detail))
        return Extract(out.text, tuple(out.anchors), tuple(left), tuple(inner))


def _messages(data: bytes) -> Iterator[bytes]:
    found = list(_FROM.finditer(data.lstrip()))
    if not found or found[0].start():
        return
    data = data.lstrip()
    for mark, following in zip(found, [*found[1:], None], strict=True):
        end = len(data) if following is None else following.start()
        yield _QUOTED.sub(rb"\1", data[mark.end() : end])


def _letter(raw: bytes) -> Letter | None:
    try:
        return letter_of(raw)
    except RecursionError:
        return None


def _headed(letter: Letter, number: int, more: list[str], out: Composition) -> None:
    first = replace(letter, headers=(f"Message {number}", *letter.headers))
    write(first, out, *more)


MBOX = _Mbox()

"""Bytes to text: which encoding a file is in, or that it is not text.

What may live here: decisions made from a file's bytes alone. What must never be known here: the
file's name, where it lies, or the locale; the same bytes are the same text on every machine.

The rule, in this order (shares are taken over the first, middle and last 8 KiB):

1. A byte order mark decides (UTF-8, UTF-16, UTF-32), if the rest then decodes.
2. Valid UTF-8 with at most 1 NUL and 50 other control characters in 1,000 bytes is text.
3. Without a mark, UTF-16 is believed only if nearly every second byte is NUL, as in plain English.
4. Anything else with more NULs or controls than that is binary.
5. UTF-8 in which at most one non-ASCII character in ten is damaged keeps its text; each damaged
   place becomes U+FFFD.
6. What is left is Windows-1252, or Latin-1 where that has gaps, if at most a quarter of the bytes
   are not ASCII. More than that is another alphabet, which we would garble: not decodable.

Line ends are kept as they are.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from longctx.corpus import Reason

_SAMPLE = 8192
_TEXT_BYTES = bytes({7, 8, 9, 10, 12, 13, 27} | set(range(0x20, 0x7F)) | set(range(0x80, 0x100)))
_ASCII = bytes(range(0x80))
# UTF-32 first: its little-endian mark begins with that of UTF-16.
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class NotText:
    """Why bytes have no text."""

    reason: Reason


def decode(data: bytes) -> str | NotText:
    """The text of these bytes without a byte order mark; never raises."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return _decode_slowly(data)
    if "\0" in text or data[:1024].translate(None, _TEXT_BYTES) or text[:1] == "\ufeff":
        return _decode_slowly(data)
    return text


def _decode_slowly(data: bytes) -> str | NotText:
    marked = _marked(data)
    if marked is not None:
        return marked
    sample = _sample(data)
    if not _looks_like_text(sample):
        wide = _unmarked_utf16(data, sample)
        return NotText(Reason.BINARY) if wide is None else wide
    text = data.decode("utf-8", "replace")
    # U+FFFD may also stand in the file itself; counting it as damage only makes us more careful.
    damaged = text.count("\ufffd")
    intact = len(text) - len(text.encode("ascii", "ignore")) - damaged
    if intact >= 10 * damaged:
        return text
    if len(sample.translate(None, _ASCII)) * 4 > len(sample):
        return NotText(Reason.UNDECODABLE)
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _marked(data: bytes) -> str | None:
    for mark, encoding in MARKS:
        if data.startswith(mark):
            try:
                text = data[len(mark) :].decode(encoding)
            except UnicodeDecodeError:
                continue
            if _looks_like_text(_sample(text.encode())):
                return text
    return None


def _sample(data: bytes) -> bytes:
    if len(data) <= 3 * _SAMPLE:
        return data
    middle = (len(data) - _SAMPLE) // 2
    return data[:_SAMPLE] + data[middle : middle + _SAMPLE] + data[-_SAMPLE:]


def _looks_like_text(sample: bytes) -> bool:
    nuls = sample.count(0)
    controls = len(sample.translate(None, _TEXT_BYTES)) - nuls
    return nuls * 1000 <= len(sample) and controls * 20 <= len(sample)


def _unmarked_utf16(data: bytes, sample: bytes) -> str | None:
    if len(data) < 32 or len(data) % 2:
        return None
    # Every part of the sample begins at an even place only if the middle does.
    if len(data) > 3 * _SAMPLE:
        sample = data[:_SAMPLE] + data[-_SAMPLE:]
    half = len(sample) // 2
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd * 10 >= half * 9 and even * 100 <= half:
        encoding = "utf-16-le"
    elif even * 10 >= half * 9 and odd * 100 <= half:
        encoding = "utf-16-be"
    else:
        return None
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return text if _looks_like_text(_sample(text.encode())) else None

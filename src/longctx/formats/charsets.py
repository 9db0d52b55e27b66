"""Bytes to text for formats that say their encoding themselves, or should.

What may live here: marks, declarations, and what to believe when they are wrong. What must never be
known here: what the text means. Unlike a loader, which must tell text from data, this always gives
a text: the format has decided already that there is one.
"""

from __future__ import annotations

import codecs
import re

from longctx.formats.decoding import MARKS

# What browsers take these names for: https://encoding.spec.whatwg.org/#names-and-labels
_MEANT = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
_NO_CHARSETS = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs"}
_XML = re.compile(rb"\A\s*<\?xml[^>]{0,200}?\bencoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})")
_META = re.compile(rb"<meta\s[^>]{0,400}?\bcharset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]{1,40})", re.I)
_HEAD = 4096
"""Bytes in which markup declares its encoding."""


def decoded(data: bytes, declared: str | None = None) -> str:
    """The text of these bytes without a byte order mark; what fits no encoding becomes U+FFFD.

    A mark wins over everything. UTF-8 wins over a declaration of another encoding where the bytes
    are UTF-8 and not plain ASCII, because other texts hardly ever are by chance.
    """
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    named = codec_of(declared)
    if named is None or not (named.startswith(("utf-16", "utf-32", "utf-7", "iso2022", "hz"))):
        try:
            return data.decode()
        except UnicodeDecodeError:
            pass
    if named is not None and named != "utf-8":
        return data.decode(named, "replace")
    text = data.decode("utf-8", "replace")
    damaged = text.count("\ufffd")
    if named == "utf-8" or damaged * 10 <= sum(map(len, re.findall("[^\x00-\x7f\ufffd]+", text))):
        return text
    return data.decode("cp1252", "replace")


def markup_decoded(data: bytes, declared: str | None = None) -> str:
    """The same for HTML and XHTML, which may declare their encoding in their first lines;
    `declared` is what whoever sent them says."""
    head = data[:_HEAD]
    found = _XML.search(head) or _META.search(head)
    inside = found[1].decode("ascii") if found else None
    if inside and inside.lower().startswith(("utf-16", "utf-32")):
        inside = None  # it could not have been read like this if that were true
    if not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and declared is None:
        if data[:64:2].count(0) > 16 and data[1:64:2].count(0) == 0:
            return data.decode("utf-16-be", "replace")
        if data[1:64:2].count(0) > 16 and data[:64:2].count(0) == 0:
            return data.decode("utf-16-le", "replace")
    return decoded(data, declared or inside)


def codec_of(name: str | None) -> str | None:
    """Python's name of a character encoding, None for what is none."""
    try:
        found = codecs.lookup((name or "").strip().strip("\"'"))
        "".encode(found.name)  # raises LookupError for codecs that do not make text
    except (LookupError, ValueError):
        return None
    return None if found.name in _NO_CHARSETS else _MEANT.get(found.name, found.name)

"""Headers of e-mail, decoded: `=?utf-8?q?Caf=C3=A9?=` is Café.

See RFC 2047. What must never be known here: which headers there are.
"""

from __future__ import annotations

import re
from email.errors import HeaderParseError
from email.header import decode_header

from longctx.formats.charsets import codec_of

LONGEST = 20_000
"""Characters of a header that are read."""
_SPACE = re.compile(r"[\s\x00-\x1f\x7f]+")


def header_text(raw: object) -> str:
    """A header as one line, whatever it holds."""
    said = str(raw or "")[:LONGEST]
    try:
        pieces = decode_header(said)
    except (ValueError, LookupError, HeaderParseError):
        pieces = [(said, None)]
    text = "".join(_decoded(piece, charset) for piece, charset in pieces)
    return _SPACE.sub(" ", text).strip()


def _decoded(piece: bytes | str, charset: str | None) -> str:
    if isinstance(piece, str):
        # The parser keeps bytes above ASCII as surrogates.
        piece = piece.encode("utf-8", "surrogateescape")
    if charset and charset != "unknown-8bit" and (codec := codec_of(charset)):
        return piece.decode(codec, "replace")
    try:
        return piece.decode()
    except UnicodeDecodeError:
        return piece.decode("cp1252", "replace")

"""Zip packages from untrusted bytes, opened within bounds: OOXML, ODF, EPUB.

What may live here: names of members and their bytes. What must never be known here: what a member
means, and files on disk: nothing is ever unpacked to one.
"""

from __future__ import annotations

import io
import zlib
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from longctx.corpus import Reason
from longctx.formats import NotThis, Refused

if TYPE_CHECKING:
    from typing import IO

MOST_MEMBERS = 20_000
LARGEST = 200_000_000
"""Bytes of one member."""
LARGEST_TOTAL = 600_000_000
"""Bytes read from one package, over all members."""
HIGHEST_RATIO = 250
"""Bytes of a member for each byte it takes in the package, once it is long; sheets have 10 to 60,
and what deflate can do at most is 1,032."""
_LONG = 16_000_000
"""From here on the ratio counts: short members may be as regular as they like."""
_CHUNK = 1 << 20
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""The stream of a container that holds a package under a password ([MS-OFFCRYPTO] 2.3.4.4)."""
_ENTRY = b"PK\x01\x02"


class Package:
    """The members of one package, by name.

    Raises NotThis where the bytes are no package at all, and Refused where it is damaged, locked
    or over a limit. Sizes that the package claims are never believed.
    """

    def __init__(self, data: bytes) -> None:
        if not data.startswith(b"PK"):
            _check_container(data)
            raise NotThis
        # Before zipfile makes an object of each: a member stored within may hold entries, too.
        if data.count(_ENTRY) > 4 * MOST_MEMBERS:
            raise Refused(Reason.LIMIT, f"it has over {MOST_MEMBERS:,} parts")
        try:
            self._zip = ZipFile(io.BytesIO(data))
        except (BadZipFile, ValueError, NotImplementedError, EOFError) as error:
            raise Refused(Reason.DAMAGED, "it is cut off, or no whole package") from error
        self._members = _by_name(self._zip.infolist())
        self._left = LARGEST_TOTAL

    def names(self) -> tuple[str, ...]:
        """In the order of the package."""
        return tuple(self._members)

    def has(self, name: str) -> bool:
        return name in self._members

    def read(self, name: str, limit: int = LARGEST) -> bytes:
        """The member's bytes. Raises Refused where it is missing, damaged, locked or longer than
        `limit`."""
        member = self._members.get(name)
        if member is None:
            raise Refused(Reason.DAMAGED, f"its part {name} is missing")
        if member.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise Refused(Reason.UNSUPPORTED, "it is compressed in a way that packages never are")
        try:
            with self._zip.open(member) as stream:
                data = _bounded(stream, min(limit, self._left), member)
        except (BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError) as error:
            raise Refused(Reason.DAMAGED, f"its part {name} is damaged") from error
        self._left -= len(data)
        return data


def _check_container(data: bytes) -> None:
    """Raise where the bytes are an older container in place of the package that was promised."""
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise Refused(Reason.LOCKED, "remove the password, or save a copy without")
        raise Refused(Reason.UNSUPPORTED, "it is in an older format under a newer name")


def _by_name(members: list[ZipInfo]) -> dict[str, ZipInfo]:
    if len(members) > MOST_MEMBERS:
        raise Refused(Reason.LIMIT, f"it has {len(members):,} parts, over {MOST_MEMBERS:,}")
    found: dict[str, ZipInfo] = {}
    for member in members:
        name = member.filename.replace("\\", "/")
        if name.startswith("/") or ".." in name.split("/") or name[1:2] == ":":
            raise Refused(Reason.DAMAGED, "a part's name points out of the package")
        if name in found:
            raise Refused(Reason.DAMAGED, f"it has two parts {name}")
        if member.flag_bits & 0x1:
            raise Refused(Reason.LOCKED, "remove the password, or save a copy without")
        if not member.is_dir():
            found[name] = member
    return found


def _bounded(stream: IO[bytes], limit: int, member: ZipInfo) -> bytes:
    parts: list[bytes] = []
    size = 0
    while part := stream.read(_CHUNK):
        size += len(part)
        parts.append(part)
        if size > limit:
            raise Refused(Reason.LIMIT, f"a part of it has over {limit:,} bytes")
        if size > _LONG and size > HIGHEST_RATIO * max(1, member.compress_size):
            raise Refused(Reason.LIMIT, "a part of it grows without end when it is unpacked")
    return b"".join(parts)

"""ZIP and TAR archives: the regular files in them, for their own formats to read.

What may live here: which members are files, and bounds on all that a member can claim. What must
never be known here: what the files say. Nothing is unpacked to disk; links and
devices are left out.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import stat
import tarfile
import zlib
from typing import TYPE_CHECKING, cast
from zipfile import BadZipFile, ZipFile, ZipInfo

from longctx.corpus import Reason
from longctx.formats import Extract, NotThis, Refused
from longctx.formats.gathering import LARGEST_TOTAL, MOST_MEMBERS, Gathering, TooMuch

if TYPE_CHECKING:
    from typing import IO

    from longctx.formats import Material, Options, Report

_ENTRY = b"PK\x01\x02"
_CHUNK = 1 << 18
_HIGHEST_RATIO = 250
"""Bytes of a member for each byte it takes in the archive, once it is long; text has 3 to 20, logs
and dumps up to 100."""
_LONG = 4_000_000
_BROKEN = (tarfile.TarError, EOFError, lzma.LZMAError, zlib.error)
_LZMA_MEMORY = 200_000_000
"""Bytes of memory for a decompressor; `xz -9` asks for 65 MB."""


class _Zip:
    def read(self, file: Material, options: Options, report: Report) -> Extract:
        # An archive may be the end of a program, or empty: then it does not begin like one.
        if b"PK\x05\x06" not in file.data[-66_000:]:
            if file.data.startswith(b"PK\x03\x04"):
                raise Refused(Reason.DAMAGED, "it is cut off")
            raise NotThis
        # Before zipfile makes an object of each: archives stored within hold entries as well.
        if file.data.count(_ENTRY) > 20 * MOST_MEMBERS:
            raise Refused(Reason.LIMIT, f"it has far over {MOST_MEMBERS:,} files")
        gathering = Gathering()
        try:
            with ZipFile(io.BytesIO(file.data)) as archive:
                members = archive.infolist()
                for number, member in enumerate(members):
                    _take(archive, member, gathering)
                    if number % 500 == 499:
                        report(number + 1, len(members))
        except TooMuch:
            pass
        except (BadZipFile, ValueError, NotImplementedError, EOFError) as error:
            raise Refused(Reason.DAMAGED, "it is cut off, or no whole archive") from error
        return gathering.extract()


def _take(archive: ZipFile, member: ZipInfo, gathering: Gathering) -> None:
    if member.is_dir():
        return
    name = gathering.begin(member.filename, member.file_size)
    if name is None:
        return
    mode = member.external_attr >> 16
    if stat.S_ISLNK(mode):
        gathering.leave(Reason.LINK, name)
    elif stat.S_IFMT(mode) and not stat.S_ISREG(mode):
        gathering.leave(Reason.SPECIAL, name)
    elif member.flag_bits & 0x1:
        gathering.leave(Reason.LOCKED, name, "extract it and pack it anew", member.file_size)
    else:
        try:
            with archive.open(member) as stream:
                data = _bounded(stream, gathering, member.compress_size)
        except (BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError):
            gathering.leave(Reason.DAMAGED, name, size=member.file_size)
        except NotImplementedError:
            gathering.leave(Reason.UNSUPPORTED, name, "compressed in an unknown way")
        else:
            _keep(name, data, gathering)


def _bounded(stream: IO[bytes], gathering: Gathering, packed: int | None = None) -> bytes | None:
    """All that the stream gives; None where it gives more than is allowed."""
    parts: list[bytes] = []
    size = 0
    while part := stream.read(_CHUNK):
        size += len(part)
        parts.append(part)
        if size > gathering.room():
            return None
        if packed is not None and size > _LONG and size > _HIGHEST_RATIO * max(1, packed):
            return None
    return b"".join(parts)


def _keep(name: str, data: bytes | None, gathering: Gathering) -> None:
    if data is None:
        gathering.leave(Reason.LIMIT, name, "it grows beyond what may be unpacked")
    else:
        gathering.keep(name, data)


class _Tar:
    def read(self, file: Material, options: Options, report: Report) -> Extract:
        stream = _Counting(_unpacked(file.data))
        gathering = Gathering()
        try:
            with tarfile.open(fileobj=cast("IO[bytes]", stream), mode="r|") as archive:
                for number, member in enumerate(archive, 1):
                    # tarfile remembers all members, for extracting links; we extract none.
                    archive.members = []  # type: ignore[attr-defined]  # not in the stubs
                    _take_tarred(archive, member, gathering)
                    if number % 500 == 0:
                        report(min(stream.at, len(file.data)), len(file.data))
        except TooMuch:
            pass
        except _Endless:
            gathering.end(Reason.LIMIT, "it grows beyond what may be unpacked")
        except (*_BROKEN, OSError, ValueError) as error:
            if not gathering.begun:
                if isinstance(error, tarfile.ReadError) and stream.at <= 512:
                    raise NotThis from None
                raise Refused(Reason.DAMAGED, "it is cut off, or no archive") from error
            gathering.end(Reason.DAMAGED, "it is cut off or damaged here")
        return gathering.extract()


def _take_tarred(archive: tarfile.TarFile, member: tarfile.TarInfo, gathering: Gathering) -> None:
    if member.isdir():
        return
    name = gathering.begin(member.name, member.size)
    if name is None:
        return
    if member.issym() or member.islnk():
        gathering.leave(Reason.LINK, name)
    elif not member.isreg() or member.issparse():
        gathering.leave(Reason.SPECIAL, name)
    elif member.size > gathering.room():
        _keep(name, None, gathering)
    else:
        stream = archive.extractfile(member)
        _keep(name, None if stream is None else _bounded(stream, gathering), gathering)


class _Endless(Exception):
    """More comes out of the file than may."""


class _Counting:
    """A stream that ends in an error where a decompressor goes on and on."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.at = 0

    def read(self, size: int) -> bytes:
        parts = []
        while size > 0:
            part = self._stream.read(min(size, _CHUNK))
            if not part:
                break
            self.at += len(part)
            if self.at > 2 * LARGEST_TOTAL:
                raise _Endless
            parts.append(part)
            size -= len(part)
        return b"".join(parts)


def _unpacked(data: bytes) -> IO[bytes]:
    if data.startswith(b"\x1f\x8b"):
        return cast("IO[bytes]", gzip.GzipFile(fileobj=io.BytesIO(data)))
    if data.startswith(b"BZh"):
        return bz2.BZ2File(io.BytesIO(data))
    if data.startswith(b"\xfd7zXZ\0"):
        return cast("IO[bytes]", _Xz(data))
    return io.BytesIO(data)


class _Xz:
    """What `lzma.LZMAFile` does, within a bound of memory."""

    def __init__(self, data: bytes) -> None:
        self._source = io.BytesIO(data)
        self._unpacker = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_LZMA_MEMORY)

    def read(self, size: int) -> bytes:
        while not self._unpacker.eof:
            more = self._source.read(_CHUNK) if self._unpacker.needs_input else b""
            if not more and self._unpacker.needs_input:
                raise EOFError("cut off")
            if data := self._unpacker.decompress(more, size):
                return data
        return b""


ZIP = _Zip()
TAR = _Tar()

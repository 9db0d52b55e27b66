"""The parts of an e-mail: what is its text, what is attached, what cannot be read.

See RFC 2045 to 2049 for MIME and RFC 3676 for flowed text. What must never be known here: headers
of the message, other messages.
"""

from __future__ import annotations

import re
from email.message import Message

from longctx.corpus import Reason
from longctx.formats import Left, Material
from longctx.formats.charsets import decoded, markup_decoded
from longctx.formats.headers import header_text
from longctx.formats.html import fragment_lines
from longctx.formats.naming import fit_name, shown

MOST_PARTS = 1000
DEEPEST = 20
LONGEST = 5_000_000
"""Characters of a message's text."""

_SEALED = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_SIGNATURES = (
    "application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature",
)  # fmt: skip
_OUTLOOK = ("application/ms-tnef", "application/vnd.ms-tnef")
_ENDINGS = {
    "text/plain": "txt",
    "text/html": "html",
    "text/calendar": "ics",
    "text/csv": "csv",
    "text/vcard": "vcf",
    "application/pdf": "pdf",
    "application/json": "json",
    "application/zip": "zip",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
}
_FLOWED_QUOTE = re.compile(r"(?:> ?)*")


class Parts:
    """Collects what the parts of one message are; bounded in number and depth."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.names: list[str] = []
        """Of attachments, for a person to read."""
        self.left: list[Left] = []
        self.inner: list[Material] = []
        self._count = self._length = 0
        self._full = False

    def add(self, part: Message, depth: int = 0) -> None:
        """This part and all within it."""
        self._count += 1
        if self._count > MOST_PARTS or depth > DEEPEST:
            if not self._full:
                self._full = True
                self.left.append(Left(Reason.LIMIT, "other parts", "too many parts of the message"))
            return
        kind = part.get_content_type()
        if kind == "message/rfc822":
            self._attached_message(part)
        elif kind == "multipart/encrypted":
            self.left.append(Left(Reason.LOCKED, "body", "it is encrypted"))
        elif kind == "multipart/alternative":
            self._alternative(part, depth)
        elif part.is_multipart():
            for each in _children(part):
                self.add(each, depth + 1)
        else:
            self._leaf(part, kind)

    def _alternative(self, part: Message, depth: int) -> None:
        """The plainest that says something; all else but attachments says the same again."""
        choices = _children(part)
        wanted = sorted(choices, key=_plainness)
        for choice in wanted:
            before = len(self.texts), len(self.inner), len(self.left)
            self.add(choice, depth + 1)
            if (len(self.texts), len(self.inner), len(self.left)) != before:
                return

    def _leaf(self, part: Message, kind: str) -> None:
        name = _name(part)
        attached = part.get_content_disposition() == "attachment"
        if kind in _SEALED and "signed" not in str(part.get_param("smime-type", "")):
            self.left.append(Left(Reason.LOCKED, "body", "it is encrypted (S/MIME)"))
        elif kind in _OUTLOOK or (name or "").lower() == "winmail.dat":
            detail = "attachments in the format of Outlook (TNEF); have it sent as plain text"
            self._leave(part, Reason.UNSUPPORTED, name or "winmail.dat", detail)
        elif kind in ("message/external-body", "message/partial"):
            self._leave(part, Reason.UNSUPPORTED, name or kind, "its content is somewhere else")
        elif kind in _SIGNATURES:
            self._leave(part, Reason.BINARY, name or "signature", "a signature")
        elif kind in ("text/plain", "text/html") and not attached and not name:
            self._text(part, kind)
        elif kind in ("message/delivery-status", "text/rfc822-headers", "text/enriched"):
            self._text(part, "text/plain")
        elif kind.startswith("image/") and (not attached or part.get("Content-ID")):
            self._leave(part, Reason.BINARY, name or kind, "a picture within the message")
        else:
            self._attach(part, kind, name)

    def _text(self, part: Message, kind: str) -> None:
        data, charset = _payload(part), part.get_content_charset()
        if kind == "text/html":
            text = fragment_lines(markup_decoded(data, charset))
        else:
            text = decoded(data, charset)
            if str(part.get_param("format", "")).lower() == "flowed":
                spaced = str(part.get_param("delsp", "")).lower() == "yes"
                text = unflowed(text, delete_space=spaced)
        text = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
        if not text.strip():
            return
        room = LONGEST - self._length
        if len(text) > room:
            self.left.append(Left(Reason.LIMIT, "end", f"{len(text) - room:,} characters more"))
            text = text[:room]
        self._length += len(text)
        self.texts.append(text)

    def _attach(self, part: Message, kind: str, name: str | None) -> None:
        data = _payload(part)
        ending = _ENDINGS.get(kind)
        name = name or f"part {self._count}" + (f".{ending}" if ending else "")
        self._keep(name, data)

    def _attached_message(self, part: Message) -> None:
        message = _children(part)[:1]
        if not message:
            return
        try:
            data = message[0].as_bytes()
        except (ValueError, LookupError, TypeError, AttributeError):  # its own headers are broken
            self.left.append(Left(Reason.DAMAGED, f"attachment {shown(_name(part) or 'message')}"))
            return
        subject = re.sub(r"[\\/:*?\"<>|\r\n\t]+", " ", str(message[0].get("Subject", "")))[:80]
        name = _name(part) or " ".join(subject.split()) or "message"
        self._keep(name if name.lower().endswith(".eml") else f"{name}.eml", data)

    def _keep(self, name: str, data: bytes) -> None:
        name = fit_name(name.replace("\\", "/").rpartition("/")[2]) or f"part {self._count}"
        taken = {each.name for each in self.inner}
        stem, dot, ending = name.rpartition(".")
        number = 2
        while name in taken:
            name = f"{stem} ({number}){dot}{ending}" if dot else f"{ending} ({number})"
            number += 1
        self.names.append(shown(name))
        self.inner.append(Material(name, data))

    def _leave(self, part: Message, reason: Reason, name: str, detail: str) -> None:
        self.left.append(Left(reason, f"attachment {shown(name)}", detail, len(_payload(part))))


def unflowed(text: str, *, delete_space: bool) -> str:
    """Text of the kind `format=flowed` with its paragraphs on one line each (RFC 3676)."""
    lines: list[str] = []
    open_quote: str | None = None
    for raw in text.split("\n"):
        raw = raw.rstrip("\r")
        marks = _FLOWED_QUOTE.match(raw)
        mark = marks[0] if marks else ""
        quote, line = "> " * mark.count(">"), raw[len(mark) :].removeprefix(" ")
        signature = line == "-- "
        flows = line.endswith(" ") and not signature
        said = line[:-1] if flows and delete_space else line
        if open_quote == quote and not signature:
            lines[-1] += said
        else:
            lines.append(quote + said)
        open_quote = quote if flows else None
    return "\n".join(line.rstrip() if line != "-- " else line for line in lines)


def _plainness(part: Message) -> int:
    kind = part.get_content_type()
    order = ("text/plain", "multipart/mixed", "multipart/related", "text/html")
    return order.index(kind) if kind in order else len(order)


def _children(part: Message) -> list[Message]:
    found = part.get_payload()
    return [each for each in found if isinstance(each, Message)] if isinstance(found, list) else []


def _payload(part: Message) -> bytes:
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _name(part: Message) -> str | None:
    try:
        name = part.get_filename()
    except (ValueError, LookupError, TypeError):
        return None
    return header_text(name)[:200] if name else None

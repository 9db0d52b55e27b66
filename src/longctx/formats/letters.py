"""One e-mail: its headers and body as lines, its attachments as files.

What may live here: MIME as senders really write it. What must never be known here: which file a
message comes from, how many there are. Headers are decoded here and not by the library's own
policies, which take a second for a header made to be slow. Nothing is fetched, run or decrypted.
"""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import dataclass
from email.utils import getaddresses, parsedate_to_datetime
from typing import TYPE_CHECKING

from longctx.formats.headers import header_text
from longctx.formats.parts import Parts

if TYPE_CHECKING:
    from longctx.formats import Left, Material

_SHOWN = ("From", "To", "Cc", "Date", "Subject")
_ID = re.compile(r"<[^<>\s]{1,300}>")


@dataclass(frozen=True)
class Letter:
    """What a message says."""

    label: str
    """`2024-05-03 Jane Doe: Subject`."""
    id: str
    """Empty where it has none."""
    answers: tuple[str, ...]
    """Ids of messages that it answers, the nearest first."""
    headers: tuple[str, ...]
    body: str
    left: tuple[Left, ...]
    inner: tuple[Material, ...]


def letter_of(data: bytes) -> Letter | None:
    """The message; None where these bytes are no message at all."""
    message = email.message_from_bytes(data, policy=email.policy.compat32)
    if not any(message.get(name) for name in ("From", "To", "Subject", "Date", "Received", "Cc")):
        return None
    parts = Parts()
    parts.add(message)
    said = {name: header_text(message.get(name)) for name in _SHOWN}
    said["Date"], day = _date(said["Date"])
    sender = _sender(said["From"])
    for name in ("From", "To", "Cc"):
        said[name] = _people(said[name])
    headers = [f"{name}: {said[name]}" for name in _SHOWN if said[name]]
    if parts.names:
        headers.append(f"Attachments: {', '.join(parts.names)}")
    label = f"{day} {sender}: {said['Subject'] or '(no subject)'}".strip()
    answers = _ID.findall(header_text(message.get("In-Reply-To"))[:2000])[:5]
    answers += reversed(_ID.findall(header_text(message.get("References"))))
    own = _ID.findall(header_text(message.get("Message-ID"))[:1000])
    return Letter(
        label,
        own[0] if own else "",
        tuple(dict.fromkeys(answers)),
        tuple(headers),
        "\n".join(parts.texts),
        tuple(parts.left),
        tuple(parts.inner),
    )


def _date(said: str) -> tuple[str, str]:
    """A date in ISO 8601 with its zone, and its day; what cannot be read stays as it is."""
    try:
        when = parsedate_to_datetime(said)
    except (ValueError, TypeError, IndexError, OverflowError):
        return said, ""
    return when.isoformat(), when.date().isoformat()


def _people(said: str) -> str:
    found = [(name.strip(), address) for name, address in getaddresses([said]) if address]
    if not found:
        return said
    return ", ".join(f"{_named(name)} <{address}>" if name else address for name, address in found)


def _sender(said: str) -> str:
    """Who a message is from, by name if there is one."""
    found = [name.strip() or address for name, address in getaddresses([said])]
    return next(filter(None, found), said)


def _named(name: str) -> str:
    return f'"{name}"' if "," in name else name

"""A mail as it came, read: who wrote, to whom, what, and whether a machine wrote it."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage, Message
from email.utils import getaddresses, parsedate_to_datetime

from crm.mail import hypertext, quoting
from crm.mail.bounces import Bounce, bounce_of

LONGEST_BODY = 200_000
MOST_ATTACHMENTS = 50
LARGEST_ATTACHMENT = 10 * 1024 * 1024
MOST_PARTS = 500
BROKEN = (
    ValueError, LookupError, AttributeError, TypeError, AssertionError, RecursionError, OverflowError, MessageError,
)  # fmt: skip
"""What the standard library's parser raises where a mail breaks the rules in a way that it did not foresee."""
RECEIVERS = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "Resent-To")
_AT = re.compile(r"[^\s<>,;:\"()]+@[^\s<>,;:\"()]+")
_ID = re.compile(r"<[^<>\s]{1,990}>")


class Unreadable(Exception):
    """Nothing can be made of these bytes; the words say why."""


@dataclass(frozen=True)
class ReadFile:
    """A file of a mail; without its content when it is too large."""

    name: str
    content_type: str
    size: int
    content: bytes
    is_left_out: bool = False


@dataclass(frozen=True)
class ReadMail:
    """What a mail says. `answers` are the ids that it names as answered, the nearest first."""

    message_id: str
    sender: str
    sender_name: str
    to: list[str]
    cc: list[str]
    receivers: list[str]
    subject: str
    body: str
    quoted: str
    sent_at: dt.datetime | None
    answers: list[str]
    is_automatic: bool
    bounce: Bounce | None
    files: list[ReadFile] = field(default_factory=list)


def read(raw: bytes, *, is_head_only: bool = False) -> ReadMail:
    """Read it; raises Unreadable when it has no sender or cannot be taken apart at all.

    Its id is its own, else one made of its bytes, so that the same mail is known again.
    """
    try:
        return _read(raw, is_head_only)
    except BROKEN as error:
        raise Unreadable(f"{type(error).__name__}: {error}"[:500]) from error


def _read(raw: bytes, is_head_only: bool) -> ReadMail:
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    senders = _addresses(mail, "From") or _addresses(mail, "Sender") or _addresses(mail, "Return-Path")
    if not senders:
        raise Unreadable("It names no sender.")
    text, files = ("", []) if is_head_only else _content(mail)
    body, quoted = quoting.divided(text)
    return ReadMail(
        message_id=_first_id(mail, "Message-ID") or f"<{hashlib.sha256(raw).hexdigest()}@without-id>",
        sender=senders[0][1],
        sender_name=senders[0][0],
        to=[address for _, address in _addresses(mail, "To")],
        cc=[address for _, address in _addresses(mail, "Cc")],
        receivers=[address for name in RECEIVERS for _, address in _addresses(mail, name)],
        subject=" ".join(_header(mail, "Subject").split())[:250],
        body=body,
        quoted=quoted,
        sent_at=_date(mail),
        answers=_answered(mail),
        is_automatic=_is_automatic(mail),
        bounce=None if is_head_only else bounce_of(mail),
        files=files,
    )


def cleaned(text: str) -> str:
    """What a column can hold: no NUL, no half characters."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")


def _header(mail: Message, name: str) -> str:
    """A header as text, also one that the parser chokes on: then as it stands."""
    try:
        value = mail.get(name, "")
        return cleaned(str(value))
    except BROKEN:
        raw = next((one for key, one in mail.raw_items() if key.lower() == name.lower()), "")
        return cleaned(str(raw))


def _addresses(mail: Message, name: str) -> list[tuple[str, str]]:
    """(name, address) of a header that may come several times; what is no address is left out."""
    lines = [_header(mail, name)] if name in ("From", "Sender") else _all(mail, name)
    pairs = [pair for pair in getaddresses(lines) if pair[1]] or [
        ("", one) for line in lines for one in _AT.findall(line)
    ]
    found = []
    for person, address in pairs:
        plain = "".join(address.split())
        if 3 <= len(plain) <= 320 and plain.count("@") == 1 and plain.strip("@") == plain:
            found.append((" ".join(person.split())[:120], plain))
    return found[:100]


def _all(mail: Message, name: str) -> list[str]:
    try:
        return [cleaned(str(value)) for value in mail.get_all(name, [])]
    except BROKEN:
        return [cleaned(str(one)) for key, one in mail.raw_items() if key.lower() == name.lower()]


def _first_id(mail: Message, name: str) -> str:
    found = _ID.findall(_header(mail, name))
    return found[0] if found else ""


def _answered(mail: Message) -> list[str]:
    """In-Reply-To, then References from the newest back."""
    ids = [*_ID.findall(_header(mail, "In-Reply-To")), *reversed(_ID.findall(_header(mail, "References")))]
    return list(dict.fromkeys(ids))[:100]


def _date(mail: Message) -> dt.datetime | None:
    try:
        found = parsedate_to_datetime(_header(mail, "Date"))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    try:
        return (found if found.tzinfo else found.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None


def _is_automatic(mail: Message) -> bool:
    """RFC 3834, and what was usual before it."""
    submitted = _header(mail, "Auto-Submitted").split(";")[0].strip().lower()
    if submitted and submitted != "no":
        return True
    if _header(mail, "Precedence").strip().lower() in ("auto_reply", "bulk", "junk", "list"):
        return True
    return any(_header(mail, name) for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress-By"))


def _content(mail: EmailMessage) -> tuple[str, list[ReadFile]]:
    """The words, of plain text where there is one, and the files."""
    plain: list[str] = []
    marked: list[str] = []
    files: list[ReadFile] = []
    for part in _leaves(mail):
        kind = part.get_content_type()
        is_file = part.get_content_disposition() == "attachment" or bool(_filename(part))
        if kind == "text/plain" and not is_file:
            plain.append(_text(part))
        elif kind == "text/html" and not is_file:
            marked.append(hypertext.words_of(_text(part)))
        elif len(files) < MOST_ATTACHMENTS and not kind.startswith("multipart/"):
            files.append(_file(part, kind))
    words = [one for one in plain if one.strip()] or marked
    return "\n\n".join(words)[:LONGEST_BODY], files


def _leaves(mail: Message) -> Iterator[Message]:
    """Parts without parts; a mail inside (message/rfc822) is one file."""
    stack, count = [mail], 0
    while stack and count < MOST_PARTS:
        part, count = stack.pop(), count + 1
        payload = part.get_payload() if part.is_multipart() else None
        if isinstance(payload, list) and part.get_content_maintype() != "message":
            stack.extend(reversed([one for one in payload if isinstance(one, Message)]))
        else:
            yield part


def _text(part: Message) -> str:
    """In its charset; an unknown or wrong one is read as UTF-8, else as Latin-1, in which every byte is a letter."""
    data = _bytes(part)
    for charset in (part.get_content_charset() or "utf-8", "utf-8"):
        try:
            return cleaned(data.decode(charset))
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
    return cleaned(data.decode("latin-1"))


def _bytes(part: Message) -> bytes:
    if part.is_multipart():
        return b"\n".join(one.as_bytes() for one in part.get_payload() if isinstance(one, Message))
    payload = part.get_payload(decode=True)
    if isinstance(payload, bytes):
        return payload
    return str(part.get_payload()).encode("utf-8", "replace")


def _filename(part: Message) -> str:
    try:
        name = part.get_filename("") or ""
    except BROKEN:
        name = "file"
    return " ".join(cleaned(name).replace("\\", "/").rsplit("/", 1)[-1].split())


def _file(part: Message, kind: str) -> ReadFile:
    content = _bytes(part)
    size = len(content)
    name = (_filename(part) or ("mail.eml" if kind == "message/rfc822" else "file"))[:200]
    too_large = size > LARGEST_ATTACHMENT
    return ReadFile(name, kind[:120], size, b"" if too_large else content, too_large)

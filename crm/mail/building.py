"""A message as the mail that leaves the house."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from crm.mail import tokens
from crm.models import Message, MessageAttachment

POLICY = SMTP.clone(max_line_length=78, cte_type="7bit")
"""Everything beyond ASCII is encoded, so that any server takes it."""


@dataclass(frozen=True)
class Envelope:
    """What the server is told: whom a bounce goes to, and the receivers. `data` is the mail itself."""

    sender: str
    receivers: list[str]
    data: bytes


def envelope_of(message: Message, attachments: Sequence[MessageAttachment], references: Sequence[str]) -> Envelope:
    """The mail as it is sent; each time the same, as its date is that of its writing and its id stands.

    `message` comes with company; `references` are the ids of the mails that it answers, the oldest first. A bounce goes
    to the address with the reply token, so that it is known which message bounced.
    """
    token = tokens.token_of(message.key)
    answers_to = tokens.reply_address(token)
    mail = EmailMessage(policy=POLICY)
    mail["From"] = _named(message.company.name, message.from_address)
    mail["To"] = ", ".join(message.to_addresses)
    if message.cc_addresses:
        mail["Cc"] = ", ".join(message.cc_addresses)
    if answers_to:
        mail["Reply-To"] = answers_to
    mail["Subject"] = tokens.marked(message.subject, token)
    mail["Date"] = format_datetime(message.made_at)
    mail["Message-ID"] = message.message_id
    mail["Content-Language"] = message.language
    if references:
        mail["In-Reply-To"] = references[-1]
        mail["References"] = " ".join(references)
    mail.set_content(message.body + "\n", charset="utf-8")
    for one in attachments:
        kind, _, subtype = one.content_type.partition("/")
        is_binary = kind in ("", "multipart", "message") or not subtype
        maintype, subtype = ("application", "octet-stream") if is_binary else (kind, subtype)
        mail.add_attachment(bytes(one.content), maintype=maintype, subtype=subtype, filename=one.name)
    return Envelope(
        sender=answers_to or parseaddr(message.from_address)[1] or message.from_address,
        receivers=[*message.to_addresses, *message.cc_addresses],
        data=mail.as_bytes(),
    )


def references_of(message: Message) -> list[str]:
    """Ids of the mails that it answers, the oldest first: at most twenty, as header lines have their limits."""
    found: list[str] = []
    at = message.answers
    while at is not None and len(found) < 20:
        if at.message_id.isascii() and at.message_id:
            found.insert(0, at.message_id)
        at = at.answers
    return found


def _named(name: str, address: str) -> str:
    plain = " ".join(name.split())
    return str(Address(plain, addr_spec=address)) if "@" in address else address

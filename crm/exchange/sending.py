"""Sends what waits in the outbox: a batch at a time over one connection, each mail told when the server has it."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.errors import MessageError

from django.utils import timezone

from crm import services
from crm.mail import servers
from crm.mail.building import envelope_of, references_of
from crm.models import Message

BATCH = 20
LONGEST_S = 90.0
"""So long a task goes on sending; well below the lease of what it holds."""
NOT_SENT = (OSError, ssl.SSLError, smtplib.SMTPException)
UNMADE = (ValueError, LookupError, AttributeError, MessageError)
"""What the standard library raises for a mail that it cannot write down."""


@dataclass(frozen=True)
class Refused:
    """What the server answered instead of taking a mail. `is_final`: it will say the same tomorrow (5xx)."""

    words: str
    is_final: bool


def send_waiting() -> int:
    """Send all that is due; how many the server took. Without a mail server: nothing, it waits."""
    server = servers.outgoing()
    if server is None:
        return 0
    until, sent = time.monotonic() + LONGEST_S, 0
    while time.monotonic() < until:
        batch = services.claim_mail(now=timezone.now(), most=BATCH)
        if not batch:
            return sent
        taken, goes_on = _send_batch(server, batch, until)
        sent += taken
        if not goes_on:
            break
    return sent


def _send_batch(server: servers.Server, batch: list[Message], until: float) -> tuple[int, bool]:
    """How many were taken, and whether the server still talks to us. A lost connection is a try of all that is left."""
    taken, left = 0, list(batch)
    try:
        with connected(server) as smtp:
            while left and time.monotonic() < until:
                taken += _send(smtp, left[0])
                left.pop(0)
    except NOT_SENT as error:
        for message in left:
            _fail(message, Refused(_said(error, server), False))
        return taken, False
    if left:
        services.give_back(claimed={one.pk: one.lease_no for one in left}, now=timezone.now())
    return taken, True


@contextmanager
def connected(server: servers.Server) -> Iterator[smtplib.SMTP]:
    """One connection for a batch, in TLS unless the address says otherwise, logged in where there is a user."""
    smtp: smtplib.SMTP
    if server.security == servers.IN_TLS:
        smtp = smtplib.SMTP_SSL(server.host, server.port, timeout=servers.SECONDS, context=server.tls())
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=servers.SECONDS)
    try:
        smtp.ehlo_or_helo_if_needed()
        if server.security == servers.START_TLS:
            smtp.starttls(context=server.tls())
        if server.user:
            smtp.login(server.user, server.password)
        yield smtp
        with contextlib.suppress(OSError, smtplib.SMTPException):
            smtp.quit()
    finally:
        smtp.close()


def _send(smtp: smtplib.SMTP, message: Message) -> bool:
    """Whether the server took it; the row is told either way."""
    answer = _answer(smtp, message)
    if isinstance(answer, Refused):
        _fail(message, answer)
        return False
    services.mark_sent(message_id=message.pk, lease_no=message.lease_no, now=timezone.now(), note=answer)
    return True


def _answer(smtp: smtplib.SMTP, message: Message) -> str | Refused:
    """A note (mostly empty): the server has it. What it refuses is answered; a lost connection is raised."""
    try:
        envelope = envelope_of(message, list(message.attachments.all()), references_of(message))
        refused = smtp.sendmail(envelope.sender, envelope.receivers, envelope.data)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        return Refused(_refusals(error.recipients), all(code >= 500 for code in codes))
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        return Refused(_words(error), error.smtp_code >= 500)
    except UNMADE as error:
        return Refused(f"This cannot be written as a mail: {error}", True)
    return f"Not taken for {_refusals(refused)}" if refused else ""


def _fail(message: Message, refused: Refused) -> None:
    services.mark_failed(
        message_id=message.pk,
        lease_no=message.lease_no,
        now=timezone.now(),
        error=refused.words,
        is_final=refused.is_final,
    )


def _refusals(answers: dict[str, tuple[int, bytes]]) -> str:
    return "; ".join(f"{who}: {code} {_text(words)}" for who, (code, words) in answers.items())


def _words(error: smtplib.SMTPResponseException) -> str:
    return f"{error.smtp_code} {_text(error.smtp_error)}"


def _text(words: bytes | str) -> str:
    return words.decode("utf-8", "replace").replace("\n", " ") if isinstance(words, bytes) else str(words)


def _said(error: Exception, server: servers.Server) -> str:
    """Why nothing can be sent now, without a word of the log-in."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"The mail server refuses our log-in: {_words(error)}"
    if isinstance(error, smtplib.SMTPResponseException):
        return _words(error)
    plain = str(getattr(error, "strerror", "") or error or type(error).__name__)
    return f"The mail server {server.host} is not reached: {plain}"

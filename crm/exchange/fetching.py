"""Fetches what lies in our mailboxes: by UID, each mail in a transaction of its own, none of them marked or removed."""

from __future__ import annotations

import contextlib
import datetime as dt
import imaplib
import re
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from django.db import DataError
from django.utils import timezone

from crm import services
from crm.mail import reading, servers
from crm.models import Mailbox

LARGEST_MAIL = 25 * 1024 * 1024
LONGEST_S = 90.0
"""So long a poll goes on; the rest is fetched by the next one."""
FIRST_DAYS = 30
"""How far back a mailbox is read that is new to us, or counts anew."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Opened:
    """A mailbox that this poll reads: its row, the lease on it and how the server counts."""

    box: Mailbox
    uid_validity: int

    @property
    def names(self) -> dict[str, int]:
        return {"mailbox_id": self.box.pk, "lease_no": self.box.lease_no, "uid_validity": self.uid_validity}


def fetch_mail() -> int:
    """Read every mailbox; how many mails were new."""
    return sum(fetch_mailbox(server) for server in servers.incoming())


def fetch_mailbox(server: servers.Server) -> int:
    """Read one mailbox as far as time allows; how many mails were new. What goes wrong is said at its row."""
    box = services.claim_mailbox(name=server.name, company_code=server.company, now=timezone.now())
    if box is None:
        return 0
    new, error = 0, ""
    try:
        with _connected(server) as imap:
            new = _read_new(imap, server, box)
    except services.LeaseLost as lost:
        error = str(lost)
    except (OSError, ssl.SSLError, imaplib.IMAP4.error) as wrong:
        error = f"{server.host}: {_plain(wrong)}"
        log.warning("mailbox_not_read", mailbox=server.name, error=error)
    services.leave_mailbox(mailbox_id=box.pk, lease_no=box.lease_no, now=timezone.now(), error=error)
    return new


@contextmanager
def _connected(server: servers.Server) -> Iterator[imaplib.IMAP4]:
    imap: imaplib.IMAP4
    if server.security == servers.IN_TLS:
        imap = imaplib.IMAP4_SSL(server.host, server.port, ssl_context=server.tls(), timeout=servers.SECONDS)
    else:
        imap = imaplib.IMAP4(server.host, server.port, timeout=servers.SECONDS)
    try:
        if server.security == servers.START_TLS:
            imap.starttls(server.tls())
        imap.login(server.user, server.password)
        yield imap
    finally:
        with contextlib.suppress(OSError, imaplib.IMAP4.error):
            imap.logout()


def _read_new(imap: imaplib.IMAP4, server: servers.Server, box: Mailbox) -> int:
    answer, _ = imap.select(f'"{server.folder}"', readonly=True)
    if answer != "OK":
        raise imaplib.IMAP4.error(f"there is no folder {server.folder}")
    opened = Opened(box, _uid_validity(imap))
    last = services.enter_mailbox(**opened.names)
    until, new = time.monotonic() + LONGEST_S, 0
    for uid in _uids_after(imap, last):
        if time.monotonic() > until:
            break
        new += _take(imap, opened, uid) == "taken"
    return new


def _uid_validity(imap: imaplib.IMAP4) -> int:
    _, found = imap.response("UIDVALIDITY")
    if not found or found[0] is None:
        raise imaplib.IMAP4.error("the server does not count its mails (no UIDVALIDITY)")
    return int(found[0])


def _uids_after(imap: imaplib.IMAP4, last: int) -> list[int]:
    """UIDs beyond the last one, rising; of a mailbox that is read for the first time those of the last month."""
    since = (timezone.now() - dt.timedelta(days=FIRST_DAYS)).strftime("%d-%b-%Y")
    asked = ("UID", f"{last + 1}:*") if last else ("SINCE", since)
    answer, found = imap.uid("SEARCH", *asked)
    if answer != "OK":
        raise imaplib.IMAP4.error("the server does not search")
    words = b" ".join(one for one in found if isinstance(one, bytes)).split()
    return sorted(uid for word in words if (uid := int(word)) > last)


def _take(imap: imaplib.IMAP4, opened: Opened, uid: int) -> str:
    """Read one mail and hand it over; what cannot be read goes into quarantine as it is."""
    now, raw, size = timezone.now(), b"", 0
    try:
        size = _size(imap, uid)
        is_cut = size > LARGEST_MAIL
        raw = _fetched(imap, uid, "BODY.PEEK[HEADER]" if is_cut else "BODY.PEEK[]")
        mail = reading.read(raw, is_head_only=is_cut)
        return services.take_mail(**opened.names, uid=uid, size=size, mail=mail, is_cut=is_cut, now=now)
    except imaplib.IMAP4.abort:
        raise
    except (reading.Unreadable, imaplib.IMAP4.error, DataError) as error:
        kept = raw if len(raw) <= LARGEST_MAIL else b""
        return services.quarantine_mail(
            **opened.names, uid=uid, size=size or len(raw), raw=kept, error=_plain(error), now=now
        )


def _size(imap: imaplib.IMAP4, uid: int) -> int:
    answer, found = imap.uid("FETCH", str(uid), "(RFC822.SIZE)")
    text = b" ".join(one if isinstance(one, bytes) else one[0] for one in found if one)
    match = re.search(rb"RFC822\.SIZE (\d+)", text)
    if answer != "OK" or match is None:
        raise imaplib.IMAP4.error("the server does not say how large it is")
    return int(match[1])


def _fetched(imap: imaplib.IMAP4, uid: int, what: str) -> bytes:
    answer, found = imap.uid("FETCH", str(uid), f"({what})")
    parts = [one[1] for one in found if isinstance(one, tuple)]
    if answer != "OK" or not parts:
        raise imaplib.IMAP4.error("the server does not give it out")
    return bytes(parts[0])


def _plain(error: Exception) -> str:
    words = error.args[0] if error.args else ""
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(error)
    return str(getattr(error, "strerror", "") or said or type(error).__name__)[:1000]

"""Mail servers as the environment names them: SMTP_URL, IMAP_URL and the address that answers come to."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

IN_TLS, START_TLS, PLAIN = "in-tls", "starttls", "none"
PORTS = {"smtp": 587, "smtps": 465, "imap": 143, "imaps": 993}
SECONDS = 20
"""How long a server may take for one answer."""


@dataclass(frozen=True)
class Server:
    """A mail server. The password is never part of its text, so it reaches no log."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    security: str
    ca_file: str = ""
    folder: str = ""
    company: str = ""

    @property
    def name(self) -> str:
        """What people and rows call it."""
        who = f"{self.user}@" if self.user else ""
        return f"{who}{self.host}:{self.port}" + (f"/{self.folder}" if self.folder else "")

    def tls(self) -> ssl.SSLContext:
        """Certificates are always checked, with the authority that the address names, else the system's."""
        return ssl.create_default_context(cafile=self.ca_file or None)


def outgoing() -> Server | None:
    """The server that takes our mail; None: there is none, and mail waits."""
    url = settings.SMTP_URL
    return _server(url, ("smtp", "smtps"), "SMTP_URL") if url else None


def incoming() -> list[Server]:
    """The mailboxes that answers come to."""
    return [_server(url, ("imap", "imaps"), "IMAP_URL") for url in settings.IMAP_URL.split()]


def from_address(company_address: str) -> str:
    """Who a company's mail comes from: its own address, else MAIL_FROM, else the mailbox that answers come to."""
    return company_address or settings.MAIL_FROM or settings.MAIL_REPLY_TO or "nobody@localhost"


def domain() -> str:
    """What stands behind the @ of our Message-IDs."""
    address = settings.MAIL_REPLY_TO or settings.MAIL_FROM
    return address.rpartition("@")[2] or "throughline.invalid"


def _server(url: str, schemes: tuple[str, ...], variable: str) -> Server:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ImproperlyConfigured(f"{variable} is no address like {schemes[-1]}://user:password@host") from None
    if parts.scheme not in schemes or not parts.hostname:
        raise ImproperlyConfigured(f"{variable} starts with {' or '.join(f'{one}://' for one in schemes)} and a host")
    asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    return Server(
        host=parts.hostname,
        port=port or PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        security=_security(parts, asked.get("tls", ""), variable),
        ca_file=asked.get("ca", ""),
        folder=unquote(parts.path.strip("/")) or ("INBOX" if parts.scheme in ("imap", "imaps") else ""),
        company=asked.get("company", ""),
    )


def _security(parts: SplitResult, asked: str, variable: str) -> str:
    """TLS is the rule: from the start (…s://) or by STARTTLS, which is then demanded; `?tls=none` does without."""
    if parts.scheme.endswith("s"):
        return IN_TLS
    if asked not in ("", START_TLS, PLAIN):
        raise ImproperlyConfigured(f"{variable}: tls is starttls or none")
    return asked or START_TLS

"""Reply tokens: what an answer carries back, so that we know what it answers. Rows keep their hash only."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import uuid
from collections.abc import Iterable

from django.conf import settings

from crm.mail import servers

LENGTH = 26
"""Letters of a token: 130 bits."""
_IN_ADDRESS = re.compile(rf"\+([a-z2-7]{{{LENGTH}}})@", re.IGNORECASE)
_IN_SUBJECT = re.compile(rf"\[ref:([a-z2-7]{{{LENGTH}}})\]", re.IGNORECASE)


def token_of(key: uuid.UUID) -> str:
    """The reply token of a message: nobody can work it out without the installation's secret."""
    digest = hmac.new(settings.SECRET_KEY.encode(), b"reply:" + key.bytes, hashlib.sha256).digest()
    return base64.b32encode(digest).decode().lower()[:LENGTH]


def hash_of(token: str) -> str:
    return hashlib.sha256(token.lower().encode()).hexdigest()


def message_id_of(key: uuid.UUID) -> str:
    return f"<{key.hex}@{servers.domain()}>"


def reply_address(token: str) -> str:
    """Where answers go: with the token where the mailbox takes plus addresses; empty: nowhere of ours."""
    address: str = settings.MAIL_REPLY_TO
    if not address or not settings.MAIL_PLUS_ADDRESSES:
        return address
    name, _, domain = address.rpartition("@")
    return f"{name}+{token}@{domain}"


def marked(subject: str, token: str) -> str:
    """The subject; with the token where addresses cannot carry it."""
    if not settings.MAIL_REPLY_TO or settings.MAIL_PLUS_ADDRESSES:
        return subject
    return f"{subject} [ref:{token}]".strip()


def unmarked(subject: str) -> str:
    return " ".join(_IN_SUBJECT.sub("", subject).split())


def hashes_in(addresses: Iterable[str], subject: str) -> list[str]:
    """Hashes of the tokens in these addresses, then in the subject."""
    found = [match for address in addresses for match in _IN_ADDRESS.findall(address)]
    return [hash_of(token) for token in [*found, *_IN_SUBJECT.findall(subject)]]

"""Signatures of webhooks: HMAC-SHA256 over the time and the body, with secrets that nobody keeps.

A secret follows from the installation's key (`SECRET_KEY`), the endpoint's salt and the number of its secret, so it
signs without standing in the database: a copy of the database alone signs nothing. A new `SECRET_KEY` makes new
secrets: show them again by rotating.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac

from django.conf import settings

from masterdata.models import WebhookEndpoint

HEADER = "Throughline-Signature"


def secret_of(endpoint: WebhookEndpoint, secret_no: int | None = None) -> str:
    """The endpoint's secret, or an earlier one by its number."""
    number = endpoint.secret_no if secret_no is None else secret_no
    key = hashlib.sha256(b"throughline webhooks" + settings.SECRET_KEY.encode()).digest()
    made = hmac.digest(key, f"{endpoint.salt}.{number}".encode(), "sha256")
    return "whsec_" + base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def secrets_of(endpoint: WebhookEndpoint, now: dt.datetime) -> list[str]:
    """The secrets that sign now, the newest first: for a day after a rotation also the one before."""
    found = [secret_of(endpoint)]
    if endpoint.previous_until_at is not None and now < endpoint.previous_until_at and endpoint.secret_no > 1:
        found.append(secret_of(endpoint, endpoint.secret_no - 1))
    return found


def signature(body: bytes, *, secrets: list[str], at: dt.datetime) -> str:
    """The header: `t=<unix time>,v1=<hex>`, one `v1` for each secret."""
    moment = int(at.timestamp())
    signed = f"{moment}.".encode() + body
    parts = [f"v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}" for secret in secrets]
    return ",".join([f"t={moment}", *parts])

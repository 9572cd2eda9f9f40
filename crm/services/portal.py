"""Links by which customers read and accept a quotation without a log-in."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar

from django.db import connection, transaction

from crm.models import LinkCalls, PortalLink, Quotation, QuotationSignature
from crm.services.acceptance import Yes, accept_quotation
from crm.services.opened import open_quotation
from erp.models import SalesOrder
from masterdata import live
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import User

DRAWN = re.compile(r"(?:[ML] ?-?\d{1,4}(?:\.\d{1,2})?[ ,]-?\d{1,4}(?:\.\d{1,2})? ?)+")
LONGEST = 20_000
WITH_QUOTATION = [
    f"quotation__{name}" for name in ("company__currency", "customer__payment_term", "currency", "order", "made_by")
]


class LinkUnknown(Refusal):
    """No such link, or it was taken back or has run out."""

    code: ClassVar[str] = "link_unknown"
    status: ClassVar[int] = 404


class LinkStale(Refusal):
    """It opens a revision that was replaced."""

    code: ClassVar[str] = "link_stale"


@dataclass(frozen=True)
class Signature:
    """What the customer gave: `path` is SVG in a box of 600 by 200, empty when the name was typed."""

    name: str
    document_sha256: str
    path: str = ""
    address: str | None = None
    user_agent: str = ""


def hashed(token: str) -> str:
    """How a token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_link(quotation: Quotation, now: dt.datetime, by: User | None) -> tuple[PortalLink, str]:
    """A link to the present revision and its token, 256 bits, of which only the hash is kept. In its transaction."""
    token = secrets.token_urlsafe(32)
    link = PortalLink.objects.create(
        quotation=quotation,
        revision_no=quotation.revision_no,
        token_sha256=hashed(token),
        made_at=now,
        made_by=by,
        expires_at=max(PortalLink.end_for(quotation.valid_until), now + dt.timedelta(days=1)),
    )
    return link, token


@transaction.atomic
def make_link(*, quotation_id: int, now: dt.datetime, by: User | None = None) -> tuple[PortalLink, str]:
    """One more link to what was sent, and its token. Locks the quotation."""
    quotation = open_quotation(quotation_id, None)
    if quotation.state != Quotation.State.SENT:
        raise InvalidInput(f"{quotation.number} is a draft: send it, and its link is made.", field="quotation")
    made = open_link(quotation, now, by)
    live.publish("quotation", quotation.pk)
    return made


def revoke_links(quotation: Quotation, now: dt.datetime) -> int:
    """Take back every link of the quotation that is still open. In the caller's transaction."""
    return quotation.links.filter(revoked_at=None).update(revoked_at=now)


@transaction.atomic
def revoke_link(*, link_id: int, now: dt.datetime) -> PortalLink:
    """Take a link back: whoever opens it is told to ask for another."""
    link = PortalLink.objects.select_for_update().order_by("pk").get(pk=link_id)
    if link.revoked_at is None:
        link.revoked_at = now
        link.save(update_fields=["revoked_at"])
        live.publish("quotation", link.quotation_id)
    return link


def link_of(token: str, now: dt.datetime) -> PortalLink:
    """The link that a token opens. Raises LinkUnknown, LinkStale."""
    rows = PortalLink.objects.select_related(*WITH_QUOTATION)
    link = rows.filter(token_sha256=hashed(token)).first()
    if link is None:
        raise LinkUnknown("This link does not open anything.")
    if link.revision_no != link.quotation.revision_no:
        raise LinkStale("There is a newer offer.", number=link.quotation.number)
    if link.revoked_at is not None or link.expires_at <= now:
        raise LinkUnknown("This link is not valid any more.")
    return link


KEPT_FOR = dt.timedelta(minutes=10)
_COUNT = """
    INSERT INTO crm_linkcalls (minute_at, address, what, calls) VALUES (%s, %s, %s, 1)
    ON CONFLICT (minute_at, address, what) DO UPDATE SET calls = crm_linkcalls.calls + 1 RETURNING calls
"""


def count_call(*, address: str | None, what: str, now: dt.datetime) -> int:
    """One more call from an address; how many it were in this minute, over all processes. Those of before go."""
    minute = now.replace(second=0, microsecond=0)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_COUNT, [minute, (address or "")[:64], what])
        calls = int(cursor.fetchone()[0])
        if calls == 1:
            LinkCalls.objects.filter(minute_at__lt=minute - KEPT_FOR).delete()
    return calls


@transaction.atomic
def note_opened(*, link_id: int, now: dt.datetime) -> None:
    """The customer has seen it, for the first time."""
    link = PortalLink.objects.select_for_update().order_by("pk").get(pk=link_id)
    if link.opened_at is None:
        link.opened_at = now
        link.save(update_fields=["opened_at"])
        live.publish("quotation", link.quotation_id)


@transaction.atomic
def sign_quotation(*, token: str, signature: Signature, now: dt.datetime, options: Collection[int] = ()) -> SalesOrder:
    """The customer's yes through its link: the order is made, the signature kept with the hash of what was accepted.

    `options` are lines of the quotation that are taken as well. Locks the quotation, then what accepting locks. Raises
    LinkUnknown, LinkStale, InvalidInput at `name` or `path`, and whatever `accept_quotation` refuses.
    """
    link = link_of(token, now)
    quotation = open_quotation(link.quotation_id, None)
    if quotation.revision_no != link.revision_no or quotation.state != Quotation.State.SENT:
        raise LinkStale("There is a newer offer.", number=quotation.number)
    if quotation.signature is not None:
        raise LinkStale("It was signed once and taken back: revise it.", number=quotation.number)
    name = signature.name.strip()[:120]
    if not name:
        raise InvalidInput("Enter your name.", field="name")
    if signature.path and (len(signature.path) > LONGEST or DRAWN.fullmatch(signature.path) is None):
        raise InvalidInput("Draw your signature once more, or leave it empty.", field="path")
    order = accept_quotation(
        quotation_id=link.quotation_id, now=now, yes=Yes(name=name, how="Signed through the link", options=options)
    )
    QuotationSignature.objects.create(
        quotation_id=link.quotation_id,
        revision_no=link.revision_no,
        link=link,
        name=name,
        path=signature.path,
        signed_at=now,
        address=signature.address,
        user_agent=signature.user_agent[:300],
        document_sha256=signature.document_sha256,
    )
    return order

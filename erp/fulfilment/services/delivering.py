"""Proof that goods arrived: who took them when, with a signature or photograph; what was refused may come back."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.db import transaction

from erp.facts import OrderDelivered
from erp.fulfilment.models import Delivery, Shipment
from erp.fulfilment.services.holding import hold_order
from erp.fulfilment.services.returning import Pieces, authorise_return
from masterdata import facts, live
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import User

LARGEST_PROOF = 5 * 1024 * 1024
SIGNS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


class NotShipped(Refusal):
    """The shipment is still here."""

    code: ClassVar[str] = "not_shipped"


class AlreadyDelivered(Refusal):
    """Somebody has recorded the delivery; a record of it is not changed."""

    code: ClassVar[str] = "already_delivered"


class UnusableProof(Refusal):
    """The file is no PNG or JPEG picture, or larger than 5 MB."""

    code: ClassVar[str] = "unusable_proof"


@transaction.atomic
def record_delivery(
    *,
    shipment_id: int,
    delivered_at: dt.datetime,
    received_by: str,
    now: dt.datetime,
    by: User | None = None,
    note: str = "",
    proof: bytes | None = None,
    refused: Pieces = (),
    damaged: Pieces = (),
) -> Delivery:
    """The goods were handed over. Pieces that were refused or damaged are allowed to come back, a return for each.

    Locks the order. Raises NotShipped, AlreadyDelivered, UnusableProof, NotReturnable, InvalidInput.
    """
    order = hold_order(Shipment.objects.values_list("order_id", flat=True).get(pk=shipment_id))
    shipment = Shipment.objects.get(pk=shipment_id)
    if shipment.shipped_at is None:
        raise NotShipped(f"{shipment.number} is still here: ship it first.", shipment_id=shipment_id)
    if Delivery.objects.filter(shipment=shipment).exists():
        raise AlreadyDelivered(f"{shipment.number} was delivered already.", shipment_id=shipment_id)
    if not received_by.strip():
        raise InvalidInput("Say who took the goods.", field="received_by")
    if not shipment.shipped_at <= delivered_at <= now:
        raise InvalidInput("It arrived after it left, and not in the future.", field="delivered_at")
    delivery = Delivery.objects.create(
        shipment=shipment,
        delivered_at=delivered_at,
        received_by=received_by.strip()[:120],
        note=note.strip()[:200],
        proof=proof,
        proof_type=_type_of(proof),
        recorded_by=by,
        recorded_at=now,
    )
    for reason, pieces in (("refused", refused), ("damaged", damaged)):
        if pieces:
            authorise_return(
                order_id=order.pk, lines=pieces, reason=reason, now=now, by=by, note=f"At delivery of {shipment.number}"
            )
    facts.state(OrderDelivered(order_id=order.pk, shipment_id=shipment_id, received_by=delivery.received_by))
    live.publish("order", order.pk)
    return delivery


def _type_of(proof: bytes | None) -> str:
    """By what it begins with. Raises UnusableProof."""
    if proof is None:
        return ""
    found = next((name for sign, name in SIGNS.items() if proof.startswith(sign)), "")
    if not found or len(proof) > LARGEST_PROOF:
        raise UnusableProof("Send a PNG or JPEG picture of at most 5 MB.", field="proof")
    return found

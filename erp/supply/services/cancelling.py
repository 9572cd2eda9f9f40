"""What is cancelled before it comes: who waited is planned again, what we supplied for it comes back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from django.db import transaction

from erp.supply.models import PurchaseOrder, PurchaseOrderLine
from erp.supply.services.agreeing import keep_components
from erp.supply.services.changes import NothingToCome, changed, give_back, hold_order
from erp.supply.services.component_moves import bring_back_rest
from erp.supply.services.notes import note
from erp.supply.services.pegs import open_pegs
from erp.supply.services.supplied import components
from masterdata.errors import InvalidInput
from masterdata.numbers import ZERO

CANCELLED, CAME_SHORT = "was cancelled", "came short"
KINDS = {CANCELLED: "cancelled", CAME_SHORT: "short"}


@transaction.atomic
def cancel_purchase(
    *,
    order_id: int,
    now: dt.datetime,
    line_ids: Collection[int] | None = None,
    why: str = "",
    expected_version: int | None = None,
) -> PurchaseOrder:
    """Cancel what has not come of the lines (none named: of the whole order); what has come stays.

    What lies at the supplier for them is booked back by a note of its own; what was kept for them is free again.
    Locks the purchase order and its lines, balances of components. Raises NothingToCome, InvalidInput, StaleVersion.
    """
    order, lines = hold_order(order_id, expected_version)
    chosen = [line for pk, line in lines.items() if line_ids is None or pk in line_ids]
    if line_ids is not None and len(chosen) < len(set(line_ids)):
        raise InvalidInput(f"Choose lines of {order.number}.", field="lines")
    still_open = [line for line in chosen if line.received_qty < line.quantity]
    if not still_open:
        raise NothingToCome(f"Nothing more of {order.number} is to come.", purchase_order_id=order.pk)
    cancel_rest(order=order, lines=still_open, why=why or CANCELLED, now=now)
    bring_back_rest(order=order, known=components(order, [line.pk for line in still_open]), now=now)
    return changed(order)


def cancel_rest(*, order: PurchaseOrder, lines: Sequence[PurchaseOrderLine], why: str, now: dt.datetime) -> None:
    """Take what is still to come off locked lines; an order of which nothing came and nothing comes is cancelled."""
    pegs = open_pegs([line.pk for line in lines])
    note(order, lines, KINDS.get(why, "cancelled"), why="" if why in KINDS else why)
    for line in lines:
        left = line.quantity - line.received_qty
        line.quantity -= left
        line.cancelled_qty += left
        give_back(order, line, pegs[line.pk], ZERO, why)
        line.save()
    keep_components(order=order, line_ids=[line.pk for line in lines], now=now)
    if order.cancelled_at is None and not order.lines.filter(quantity__gt=0).exists():
        order.cancelled_at = now
        order.save(update_fields=["cancelled_at"])

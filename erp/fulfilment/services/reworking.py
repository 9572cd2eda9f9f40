"""Goods that came back and are to be reworked: their work order, at the cost of the order that they came from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from erp.fulfilment.models import ReturnReceipt
from erp.fulfilment.services.deciding import AlreadyDecided
from erp.fulfilment.services.holding import hold_order
from erp.fulfilment.services.mending import mend
from erp.production.models import WorkOrder
from erp.production.services import ReworkStep
from masterdata.errors import InvalidInput
from masterdata.models import User


@transaction.atomic
def rework_return(
    *, receipt_id: int, steps: Sequence[ReworkStep], now: dt.datetime, by: User | None = None
) -> WorkOrder:
    """The work order that mends pieces that were decided to be reworked: they are taken out of quarantine into it.

    The work is rework of the sales order that they came back from; mended they are free stock again, at their value.
    Locks the order, the receipt, balances, then the number. Raises AlreadyDecided, InvalidInput, NotEnoughStock,
    PeriodClosed. States SupplyPlanned.
    """
    order_id = ReturnReceipt.objects.values_list("line__customer_return__order_id", flat=True).get(pk=receipt_id)
    hold_order(order_id)
    related = "move", "line__shipment_line__order_line", "reworked_by"
    rows = ReturnReceipt.objects.select_for_update(no_key=True, of=("self",)).select_related(*related)
    receipt = rows.order_by("pk").get(pk=receipt_id)
    if receipt.reworked_by is not None:
        raise AlreadyDecided(f"{receipt.reworked_by.number} mends these pieces.", receipt_id=receipt_id)
    if receipt.outcome != ReturnReceipt.Outcome.REWORK:
        raise InvalidInput("Decide first that these pieces are to be reworked.", field="outcome")
    work = mend(receipt, receipt.quantity, steps, now)
    receipt.reworked_by = work
    receipt.save(update_fields=["reworked_by"])
    return work

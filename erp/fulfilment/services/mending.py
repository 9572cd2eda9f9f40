"""The work order that mends pieces which came back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from erp.fulfilment.models import ReturnReceipt
from erp.production.models import WorkOrder
from erp.production.services import ReworkStep, make_rework_order
from erp.stock.models import StockBalance


def mend(receipt: ReturnReceipt, quantity: Decimal, steps: Sequence[ReworkStep], now: dt.datetime) -> WorkOrder:
    """So many pieces of the receipt go out of quarantine into it, at the cost of the order that they came from.

    The caller holds the order and the receipt. Locks balances, then the number. Raises as `make_rework_order`.
    """
    line = receipt.line.shipment_line.order_line
    balances = StockBalance.objects.select_related("plant__company__currency", "material__unit")
    balance = balances.get(
        material=receipt.move.material_id, location=receipt.move.target_id, sales_order=None, lot=receipt.move.lot_id
    )
    again = WorkOrder.objects.filter(sales_order_line=line, is_rework=True).count() + 1
    return make_rework_order(
        balance=balance,
        quantity=quantity,
        sales_order_line_id=line.pk,
        path=f"{line.line_no}.R{again}",
        steps=steps,
        now=now,
    )

"""A confirmed order is taken back as if nobody had said yes, while nothing of it has begun, come or been charged."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.db import transaction
from django.db.models import DecimalField, F, Sum, Value
from django.db.models.functions import Coalesce

from erp.production.models import WorkOrder
from erp.sales.models import SalesOrder
from erp.sales.services.bought import own_purchases
from erp.sales.services.cancelling import cancel_order
from erp.sales.services.letting_go import has_begun
from erp.supply.services.cancelling import cancel_purchase
from masterdata.errors import Refusal
from masterdata.models import User
from masterdata.numbers import ZERO

INSTEAD = "cancel the order instead, and the goods are for stock"


class ChargedAlready(Refusal):
    """An invoice or a deposit invoice of it is posted."""

    code: ClassVar[str] = "charged_already"


class WorkIsUnderWay(Refusal):
    """Work for it is released or has begun."""

    code: ClassVar[str] = "work_is_under_way"


@transaction.atomic
def undo_order(*, order_id: int, reason: str, now: dt.datetime, by: User | None = None) -> SalesOrder:
    """Cancel it, and with it the purchases that confirming wrote for it alone.

    Locks the order, its purchase orders by id, then what cancelling locks. Raises WorkIsUnderWay, BoughtForIt,
    ChargedAlready, and what `cancel_order` raises.
    """
    order = SalesOrder.objects.select_for_update(no_key=True).order_by("pk").get(pk=order_id)
    _refuse_charged(order)
    _refuse_begun(order)
    own = own_purchases(order, advice=INSTEAD)
    cancel_order(order_id=order_id, reason=reason, now=now, by=by)
    for purchase_id, line_ids in own.items():
        cancel_purchase(order_id=purchase_id, now=now, line_ids=line_ids, why=reason)
    return order


def _refuse_charged(order: SalesOrder) -> None:
    """Receivables stand above sales: their rows are reached from the order. What was credited in full is no charge."""
    credited = Coalesce(Sum("credit_notes__gross_amount"), Value(ZERO), output_field=DecimalField())
    charges = order.invoices.filter(credits=None).annotate(credited=credited).order_by("pk")
    invoice = charges.exclude(gross_amount=-F("credited")).first()
    if invoice is not None:
        what = "the deposit invoice" if invoice.kind == "deposit" else "the invoice"
        raise ChargedAlready(
            f"{invoice.number}, {what} of {order.number}, is posted: credit it first, then take the order back.",
            order_id=order.pk,
            invoice_id=invoice.pk,
        )


def _refuse_begun(order: SalesOrder) -> None:
    work = list(WorkOrder.objects.filter(sales_order_line__order=order).order_by("pk"))
    begun = has_begun(work)
    if begun:
        numbers = sorted(one.number for one in work if one.pk in begun)
        raise WorkIsUnderWay(
            f"{', '.join(numbers)} {'are' if len(numbers) > 1 else 'is'} released or in work: close the work or let it "
            "go on for stock by cancelling the order.",
            order_id=order.pk,
            work_orders=numbers,
        )

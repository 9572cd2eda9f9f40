"""A confirmed order is taken back as if nobody had said yes, while nothing of it has begun, come or been charged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import ClassVar

from django.db import transaction
from django.db.models import DecimalField, F, Q, Sum, Value
from django.db.models.functions import Coalesce

from erp.production.models import WorkOrder
from erp.sales.models import SalesOrder
from erp.sales.services.cancelling import cancel_order
from erp.sales.services.letting_go import has_begun
from erp.supply.models import Peg, PurchaseOrder, PurchaseOrderLine
from erp.supply.services.cancelling import cancel_purchase
from masterdata.errors import Refusal
from masterdata.models import User
from masterdata.numbers import ZERO


class BoughtForIt(Refusal):
    """A supplier has said yes, or goods have come, for what was ordered for it."""

    code: ClassVar[str] = "bought_for_it"


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
    own = _own_purchases(order)
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


def _own_purchases(order: SalesOrder) -> dict[int, list[int]]:
    """Lines of purchase orders that confirming wrote and that nobody else waits for. Locks their orders.

    Raises BoughtForIt when goods of a line came for the order, or its supplier has confirmed what was ordered for it.
    """
    wanted = Q(sales_order_line__order=order) | Q(work_order_material__work_order__sales_order_line__order=order)
    pegs = Peg.objects.filter(wanted, purchase_order_line__isnull=False)
    line_ids = set(pegs.values_list("purchase_order_line_id", flat=True))
    orders = PurchaseOrder.objects.filter(lines__in=line_ids).values("pk")
    held = {one.pk: one for one in PurchaseOrder.objects.select_for_update(no_key=True).filter(pk__in=orders)
            .select_related("supplier").order_by("pk")}  # fmt: skip
    lines = PurchaseOrderLine.objects.filter(pk__in=line_ids).order_by("pk")
    came = set(pegs.filter(received_qty__gt=0).values_list("purchase_order_line_id", flat=True))
    others = set(
        Peg.objects.filter(purchase_order_line__in=line_ids)
        .exclude(pk__in=pegs.values("pk"))
        .values_list("purchase_order_line_id", flat=True)
    )
    own: dict[int, list[int]] = {}
    for line in lines:
        purchase = held[line.order_id]
        written_for_it = order.confirmed_at is not None and purchase.ordered_at >= order.confirmed_at
        _refuse_bought(order, purchase, [line], is_there=line.pk in came, is_new=written_for_it)
        if written_for_it and line.pk not in others:
            own.setdefault(purchase.pk, []).append(line.pk)
    return own


def _refuse_bought(
    order: SalesOrder, purchase: PurchaseOrder, lines: Sequence[PurchaseOrderLine], *, is_there: bool, is_new: bool
) -> None:
    agreed = is_new and any(line.confirmed_at is not None or line.received_qty > 0 for line in lines)
    if not is_there and not agreed:
        return
    said = "goods of it have come" if is_there or lines[0].received_qty > 0 else "its supplier has confirmed it"
    raise BoughtForIt(
        f"{purchase.number} of {purchase.supplier.name} was ordered for {order.number}, and {said}: cancel the order "
        "instead, and the goods are for stock.",
        order_id=order.pk,
        purchase_order_id=purchase.pk,
    )

"""What was bought for an order, or for some of its lines, and can be taken back with it."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from django.db.models import Q

from erp.sales.models import SalesOrder, SalesOrderLine
from erp.supply.models import Peg, PurchaseOrder, PurchaseOrderLine
from masterdata.errors import Refusal


class BoughtForIt(Refusal):
    """A supplier has said yes, or goods have come, for what was ordered for it."""

    code: ClassVar[str] = "bought_for_it"


def own_purchases(
    order: SalesOrder, *, advice: str, line_ids: Collection[int] | None = None, lock: bool = True
) -> dict[int, list[int]]:
    """Lines of purchase orders that confirming wrote and nobody else waits for, by purchase order; locks them if asked.

    For the whole order, or for some of its lines only. `advice` is what to do instead, when it is refused.
    Raises BoughtForIt when goods of a line came for the order, or its supplier has confirmed what was ordered for it.
    """
    rows = SalesOrderLine.objects.filter(order=order)
    if line_ids is not None:
        rows = rows.filter(pk__in=line_ids)
    wanted = Q(sales_order_line__in=rows.values("pk"))
    wanted |= Q(work_order_material__work_order__sales_order_line__in=rows.values("pk"))
    pegs = Peg.objects.filter(wanted, purchase_order_line__isnull=False)
    bought = set(pegs.values_list("purchase_order_line_id", flat=True))
    orders = PurchaseOrder.objects.filter(lines__in=bought).values("pk")
    known = PurchaseOrder.objects.filter(pk__in=orders).select_related("supplier").order_by("pk")
    held = {one.pk: one for one in (known.select_for_update(no_key=True, of=("self",)) if lock else known)}
    lines = PurchaseOrderLine.objects.filter(pk__in=bought).order_by("pk")
    came = set(pegs.filter(received_qty__gt=0).values_list("purchase_order_line_id", flat=True))
    others = set(
        Peg.objects.filter(purchase_order_line__in=bought)
        .exclude(pk__in=pegs.values("pk"))
        .values_list("purchase_order_line_id", flat=True)
    )
    own: dict[int, list[int]] = {}
    for line in lines:
        purchase = held[line.order_id]
        written_for_it = order.confirmed_at is not None and purchase.ordered_at >= order.confirmed_at
        _refuse_bought(order, purchase, line, advice, is_there=line.pk in came, is_new=written_for_it)
        if written_for_it and line.pk not in others:
            own.setdefault(purchase.pk, []).append(line.pk)
    return own


def _refuse_bought(
    order: SalesOrder, purchase: PurchaseOrder, line: PurchaseOrderLine, advice: str, *, is_there: bool, is_new: bool
) -> None:
    agreed = is_new and (line.confirmed_at is not None or line.received_qty > 0)
    if not is_there and not agreed:
        return
    said = "goods of it have come" if is_there or line.received_qty > 0 else "its supplier has confirmed it"
    raise BoughtForIt(
        f"{purchase.number} of {purchase.supplier.name} was ordered for {order.number}, and {said}: {advice}.",
        order_id=order.pk,
        purchase_order_id=purchase.pk,
    )

"""Pegs: whom they are for, and those that no longer hold because nothing comes or nobody will use it any more."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal

from django.db import transaction
from django.db.models import F

from erp.supply.models import Peg, PurchaseOrderLine
from masterdata.numbers import ZERO


@transaction.atomic(savepoint=False)
def cut_pegs(parts: Iterable[tuple[Peg, Decimal]]) -> None:
    """Take these parts off their pegs; a peg of nothing goes. Purchase lines must be locked by the caller."""
    for peg, part in parts:
        peg.quantity -= part
        if peg.quantity > 0:
            peg.save(update_fields=["quantity"])
        else:
            peg.delete()
        if peg.purchase_order_line_id is not None:
            lines = PurchaseOrderLine.objects.filter(pk=peg.purchase_order_line_id)
            lines.update(pegged_qty=F("pegged_qty") - part)


@transaction.atomic(savepoint=False)
def let_go_of_unused(*, unused: dict[int, Decimal], line_ids: Collection[int]) -> None:
    """Give back what is still pegged for needs (work order material -> quantity) of a work order that has ended.

    Only of the purchase lines that the caller has locked.
    """
    left = dict(unused)
    parts = []
    for peg in Peg.objects.filter(work_order_material__in=list(unused)).order_by("-id"):
        if peg.purchase_order_line_id is not None and peg.purchase_order_line_id not in line_ids:
            continue
        need_id = peg.work_order_material_id or 0
        part = min(peg.quantity - peg.received_qty, left[need_id])
        if part > ZERO:
            left[need_id] -= part
            parts.append((peg, part))
    cut_pegs(parts)


def sales_order_of(peg: Peg) -> int | None:
    """The sales order that the peg's supply is for, if it is for one."""
    line = peg.sales_order_line or (peg.work_order_material and peg.work_order_material.work_order.sales_order_line)
    return line.order_id if line else None

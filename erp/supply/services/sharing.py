"""Pegs of a work order that is split in two: to what each needs, and of what each makes."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import Q

from erp.supply.models import Peg, PurchaseOrderLine
from erp.supply.services.pegs import another


def hold_pegs_of(work_order_id: int) -> None:
    """Lock the purchase lines that its pegs are to, then the pegs; the caller holds the work order."""
    mine = Peg.objects.filter(Q(work_order=work_order_id) | Q(work_order_material__work_order=work_order_id))
    lines = PurchaseOrderLine.objects.filter(pegs__in=mine).order_by("pk")
    list(PurchaseOrderLine.objects.filter(pk__in=lines.values("pk")).order_by("pk").select_for_update(no_key=True))
    list(mine.order_by("pk").select_for_update(no_key=True, of=("self",)))


def share_demand(*, first_id: int, second_id: int, quantity: Decimal, room: Decimal) -> None:
    """Pegs of a parted need (work order materials): the first keeps what came for it up to its `quantity`, and `room`
    of what is to come."""
    left = quantity
    for peg in Peg.objects.filter(work_order_material=first_id).order_by("id"):
        received = min(peg.received_qty, left)
        coming = min(peg.quantity - peg.received_qty, room, left - received)
        left -= received + coming
        room -= coming
        _give(peg, received + coming, received, work_order_material_id=second_id)


def share_supply(*, first_id: int, second_id: int, material_id: int, keeps: Decimal) -> None:
    """Pegs of the `material_id` that two work orders make: the oldest stay with the first up to what it `keeps`.

    What planning has pegged of by-products it pegs anew.
    """
    pegs = Peg.objects.filter(work_order=first_id).order_by("id")
    own = Q(work_order_material__material=material_id) | Q(sales_order_line__material=material_id)
    own |= Q(transfer__material=material_id) | Q(supplied_component__material=material_id)
    own |= Q(requisition_line__material=material_id)
    for peg in pegs.filter(own):
        part = min(peg.quantity, keeps)
        keeps -= part
        _give(peg, part, min(peg.received_qty, part), work_order_id=second_id)
    pegs.filter(is_planned=True).exclude(pk__in=pegs.filter(own)).delete()


def _give(peg: Peg, quantity: Decimal, received: Decimal, **end: int) -> None:
    """The peg keeps so much; what is beyond goes to the same with another end."""
    rest, rest_received = peg.quantity - quantity, peg.received_qty - received
    if not rest:
        return
    if not quantity:
        for name, value in end.items():
            setattr(peg, name, value)
        peg.save(update_fields=list(end))
        return
    supply = {name: getattr(peg, name) for name in ("work_order_id", "purchase_order_line_id", "planned_order_id")}
    other = another(peg, rest, **supply)
    other.received_qty = rest_received
    for name, value in end.items():
        setattr(other, name, value)
    peg.quantity, peg.received_qty = quantity, received
    peg.save(update_fields=["quantity", "received_qty"])
    other.save()

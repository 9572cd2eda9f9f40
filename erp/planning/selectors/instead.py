"""What may be used for a work order's component: itself, and what its BOM lets stand in for it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Q

from erp.production.models import WorkOrder, WorkOrderMaterial
from erp.stock.selectors import free_quantity
from masterdata.models import BomSubstitute, Material
from masterdata.numbers import round_up


@dataclass(frozen=True, slots=True)
class Usable:
    """A material, how much of it the work would need, and how much is free in the plant."""

    material: Material
    quantity: Decimal
    free: Decimal


def may_be_used(need: WorkOrderMaterial) -> list[Usable]:
    """The component first, then its substitutes, the first choice first; two queries."""
    order, main = need.work_order, need.instead_of or need.material
    quantity = need.quantity if need.instead_qty is None else need.instead_qty
    rows = BomSubstitute.objects.filter(
        Q(plant=None) | Q(plant=order.plant_id), line__bom=order.bom_id, line__line_no=need.line_no
    ).select_related("material__unit")
    found = {main.pk: (main, quantity)}
    for row in rows.order_by("priority", "pk"):
        wanted = round_up(quantity * row.ratio, row.material.unit.rounding)
        found.setdefault(row.material_id, (row.material, wanted))
    free = free_quantity(order.plant_id, list(found))
    return [Usable(material, wanted, free[pk]) for pk, (material, wanted) in found.items()]


def free_instead(need_id: int, *, now: dt.datetime) -> tuple[Usable, Usable] | None:
    """A firm work order's component as it is needed, and the first choice among its substitutes that may be used from
    today and lies free for the whole of it; nothing when it is used or replaced already."""
    need = WorkOrderMaterial.objects.select_related("work_order__plant", "material__unit", "instead_of__unit").get(
        pk=need_id
    )
    if need.work_order.state != WorkOrder.State.FIRM or need.issued_qty or need.instead_of_id is not None:
        return None
    today = now.astimezone(ZoneInfo(need.work_order.plant.time_zone)).date()
    valid = set(
        BomSubstitute.objects.filter(
            Q(plant=None) | Q(plant=need.work_order.plant_id),
            Q(valid_from=None) | Q(valid_from__lte=today),
            Q(valid_until=None) | Q(valid_until__gte=today),
            line__bom=need.work_order.bom_id,
            line__line_no=need.line_no,
        ).values_list("material_id", flat=True)
    )
    main, *others = may_be_used(need)
    return next(((main, one) for one in others if one.material.pk in valid and one.free >= one.quantity), None)

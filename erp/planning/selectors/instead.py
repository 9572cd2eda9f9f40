"""What may be used for a work order's component: itself, and what its BOM lets stand in for it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from erp.production.models import WorkOrderMaterial
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

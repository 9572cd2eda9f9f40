"""What a work order may be given: its components, what may stand in for them, and what a scan means among these."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Q

from erp.production.models import WorkOrder, WorkOrderMaterial, WorkOrderOperation
from erp.stock.models import Lot
from masterdata.models import BomSubstitute, Material


@dataclass(frozen=True, slots=True)
class Usable:
    """A material that counts for a need: `ratio` of it for one unit of the need's own material.

    `is_own`: the sales order `order_id` makes it itself. `operation_id` uses it.
    """

    need: WorkOrderMaterial
    material_id: int
    code: str
    name: str
    unit: str
    ratio: Decimal
    order_id: int | None
    is_own: bool
    operation_id: int | None


def usable_needs(*, order: WorkOrder, now: dt.datetime) -> list[Usable]:
    """Every need with its own material, then with what the BOM lets stand in for it today; four queries."""
    rows = WorkOrderMaterial.objects.filter(work_order=order).select_related("material__unit", "unit")
    needs = list(rows.order_by("line_no"))
    steps = dict(WorkOrderOperation.objects.filter(work_order=order).values_list("sequence", "pk"))
    order_id = order.sales_order_line.order_id if order.sales_order_line else None
    own: set[int] = set()
    if order_id is not None:
        makers = WorkOrder.objects.filter(sales_order_line__order=order_id, plant=order.plant_id)
        own = set(makers.exclude(state=WorkOrder.State.CANCELLED).values_list("material_id", flat=True))

    def usable(need: WorkOrderMaterial, material: Material, ratio: Decimal) -> Usable:
        return Usable(
            need,
            material.pk,
            material.code,
            material.name,
            material.unit.code,
            ratio,
            order_id,
            material.pk in own,
            steps.get(need.operation_sequence),
        )

    found = [usable(need, need.material, Decimal(1)) for need in needs]
    by_line = {need.line_no: need for need in needs}
    for row in _instead(order, now):
        need = by_line.get(row.line.line_no)
        if need is not None and need.material_id == row.line.component_id:
            found.append(usable(need, row.material, row.ratio))
    return found


def _instead(order: WorkOrder, now: dt.datetime) -> list[BomSubstitute]:
    today = now.astimezone(ZoneInfo(order.plant.time_zone)).date()
    rows = BomSubstitute.objects.filter(line__bom=order.bom_id).filter(Q(plant=None) | Q(plant=order.plant_id))
    rows = rows.filter(Q(valid_from=None) | Q(valid_from__lte=today), Q(valid_until=None) | Q(valid_until__gte=today))
    return list(rows.select_related("line", "material__unit").order_by("priority", "pk"))


def scanned(*, order: WorkOrder, text: str, now: dt.datetime) -> tuple[int | None, int | None]:
    """The material and the lot that a scanned text means: a lot of what the work order may use, else a material.

    Nothing when it is neither.
    """
    text = text.strip()
    usable = {one.material_id for one in usable_needs(order=order, now=now)}
    lots = Lot.objects.filter(number__iexact=text)
    lot = lots.filter(material__in=usable).first() or lots.first()
    if lot is not None:
        return lot.material_id, lot.pk
    return Material.objects.filter(code__iexact=text).values_list("pk", flat=True).first(), None

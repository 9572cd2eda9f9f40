"""Proposed work becomes firm: from then on it is worth what it should cost, and planning leaves it alone."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection

from django.db import connection

from erp.cost.rates import rates_of
from erp.production.models import WorkOrder, WorkOrderMaterial, WorkOrderOperation
from erp.production.services.creation import planned_unit_costs
from erp.production.specs import MaterialSpec, OperationSpec, WorkOrderSpec

_COSTS = """
    UPDATE erp_workorder w SET planned_unit_cost = n.cost
    FROM unnest(%s::bigint[], %s::numeric[]) AS n(id, cost) WHERE w.id = n.id
"""
# The rates of the day, kept with each operation.
_RATES = f"""
    UPDATE erp_workorderoperation o SET rate_labour = n.labour, rate_machine = n.machine, rate_on_labour = n.on_labour,
        rate_on_machine = n.on_machine, rate_on_material = n.on_material, rate_an_hour = n.an_hour
    FROM (SELECT one.id, r.* FROM erp_workorderoperation one
          CROSS JOIN LATERAL ({rates_of("one.work_centre_id", at="%s::timestamptz")}) r
          WHERE one.work_order_id = ANY(%s)) n
    WHERE o.id = n.id
"""  # noqa: S608 (our own words)


def write_unit_costs(*, work_order_ids: Collection[int], now: dt.datetime) -> None:
    """What a piece of each should cost: its needs at average or standard cost, its minutes at the centres' rates."""
    orders = list(WorkOrder.objects.filter(pk__in=work_order_ids).select_related("plant__company").order_by("pk"))
    steps: dict[int, list[OperationSpec]] = defaultdict(list)
    for row in WorkOrderOperation.objects.filter(work_order__in=orders).order_by("work_order", "sequence"):
        steps[row.work_order_id].append(
            OperationSpec(
                sequence=row.sequence,
                name=row.name,
                work_centre_id=row.work_centre_id,
                setup_min=row.setup_min,
                run_min_per_unit=row.run_min_per_unit,
            )
        )
    needs: dict[int, list[MaterialSpec]] = defaultdict(list)
    for need in WorkOrderMaterial.objects.filter(work_order__in=orders).order_by("work_order", "line_no"):
        needs[need.work_order_id].append(
            MaterialSpec(
                line_no=need.line_no,
                material_id=need.material_id,
                unit_id=need.unit_id,
                operation_sequence=need.operation_sequence,
                quantity=need.quantity,
            )
        )
    specs = [
        WorkOrderSpec(
            plant=order.plant,
            material_id=order.material_id,
            quantity=order.quantity,
            bom_id=order.bom_id,
            operations=steps[order.pk],
            materials=needs[order.pk],
        )
        for order in orders
    ]
    ids = [order.pk for order in orders]
    with connection.cursor() as cursor:
        cursor.execute(_COSTS, [ids, planned_unit_costs(specs, now)])
        cursor.execute(_RATES, [now, ids])

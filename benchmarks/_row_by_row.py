"""What the sets are compared with: the same read and written by the ORM, a row at a time."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from aps.models import PlannedOperation
from aps.rows import Row
from erp.models import Peg, WorkOrderOperation


def read(plant_id: int) -> int:
    """Every open operation with its order, machine choices, predecessors and material; how many."""
    count = 0
    operations = WorkOrderOperation.objects.filter(work_order__plant_id=plant_id, finished_at__isnull=True)
    for operation in operations.order_by("pk"):
        order = operation.work_order
        line = order.sales_order_line
        _ = (line.order.number if line else "", [one.code for one in operation.work_centre.machines.all()])
        for need in order.materials.filter(operation_sequence=operation.sequence):
            for peg in Peg.objects.filter(work_order_material=need, work_order__isnull=False):
                assert peg.work_order is not None
                peg.work_order.operations.filter(is_last=True).first()
        PlannedOperation.objects.filter(operation=operation).first()
        count += 1
    return count


@transaction.atomic
def write(plant_id: int, plan_no: int, rows: Sequence[Row]) -> None:
    """A plan's rows."""
    for row in rows:
        PlannedOperation.objects.update_or_create(
            operation_id=row.operation_id,
            defaults={
                "plant_id": plant_id,
                "machine_id": row.machine_id,
                "starts_at": row.starts_at,
                "runs_at": row.runs_at,
                "ends_at": row.ends_at,
                "setup_min": row.setup_min,
                "plan_no": plan_no,
            },
        )

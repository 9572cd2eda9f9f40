"""What a person at a machine needs to know about one job, and who and why there is to choose from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.db.models import Sum

from masterdata import statements
from masterdata.line import OperationBar
from masterdata.models import Employee, ReasonCode
from mes.models import Dispatch, ExecutionEvent

_COMPONENTS = """
    SELECT o.id, m.code, m.name, u.code AS unit, wm.quantity, wm.issued_qty, wm.material_id,
           least(wm.quantity - wm.issued_qty,
                 coalesce(kept.quantity, 0) + coalesce(own.quantity, 0)) AS ready_qty
    FROM erp_workorderoperation o
    JOIN erp_workordermaterial wm ON wm.work_order_id = o.work_order_id AND wm.operation_sequence = o.sequence
    JOIN erp_workorder w ON w.id = o.work_order_id
    JOIN masterdata_material m ON m.id = wm.material_id
    JOIN masterdata_unit u ON u.id = wm.unit_id
    LEFT JOIN erp_salesorderline l ON l.id = w.sales_order_line_id
    LEFT JOIN LATERAL (SELECT sum(quantity) AS quantity FROM erp_reservation
                        WHERE work_order_material_id = wm.id) kept ON true
    LEFT JOIN LATERAL (SELECT sum(on_hand) AS quantity FROM erp_stockbalance
                        WHERE sales_order_id = l.order_id AND material_id = wm.material_id) own ON true
    WHERE o.id = ANY(%s) ORDER BY o.id, wm.line_no
"""
_LOTS = """
    SELECT b.material_id, array_agg(DISTINCT l.number ORDER BY l.number)
    FROM erp_stockbalance b JOIN erp_lot l ON l.id = b.lot_id
    WHERE b.plant_id = %s AND b.material_id = ANY(%s::bigint[]) AND b.on_hand > 0
    GROUP BY 1
"""
_STEPS = """
    SELECT o.id, s.id, s.name, s.good_qty, s.scrap_qty, s.started_at, s.finished_at,
           coalesce(s.quantity, w.quantity) AS quantity,
           mc.code AS machine, coalesce(d.planned_start_at, s.planned_start_at) AS starts_at
    FROM erp_workorderoperation o
    JOIN erp_workorderoperation s ON s.work_order_id = o.work_order_id
    JOIN erp_workorder w ON w.id = o.work_order_id
    LEFT JOIN mes_dispatch d ON d.operation_id = s.id
    LEFT JOIN masterdata_machine mc ON mc.id = coalesce(d.machine_id, s.machine_id)
    WHERE o.id = ANY(%s) ORDER BY o.id, s.sequence
"""


@dataclass(frozen=True)
class Component:
    """What the job uses, in the unit of its BOM line: for the whole job, used, and lying ready for the rest."""

    code: str
    name: str
    unit: str
    quantity: Decimal
    issued_qty: Decimal
    material_id: int
    ready_qty: Decimal

    @property
    def missing_qty(self) -> Decimal:
        return max(Decimal(0), self.quantity - self.issued_qty - self.ready_qty)


@dataclass(frozen=True)
class JobStep:
    """One operation of the job's work order."""

    id: int
    name: str
    good_qty: Decimal
    scrap_qty: Decimal
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    quantity: Decimal
    machine: str | None
    starts_at: dt.datetime | None

    @property
    def tone(self) -> str:
        if self.finished_at:
            return "done"
        return "running" if self.started_at else "planned"

    @property
    def bar(self) -> OperationBar:
        """Its share of the work order's rail."""
        share = 100 * (self.good_qty + self.scrap_qty) / self.quantity
        return OperationBar(self.name, 100 if self.finished_at else share, self.tone)


@dataclass(frozen=True)
class JobDetails:
    """Components of the job and the steps of its work order, in order."""

    components: list[Component]
    steps: list[JobStep]

    @property
    def bars(self) -> list[OperationBar]:
        return [step.bar for step in self.steps]


def job_details(*, operation_id: int) -> JobDetails:
    """Two queries."""
    return details_of_jobs(operation_ids=[operation_id])[operation_id]


def details_of_jobs(*, operation_ids: list[int]) -> dict[int, JobDetails]:
    """Components and steps of many jobs, by operation. Two queries."""
    found = {operation_id: JobDetails([], []) for operation_id in operation_ids}
    with connection.cursor() as cursor:
        cursor.execute(_COMPONENTS, [operation_ids])
        for operation_id, *row in cursor.fetchall():
            found[operation_id].components.append(Component(*row))
        cursor.execute(_STEPS, [operation_ids])
        for operation_id, *row in cursor.fetchall():
            found[operation_id].steps.append(JobStep(*row))
    return found


def lots_of(*, plant_id: int, material_ids: Iterable[int]) -> dict[int, list[str]]:
    """Numbers of the lots that lie in the plant, by material; those without one are not in it. One query."""
    return dict(statements.run(_LOTS, [plant_id, list(material_ids)]))


def people_of(*, plant_id: int) -> list[Employee]:
    """Who may work at the plant's machines."""
    return list(Employee.objects.filter(plant_id=plant_id, is_active=True).order_by("name"))


def reasons(*kinds: str) -> list[ReasonCode]:
    """Reason codes of the kinds (pause, scrap, downtime)."""
    return list(ReasonCode.objects.filter(kind__in=kinds).order_by("kind", "code"))


def good_pieces(*, machine_id: int, since_at: dt.datetime) -> Decimal:
    """Good pieces reported at the machine since then."""
    found = ExecutionEvent.objects.filter(machine_id=machine_id, happened_at__gte=since_at)
    return found.aggregate(sum=Sum("good_qty"))["sum"] or Decimal(0)


def dispatched_operation(*, machine_id: int, code: str) -> int | None:
    """The first open operation on the machine's list that a code names: number/sequence of an operation, the number of
    its work order or of its sales order."""
    rows = Dispatch.objects.filter(machine_id=machine_id, operation__finished_at__isnull=True)
    code, _slash, sequence = code.partition("/")
    if sequence:
        rows = rows.filter(operation__sequence=int(sequence) if sequence.isdecimal() else -1)
    for path in ("operation__work_order__number", "operation__work_order__sales_order_line__order__number"):
        found = rows.filter(**{path: code}).order_by("planned_start_at").values_list("operation_id", flat=True).first()
        if found is not None:
            return found
    return None

"""Work orders as lists and pages show them: what each waits for, its operations as a rail, its money."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils.translation import gettext as _

from erp.cost.models import CostEntry
from erp.production.byproducts import Byproduct
from erp.production.models import WorkOrder, WorkOrderMaterial, WorkOrderOperation
from masterdata.lateness import late_when
from masterdata.line import OperationBar
from masterdata.models import BomByproduct, BomSubstitute, Machine, Material, WorkCentre
from masterdata.numbers import ZERO

OPEN = ("proposed", "firm", "released")


_HERE = WorkOrderOperation.objects.filter(work_order=OuterRef("pk"))
_NEEDS = WorkOrderMaterial.objects.filter(work_order=OuterRef("pk"), issued_qty__lt=F("quantity"))
_TO_COME = Q(pegs__received_qty__lt=F("pegs__quantity"))
IS_RUNNING = Exists(_HERE.filter(started_at__isnull=False, finished_at=None))
WAITS_GOODS = Exists(
    _NEEDS.filter(_TO_COME, Q(pegs__purchase_order_line__isnull=False) | Q(pegs__planned_order__isnull=False))
)


_FLAGS: dict[str, Any] = {
    "is_running": IS_RUNNING,
    "waits_goods": WAITS_GOODS,
    "waits_parts": Exists(_NEEDS.filter(_TO_COME, pegs__work_order__isnull=False)),
    "next_centre": Subquery(_HERE.filter(finished_at=None).order_by("sequence").values("work_centre")[:1]),
}


def listed_work_orders() -> QuerySet[WorkOrder]:
    """Work orders with material, order and customer, and in booleans what each does or waits for.

    `is_running`: an operation runs; `waits_goods`: bought material is still to come; `waits_parts`: an own part is;
    `is_late`: its order line is expected after the promise; `next_centre`: where its next operation is.
    """
    return WorkOrder.objects.select_related(
        "material__unit", "plant__company__currency", "sales_order_line__order__customer", "bom", "routing"
    ).annotate(**_FLAGS)


def brief_work_orders() -> QuerySet[WorkOrder]:
    """The same for lists, which filter by these booleans and show few columns; `complete` says the booleans of a page.

    A page of many reads a tenth of the columns, and nothing is asked of rows that are not on it.
    """
    line = "sales_order_line__"
    return (
        WorkOrder.objects.alias(**_FLAGS)
        .select_related("material", "sales_order_line__order__customer")
        .only(
            *("number", "plant_id", "state", "quantity", "good_qty", "scrap_qty", "planned_end_at", "material__name"),
            *(f"{line}promised_at", f"{line}expected_at", f"{line}order__number", f"{line}order__customer__name"),
        )
    )


def complete(rows: Sequence[Any]) -> None:
    """Set `progress`, `is_running`, `waits_goods` and `waits_parts` of a page's rows; four queries at most."""
    found = progress(rows)
    pegs = WorkOrderMaterial.objects.filter(
        _TO_COME, work_order__in=[row.pk for row in rows if row.state in OPEN], issued_qty__lt=F("quantity")
    ).values_list("work_order", "pegs__work_order", "pegs__purchase_order_line", "pegs__planned_order")
    parts, goods = set(), set()
    for pk, maker, *bought in pegs.distinct():
        if maker is not None:
            parts.add(pk)
        if any(one is not None for one in bought):
            goods.add(pk)
    for row in rows:
        row.progress = found[row.pk]
        row.is_running = row.progress.is_running
        row.waits_goods, row.waits_parts = row.pk in goods, row.pk in parts


IS_OPEN = Q(state__in=OPEN)
IS_LATE = late_when("sales_order_line__promised_at", "sales_order_line__expected_at")


def stage(row: Any) -> tuple[str, str]:
    """The state as the shop says it: its stable value for the chip, and the word."""
    if row.state not in OPEN:
        return row.state, str(row.get_state_display())
    if row.is_running:
        return "running", _("Running")
    if row.state == WorkOrder.State.PROPOSED:
        return "proposed", _("Proposed")
    if row.waits_goods:
        return "material", _("Material")
    if row.waits_parts:
        return "waiting", _("Parts")
    return "ready", _("Ready")


@dataclass(frozen=True, slots=True)
class Progress:
    """A work order's operations: as bars, the one it is at, and the minutes still to be worked."""

    bars: list[OperationBar]
    at: WorkOrderOperation | None
    left_min: Decimal
    is_running: bool


def progress(rows: Collection[WorkOrder]) -> dict[int, Progress]:
    """The operations of these work orders; three queries, however many they are."""
    by_order: dict[int, list[WorkOrderOperation]] = defaultdict(list)
    for operation in WorkOrderOperation.objects.filter(work_order__in=[row.pk for row in rows]).order_by("sequence"):
        by_order[operation.work_order_id].append(operation)
    found = {row.pk: _progress(row, by_order[row.pk]) for row in rows}
    _place([one.at for one in found.values() if one.at is not None])
    return found


def _place(operations: Sequence[WorkOrderOperation]) -> None:
    """Set their work centres and machines, each read once."""
    centres = WorkCentre.objects.in_bulk({one.work_centre_id for one in operations})
    ids = {pk for one in operations for pk in (one.machine_id, one.planned_machine_id) if pk is not None}
    machines = Machine.objects.in_bulk(ids)
    for one in operations:
        one.work_centre = centres[one.work_centre_id]
        one.machine = machines[one.machine_id] if one.machine_id else None
        one.planned_machine = machines[one.planned_machine_id] if one.planned_machine_id else None


def _progress(row: WorkOrder, operations: Sequence[WorkOrderOperation]) -> Progress:
    left = [one for one in operations if one.finished_at is None]
    return Progress(
        bars=[bar_of(one, row.quantity) for one in operations],
        at=next((one for one in left if one.started_at), left[0] if left else None),
        left_min=sum((minutes_left(one, row.quantity) for one in left), ZERO),
        is_running=any(one.started_at for one in left),
    )


def bar_of(operation: WorkOrderOperation, quantity: Decimal) -> OperationBar:
    """Green done, blue running, grey to come."""
    if operation.finished_at:
        return OperationBar(operation.name, 100, "done")
    whole = quantity if operation.quantity is None else operation.quantity
    share = min(Decimal(100), 100 * (operation.good_qty + operation.scrap_qty) / whole)
    return OperationBar(operation.name, share, "running" if operation.started_at else "planned")


def minutes_left(operation: WorkOrderOperation, quantity: Decimal) -> Decimal:
    """Planned minutes of what is not reported; the setup counts until something is."""
    whole = quantity if operation.quantity is None else operation.quantity
    setup = ZERO if operation.worked_min else operation.setup_min
    return setup + operation.run_min_per_unit * max(whole - operation.reported_qty, ZERO)


_INSTEAD = BomSubstitute.objects.filter(
    line__bom=OuterRef("work_order__bom"), line__line_no=OuterRef("line_no"), plant=None
) | BomSubstitute.objects.filter(
    line__bom=OuterRef("work_order__bom"), line__line_no=OuterRef("line_no"), plant=OuterRef("work_order__plant")
)


def needs_of(work_order_id: int) -> list[Any]:
    """What a work order uses, each need with `reserved` from stock and the `pegs` that still bring some of it."""
    rows: list[Any] = list(
        WorkOrderMaterial.objects.filter(work_order=work_order_id)
        .select_related("material", "unit", "instead_of", "work_order")
        .annotate(may_change=Exists(_INSTEAD), reserved=Sum("reservations__quantity", default=ZERO))
        .prefetch_related("pegs__work_order", "pegs__purchase_order_line__order", "pegs__planned_order")
        .order_by("line_no")
    )
    for row in rows:
        row.to_come = [peg for peg in row.pegs.all() if peg.received_qty < peg.quantity]
        row.left = max(row.quantity - row.issued_qty, ZERO)
    return rows


@dataclass(frozen=True, slots=True)
class Beside:
    """A by-product of a work order: what all its pieces bring, and what has come."""

    material: Material
    unit: str
    quantity: Decimal
    booked: Decimal


def byproducts_of_work(order: WorkOrder) -> list[Beside]:
    """What comes out of a work order beside its product; one query."""
    rows = BomByproduct.objects.filter(bom=order.bom_id).select_related("material", "unit", "bom").order_by("line_no")
    found = []
    for row in rows:
        one = Byproduct(row.material, row.quantity, row.bom.base_qty, row.unit.rounding, None)
        brought = one.brought_by(order.quantity), one.brought_by(order.good_qty)
        found.append(Beside(row.material, row.unit.code, *brought))
    return found


@dataclass(frozen=True, slots=True)
class Money:
    """A work order's entries, and what stands in it."""

    wip: Decimal
    entries: list[CostEntry]


def money_of(work_order_id: int) -> Money:
    """Everything that flowed into and out of the work order; one query."""
    found = CostEntry.objects.filter(work_order=work_order_id)
    related = "material", "operation", "machine", "grade", "worker", "journal_line__entry"
    entries = list(found.select_related(*related).order_by("id"))
    return Money(sum((entry.amount for entry in entries), ZERO), entries)

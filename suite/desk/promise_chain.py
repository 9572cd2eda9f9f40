"""Why was this date promised? From the promise down to what happened: line, operation, plan, fact, the facts before it.

Each promise version keeps its fact and the operation it hung on, so the chain of an old version stands as it was.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from aps.models import Plan
from crm.models import Promise
from erp.models import PurchaseOrderLine, SalesOrder, WorkOrder
from masterdata import shown
from masterdata.models import FactRecord, Machine
from mes.models import Downtime

RELATED = ("order_line__order__customer", "order_line__material", "operation__work_order", "machine", "fact__cause")
"""What a promise comes with."""
DEEPEST = 12
"""Facts behind a fact: more than any story has."""


@dataclass(frozen=True, slots=True)
class CauseStep:
    """One link; each rests on the next. `kind`: promise, operation, plan, or the name of a fact. `was`: before it."""

    kind: str
    title: str
    detail: str = ""
    icon: str = "circle"
    at: dt.datetime | None = None
    value: str = ""
    was: str = ""
    url: str = ""


def chain_of(promise: Promise) -> list[CauseStep]:
    """From the promise to its first cause. `promise` comes with `RELATED`."""
    steps = [_promise(promise)]
    if promise.operation is not None:
        steps.append(_operation(promise))
    if (plan := _plan(promise)) is not None:
        steps.append(plan)
    found = _facts(promise.fact)
    return [*steps, *found] if found else [*steps, CauseStep("cause", promise.cause, icon="flag", at=promise.made_at)]


def _promise(promise: Promise) -> CauseStep:
    line = promise.order_line
    before = Promise.objects.filter(order_line=line, version_no=promise.version_no - 1).first()
    return CauseStep(
        "promise",
        _("Promise %(n)s: %(what)s") % {"n": promise.version_no, "what": line.material.name},
        _("%(order)s, line %(line)s") % {"order": line.order.number, "line": line.line_no},
        "flag",
        promise.promised_at,
        shown.when(promise.promised_at),
        _("was %(when)s") % {"when": shown.when(before.promised_at)} if before is not None else "",
        reverse("erp:order", args=[line.order_id]),
    )


def _operation(promise: Promise) -> CauseStep:
    operation = promise.operation
    if operation is None:
        raise ValueError(f"promise {promise.pk} hangs on no operation")
    title = f"{operation.name} · {promise.machine.code}" if promise.machine is not None else operation.name
    start = promise.operation_start_at
    return CauseStep(
        "operation",
        title,
        operation.work_order.number,
        "tool",
        promise.operation_end_at,
        shown.when(promise.operation_end_at),
        _("from %(when)s") % {"when": shown.when(start)} if start is not None else "",
        reverse("erp:work_order", args=[operation.work_order_id]),
    )


def _plan(promise: Promise) -> CauseStep | None:
    if promise.plan_no is None:
        return None
    plan = Plan.objects.filter(plant_id=promise.order_line.plant_id, number=promise.plan_no).first()
    if plan is None:
        return None
    return CauseStep(
        "plan",
        _("Plan %(n)s") % {"n": plan.number},
        plan.cause,
        "calendar-time",
        plan.published_at,
        shown.when(plan.published_at),
        url=reverse("aps:plans"),
    )


def _facts(record: FactRecord | None) -> list[CauseStep]:
    """The fact, then what led to it, to the first."""
    found: list[CauseStep] = []
    while record is not None and len(found) < DEEPEST:
        found.append(_fact(record))
        record = record.cause
    return found


def _fact(record: FactRecord) -> CauseStep:
    say = SAID.get(record.kind)
    told = say(record) if say is not None else None
    return told or CauseStep(
        record.kind, _words(record.kind), "", "circle", record.stated_at, shown.when(record.stated_at)
    )


def _words(kind: str) -> str:
    """ "GoodsReceived" as people read it: Goods received."""
    text = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in kind).strip()
    return text[:1].upper() + text[1:]


def _machine_down(record: FactRecord) -> CauseStep | None:
    """The machine with its alarm: since when, what it said, which reason was given, back when."""
    machine = Machine.objects.filter(pk=record.payload["machine_id"]).first()
    rows = Downtime.objects.select_related("alarm", "reason").filter(pk=record.payload["downtime_id"])
    downtime = rows.first()
    if machine is None:
        return None
    parts = []
    if downtime is not None and downtime.alarm is not None:
        parts.append(f"{downtime.alarm.code} {downtime.alarm.text}".strip())
    if downtime is not None and downtime.reason is not None:
        parts.append(downtime.reason.name)
    until = (downtime.until_at or downtime.estimated_until_at) if downtime is not None else None
    has_alarm = downtime is not None and downtime.alarm_id is not None
    since = downtime.since_at if downtime is not None else record.stated_at
    return CauseStep(
        record.kind,
        _("%(machine)s stopped") % {"machine": machine.code},
        ", ".join(parts),
        "alert-circle",
        since,
        shown.when(since),
        _("back %(when)s") % {"when": shown.when(until)} if until is not None else _("nobody knows until when"),
        reverse("mes:alarm", args=[downtime.alarm_id]) if has_alarm and downtime is not None
        else reverse("mes:machine", args=[machine.pk]),
    )  # fmt: skip


def _purchase_date(record: FactRecord) -> CauseStep | None:
    """The purchase order with the day that was counted on and the new one."""
    rows = PurchaseOrderLine.objects.select_related("order__supplier", "material")
    line = rows.filter(pk=record.payload["line_id"]).first()
    if line is None:
        return None
    noted = FactRecord.objects.filter(
        kind="PurchaseChanged",
        subject=f"purchase:{record.payload['purchase_order_id']}",
        stated_at__lte=record.stated_at,
        payload__what__in=("confirmed", "day"),
        payload__line_nos__contains=line.line_no,
    )
    change = noted.order_by("-stated_at").first()
    after = change.payload["after"] if change is not None else ""
    day = dt.date.fromisoformat(after) if after else None
    before = change.payload["before"] if change is not None else ""
    return CauseStep(
        record.kind,
        _("%(what)s from %(supplier)s comes later") % {
            "what": line.material.name, "supplier": line.order.supplier.name,
        },
        line.order.number,
        "truck-delivery",
        record.stated_at,
        shown.day(day or line.confirmed_at or line.due_at),
        _("was %(day)s") % {"day": shown.day(dt.date.fromisoformat(before))} if before else "",
        reverse("erp:purchase_order", args=[line.order_id]),
    )  # fmt: skip


def _pieces_lost(record: FactRecord) -> CauseStep | None:
    work_order = WorkOrder.objects.filter(pk=record.payload["work_order_id"]).select_related("material__unit").first()
    if work_order is None:
        return None
    lost = shown.quantity(Decimal(record.payload["quantity"]), work_order.material.unit)
    return CauseStep(
        record.kind,
        _("%(lost)s of %(what)s lost") % {"lost": lost, "what": work_order.material.name},
        work_order.number,
        "trash",
        record.stated_at,
        shown.when(record.stated_at),
        url=reverse("erp:work_order", args=[work_order.pk]),
    )


def _rush_taken(record: FactRecord) -> CauseStep | None:
    order = SalesOrder.objects.filter(pk=record.payload["order_id"]).select_related("customer").first()
    if order is None:
        return None
    return CauseStep(
        record.kind,
        _("Rush order %(number)s was taken first") % {"number": order.number},
        order.customer.name,
        "bolt",
        record.stated_at,
        shown.when(record.stated_at),
        url=reverse("erp:order", args=[order.pk]),
    )


def _stock_short(record: FactRecord) -> CauseStep:
    return CauseStep(
        record.kind, record.payload["text"], "", "packages", record.stated_at, shown.when(record.stated_at)
    )


SAID: dict[str, Callable[[FactRecord], CauseStep | None]] = {
    "MachineDown": _machine_down,
    "PurchaseDateChanged": _purchase_date,
    "PiecesLost": _pieces_lost,
    "RushTaken": _rush_taken,
    "StockShort": _stock_short,
}

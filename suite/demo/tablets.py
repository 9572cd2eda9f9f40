"""The tablets of the demo: PINs, enrolled devices, one that is silent with a queue, and what waits for a decision.

Everybody's PIN at a tablet is the number on the badge: B1015 is opened by 1015.
"""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

from masterdata.models import Employee, Machine, User
from masterdata.services import set_pin
from mes import services as mes
from mes.models import Device, ExecutionEvent, OperationRun
from mes.services.events import FloorEvent
from mes.services.log import Said
from suite.demo.factory import Demo
from suite.demo.floor import BROKEN
from suite.demo.floor_now import AT_HAND, BETWEEN_JOBS

MINUTE = dt.timedelta(minutes=1)
SILENT = "Packing hall"
SILENT_SINCE = 52 * MINUTE
SILENT_HOLDS = 6


def give_pins() -> None:
    """Everybody on the floor can say who they are."""
    for pk, badge in Employee.objects.order_by("code").values_list("pk", "badge"):
        set_pin(employee_id=pk, pin=badge.removeprefix("B"))


def tell(demo: Demo, users: dict[str, User]) -> None:
    """Enrol tablets; at two jobs that run they tell what cannot be: more than was ordered, and a time to come."""
    lead = users["zhaomin"]
    carried = _enrolled(demo, lead, SILENT, "DG")
    since = demo.now - SILENT_SINCE
    mes.take_batch(device=carried, said=[], sent_at=since, now=since, waiting=SILENT_HOLDS)
    hung = {code: Machine.objects.select_related("work_centre").get(code=code) for code in ("PSAW-01", "PPACK-01")}
    for machine in hung.values():
        _sends(demo, _enrolled(demo, lead, machine.name, "PZ", machine))
    busy = OperationRun.objects.filter(
        state=OperationRun.State.RUNNING, operator__isnull=False, machine__work_centre__plant=demo.plants["DG"]
    ).exclude(machine__code__in=(BROKEN, *BETWEEN_JOBS))
    runs = busy.exclude(operator__name=AT_HAND).select_related("operation__work_order", "machine__work_centre")
    for number, run in enumerate(runs.order_by("machine__code")[:3]):
        device = _enrolled(demo, lead, run.machine.name, "DG", run.machine)
        if number == 0:
            ordered = run.operation.work_order.quantity
            _sends(demo, device, _report(device, run, demo.now - 4 * MINUTE, ordered + 2))
        elif number == 1:
            _sends(demo, device, _report(device, run, demo.now + dt.timedelta(days=2), Decimal(1)))
        else:
            _sends(demo, device)


def _enrolled(demo: Demo, lead: User, name: str, plant: str, machine: Machine | None = None) -> Device:
    since = demo.now - dt.timedelta(days=20)
    _row, code = mes.offer_enrolment(name=name, plant=demo.plants[plant], machine=machine, by=lead, now=since)
    device, _token = mes.enrol(code=code, uid=uuid.uuid5(uuid.NAMESPACE_URL, f"tablet-{name}"), now=since)
    return device


def _report(device: Device, run: OperationRun, at: dt.datetime, good: Decimal) -> Said:
    """Saved on the tablet without a connection."""
    return Said(
        FloorEvent(
            kind=ExecutionEvent.Kind.REPORT,
            event_id=uuid.uuid5(uuid.NAMESPACE_URL, f"report-{device.name}"),
            operation_id=run.operation_id,
            machine_id=run.machine_id,
            operator_id=run.operator_id,
            plant_id=device.plant_id,
            device_seq=1,
            happened_at=at,
            good_qty=good,
        )
    )


def _sends(demo: Demo, device: Device, *said: Said) -> None:
    mes.take_batch(device=device, said=list(said), sent_at=demo.now, now=demo.now, oldest=1)

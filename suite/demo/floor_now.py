"""What runs on the demo's floor now: jobs of the dispatch lists, a call for help, an alarm that nobody took."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from decimal import Decimal
from typing import Any

from django.db import transaction

from masterdata.errors import Refusal
from masterdata.models import Employee, Machine, User
from masterdata.worktime import MINUTE
from mes import services as mes
from mes.models import Dispatch
from mes.services.events import FloorEvent
from suite.demo.factory import Demo
from suite.demo.floor import BROKEN

# Work nowhere yet, and stand between two jobs: what the examples of the contract send to each other.
AT_HAND = "Chen Jing"
BETWEEN_JOBS = ("SAW-01", "EDGE-01")


def call(demo: Demo, users: dict[str, User]) -> None:
    """Jobs of the dispatch lists that run now; somebody needs a hand, and the shift lead is on the way; the broken
    machine has waited too long."""
    _start_jobs(demo)
    machine = Machine.objects.get(code="ASM-02")
    alarm = mes.call_for_help(
        machine_id=machine.pk, what="Second person for a tall unit", at=demo.now - dt.timedelta(minutes=6)
    )
    mes.acknowledge_alarm(alarm_id=alarm.pk, by=users["zhaomin"], now=demo.now - dt.timedelta(minutes=4))
    mes.escalate_alarms(now=demo.now)


def _start_jobs(demo: Demo) -> None:
    """The first job of each list that can begin has begun, some pieces are reported, some wait."""
    chance = random.Random(11)  # noqa: S311 - a story, not a secret
    people: dict[int, list[Employee]] = {}
    for one in Employee.objects.exclude(name=AT_HAND).order_by("code"):
        people.setdefault(one.plant_id, []).append(one)
    for machine in (
        Machine.objects.select_related("work_centre").exclude(code__in=(BROKEN, *BETWEEN_JOBS)).order_by("pk")
    ):
        rows = Dispatch.objects.filter(machine=machine, operation__started_at=None).select_related(
            "operation__work_order"
        )
        somebody = people[machine.work_centre.plant_id][machine.pk % len(people[machine.work_centre.plant_id])]
        for row in rows.order_by("planned_start_at")[:3]:
            if chance.random() < 0.85 and _starts(demo, row, somebody, chance):
                break


def _starts(demo: Demo, row: Dispatch, somebody: Employee, chance: random.Random) -> bool:
    """Whether the job could begin; what its materials or the step before forbid stays on the list."""
    operation, quantity = row.operation, row.operation.work_order.quantity
    began = demo.now - chance.uniform(8, 45) * MINUTE

    def said(kind: str, minutes: float, **more: Any) -> FloorEvent:
        return FloorEvent(
            event_id=uuid.uuid5(uuid.NAMESPACE_URL, f"now-{operation.pk}-{kind}"), operation_id=operation.pk,
            machine_id=row.machine_id, operator_id=somebody.pk, happened_at=began + minutes * MINUTE, **more,
        )  # fmt: skip

    setup = float(operation.setup_min)
    minutes = (demo.now - began) / MINUTE - 1
    try:
        with transaction.atomic():
            if setup:
                mes.set_up(event=said("setup", 0), now=demo.now)
            if minutes <= setup:
                return True
            mes.start(event=said("start", setup), now=demo.now)
            made = Decimal(int((minutes - setup) / (float(operation.run_min_per_unit) or 1)))
            if 0 < made < quantity:
                mes.report(event=said("report", minutes, good_qty=made), now=demo.now)
            if chance.random() < 0.15:
                mes.pause(event=said("pause", minutes + 0.5), now=demo.now)
    except Refusal:
        return False
    return True

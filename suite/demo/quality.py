"""Quality of the demo: plans, gauges, a month of checks, a job that is held, non-conformances in every state."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from dataclasses import replace
from decimal import Decimal
from typing import Any

from erp.models import ReceiptLine, ReturnReceipt, WorkOrderOperation
from masterdata.errors import Refusal
from masterdata.models import Employee, Machine, ReasonCode, User
from mes import services as mes
from mes.models import CheckPlan, CheckResult, CheckValue, Dispatch, Downtime, NonConformance, OperationRun
from mes.services.runs import FloorEvent
from suite.demo.factory import Demo
from suite.demo.floor_now import BETWEEN_JOBS

D = Decimal
GAUGES: list[tuple[str, str, str, int, int]] = [
    # code, name, reads to, days since its calibration, interval
    ("CAL-01", "Caliper 300 mm", "0.01 mm", 40, 365),
    ("CAL-02", "Caliper 300 mm", "0.01 mm", 380, 365),
    ("TAP-03", "Steel tape 3 m", "0.5 mm", 172, 180),
    ("FEL-01", "Feeler gauge", "0.05 mm", 90, 365),
]
PLANS: list[tuple[str, dict[str, Any], str, list[mes.CharacteristicInput]]] = [
    (
        "CP-SAW",
        {"name": "Panel size", "every_n": 20, "rules": [1, 2],
         "instruction": "Measure in the middle of the panel, without saw dust on the stop."},
        "SAW",
        [
            mes.CharacteristicInput(
                name="Width", unit="mm", nominal=D(580), lower=D("579.5"), upper=D("580.5"), decimals=1, subgroup=3,
                mark=1,
            ),
            mes.CharacteristicInput(name="Edge without chips", kind="attribute", mark=2),
        ],
    ),
    (
        "CP-EDGE",
        {"name": "Edge band", "every_n": 25, "on_fault": "raise", "rules": [1]},
        "EDGE",
        [
            mes.CharacteristicInput(
                name="Height over the surface", unit="mm", nominal=D("0.05"), lower=D("0.00"), upper=D("0.12"),
                decimals=2, subgroup=5, mark=1,
            ),
            mes.CharacteristicInput(name="Glue line", kind="attribute", mark=2),
        ],
    ),
    (
        "CP-CNC",
        {"name": "Drilling pattern", "trigger": "at_time", "every_min": 60, "on_fault": "hold", "is_blocking": True,
         "rules": [1, 3]},
        "CNC",
        [
            mes.CharacteristicInput(
                name="Hole to edge", unit="mm", nominal=D("37.0"), lower=D("36.8"), upper=D("37.2"), decimals=2, mark=1
            ),
        ],
    ),
]  # fmt: skip
# Mean and spread of what was measured in the last month: the saw is capable, the drill drifts, the edge is narrow.
MADE = {"CP-SAW": (580.02, 0.09), "CP-EDGE": (0.058, 0.018), "CP-CNC": (37.03, 0.045)}
CHECKS = 40


def tell(demo: Demo, users: dict[str, User]) -> None:
    """All of it; the same at every load."""
    plant, by, now = demo.plants["DG"], users["quentin"], demo.now
    for code, name, reads, ago, interval in GAUGES:
        gauge = mes.create_gauge(plant=plant, code=code, name=name, resolution=reads, interval_days=interval)
        day = now.date() - dt.timedelta(days=ago)
        mes.calibrate_gauge(gauge_id=gauge.pk, done_on=day, now=now, by=by, certificate=f"DK-{4000 + ago}")
    chance = random.Random(11)  # noqa: S311 (a story, no secret)
    plans = {}
    for code, values, centre, characteristics in PLANS:
        place = plant.work_centres.get(code=centre)
        row = mes.create_check_plan(
            plant=plant,
            code=code,
            plan=mes.PlanInput(work_centre=place, **values),
            characteristics=characteristics,
            now=now - dt.timedelta(days=40),
            by=by,
        )
        plans[code] = mes.activate_check_plan(plan_id=row.pk, now=now - dt.timedelta(days=40))
        _history(demo, plans[code], chance)
    _on_the_floor(demo, plans["CP-SAW"])
    _bought_and_returned(demo, users)
    draft = mes.renew_check_plan(plan_id=plans["CP-EDGE"].pk, now=now, by=by)
    mes.add_characteristic(
        plan_id=draft.pk, characteristic=mes.CharacteristicInput(name="Colour of the edge", kind="attribute")
    )


def _history(demo: Demo, plan: CheckPlan, chance: random.Random) -> None:
    """A check now and then of the last month, on work that was done there; rows at once, as an import would."""
    operations = list(
        WorkOrderOperation.objects.filter(work_centre=plan.work_centre, finished_at__isnull=False)
        .select_related("work_order")
        .order_by("-finished_at")[:12]
    )
    people = list(Employee.objects.filter(plant=plan.plant_id).order_by("pk")[:6])
    if not operations:
        return
    asked = list(plan.characteristics.order_by("line_no"))
    results, values = [], []
    for number in range(CHECKS):
        operation = operations[number % len(operations)]
        at = demo.now - dt.timedelta(hours=17 * (CHECKS - number), minutes=chance.randint(0, 240))
        result = CheckResult(
            plan=plan, plant_id=plan.plant_id, operation=operation, machine_id=operation.machine_id,
            operator=people[number % len(people)], piece_no=1 + 20 * (number // len(operations)), verdict="ok",
            checked_at=at, recorded_at=at,
        )  # fmt: skip
        results.append(result)
        mean, spread = MADE[plan.code]
        drift = spread * 2.4 * max(0, number - 30) / 10 if plan.code == "CP-CNC" else 0
        for one in asked:
            for sample in range(1, one.subgroup + 1):
                measured = None
                if one.kind == "measured":
                    measured = round(D(str(chance.gauss(mean + drift, spread))), one.decimals)
                    assert one.lower is not None
                    assert one.upper is not None
                    measured = min(max(measured, one.lower), one.upper)
                values.append(
                    CheckValue(result=result, characteristic=one, sample_no=sample, value=measured, is_good=True)
                )
    CheckResult.objects.bulk_create(results)
    CheckValue.objects.bulk_create(values)


def _on_the_floor(demo: Demo, plan: CheckPlan) -> None:
    """Two saws at work since this morning: one waits for its first check, at the other a panel is too wide.

    Where another job has begun on the machine since, as it has around the end of a shift, that has paused this one.
    """
    free = _free_jobs(demo, plan)[:2]
    for number, (dispatch, machine) in enumerate(free):
        began = demo.now - dt.timedelta(minutes=55 + 20 * number)
        event = FloorEvent(
            event_id=uuid.uuid4(), operation_id=dispatch.operation_id, machine_id=machine.pk, operator_id=None,
            happened_at=began,
        )  # fmt: skip
        run = mes.start(event=event, now=demo.now)
        if number == 0:
            _too_wide(demo, plan, dispatch.operation, demo.now - dt.timedelta(minutes=12))
        elif machine.code in BETWEEN_JOBS and run.state == OperationRun.State.RUNNING:
            aside = replace(event, event_id=uuid.uuid4(), happened_at=demo.now - dt.timedelta(minutes=3))
            mes.pause(event=aside, now=demo.now)


def _free_jobs(demo: Demo, plan: CheckPlan) -> list[tuple[Dispatch, Machine]]:
    """The first job of each saw on which nothing runs, one that is to stand between two jobs last."""
    busy = set(OperationRun.objects.filter(state="running").values_list("machine", flat=True))
    busy |= set(Downtime.objects.filter(until_at=None).values_list("machine", flat=True))
    found: dict[int, tuple[Dispatch, Machine]] = {}
    rows = Dispatch.objects.filter(
        machine__work_centre=plan.work_centre_id, operation__started_at=None, operation__run=None
    ).select_related("operation__work_order", "machine")
    for row in rows.exclude(machine__in=busy).order_by("planned_start_at"):
        found.setdefault(row.machine_id, (row, row.machine))
    return sorted(found.values(), key=lambda job: job[1].code in BETWEEN_JOBS)


def _too_wide(demo: Demo, plan: CheckPlan, operation: WorkOrderOperation, at: dt.datetime) -> None:
    width, edge = plan.characteristics.order_by("line_no")
    values = [mes.ValueInput(characteristic_id=width.pk, value=D(one)) for one in ("580.4", "580.7", "580.6")]
    mes.record_check(
        plan_id=plan.pk,
        operation_id=operation.pk,
        values=[*values, mes.ValueInput(characteristic_id=edge.pk, is_good=True)],
        now=at,
        source=mes.Source(operator_id=Employee.objects.filter(plant=demo.plants["DG"]).order_by("pk")[0].pk),
    )


def _bought_and_returned(demo: Demo, users: dict[str, User]) -> None:
    """A delivery with bent parts (to be decided), one that went back and is closed, a complaint of what came back."""
    defect = ReasonCode.objects.get(code="S-SURF")
    lines = ReceiptLine.objects.filter(lot=None, returned_qty=0, component_uses=None, quantity__gte=4)
    texts = ("Scratched under the foil", "Bent at the corners")
    raised: list[NonConformance] = []
    for line in lines.select_related("order_line__material").order_by("-receipt__received_at", "-pk")[:80]:
        if len(raised) == len(texts):
            break
        held = line.order_line.material.balances.filter(location__kind="stock", sales_order=None, on_hand__gte=4)
        if not any(row.on_hand - row.reserved >= 4 for row in held):
            continue
        try:
            row = mes.raise_supplier_nonconformance(
                receipt_line_id=line.pk, quantity=D(4), now=demo.now - dt.timedelta(hours=3 - len(raised)),
                text=texts[len(raised)], defect_id=defect.pk, by=users["wanda"],
            )  # fmt: skip
        except Refusal:  # its goods are used by now, another delivery has some
            continue
        raised.append(row)
    if len(raised) > 1:
        row = raised[0]
        decision = mes.Decision(kind="scrap", quantity=D(4), note="Photos sent to the supplier")
        mes.dispose(nonconformance_id=row.pk, decision=decision, by=users["quentin"], now=demo.now)
        mes.close_nonconformance(
            nonconformance_id=row.pk,
            cause="Pallet without edge protection",
            corrective_action="Supplier packs with corner boards from the next delivery on",
            by=users["quentin"],
            now=demo.now,
        )
    back = ReturnReceipt.objects.filter(outcome="").order_by("pk").first()
    if back is not None:
        mes.raise_complaint(
            return_receipt_id=back.pk, text="Door scratched on arrival", defect_id=defect.pk, severity="minor",
            now=demo.now - dt.timedelta(hours=2), by=users["sara"],
        )  # fmt: skip

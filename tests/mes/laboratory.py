"""Quality in the hall: plans that are active, gauges, checks, and pieces that are not as they should be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from erp.models import WorkOrderOperation
from masterdata.models import ReasonCode
from mes import services as mes
from mes.models import CheckPlan, CheckResult, Gauge, NonConformance
from tests.factories import NOW
from tests.mes.hall import Hall, at

D = Decimal
WIDTH = mes.CharacteristicInput(
    name="Width", unit="mm", nominal=D(400), lower=D("399.5"), upper=D("400.5"), decimals=1, mark=1
)
EDGE = mes.CharacteristicInput(name="Edge", kind="attribute")


def plan(
    shop: Hall, *characteristics: mes.CharacteristicInput, code: str = "CP-1", active: bool = True, **more: Any
) -> CheckPlan:
    """A check plan of the saws: the first piece, then one in five; active unless said otherwise."""
    values = {
        "name": "Panel", "work_centre": shop.shop.centres["SAW"], "every_n": 5, "is_blocking": True, **more,
    }  # fmt: skip
    row = mes.create_check_plan(
        plant=shop.shop.plant,
        code=code,
        plan=mes.PlanInput(**values),
        characteristics=characteristics or (WIDTH, EDGE),
        now=NOW,
    )
    return mes.activate_check_plan(plan_id=row.pk, now=NOW) if active else row


def gauge(shop: Hall, code: str = "G-1", done_on: dt.date | None = None) -> Gauge:
    """A caliper, calibrated ten days ago for a year."""
    row = mes.create_gauge(plant=shop.shop.plant, code=code, name="Caliper")
    mes.calibrate_gauge(gauge_id=row.pk, done_on=done_on or NOW.date() - dt.timedelta(days=10), now=NOW, by=None)
    row.refresh_from_db()
    return row


def values(row: CheckPlan, *found: str | bool | Sequence[str]) -> list[mes.ValueInput]:
    """A value, or several, of each characteristic in its order."""
    given = []
    for one, what in zip(row.characteristics.order_by("line_no"), found, strict=True):
        for value in [what] if isinstance(what, str | bool) else what:
            is_good = value if isinstance(value, bool) else None
            measured = None if isinstance(value, bool) else D(value)
            given.append(mes.ValueInput(characteristic_id=one.pk, value=measured, is_good=is_good))
    return given


def check(
    row: CheckPlan, operation: WorkOrderOperation, minute: int, *found: str | bool | Sequence[str], **more: Any
) -> CheckResult:
    """A check at that minute."""
    return mes.record_check(
        plan_id=row.pk,
        operation_id=operation.pk,
        values=values(row, *found),
        now=at(minute),
        source=mes.Source(),
        **more,
    )


def fault(shop: Hall, operation: WorkOrderOperation, quantity: str, minute: int, **more: Any) -> NonConformance:
    """Pieces with a chipped edge at an operation."""
    values = {"defect_id": shop.reasons["S-CHIP"].pk, **more}
    return mes.raise_nonconformance(operation_id=operation.pk, quantity=D(quantity), at=at(minute), **values)


def decide(row: NonConformance, kind: str, quantity: str, minute: int, **more: Any) -> Any:
    """Decide what becomes of some pieces."""
    return mes.dispose(
        nonconformance_id=row.pk,
        decision=mes.Decision(kind=kind, quantity=D(quantity), **more),
        by=None,
        now=at(minute),
    )


def quarantine_reason() -> ReasonCode:
    """Why stock is put apart."""
    return ReasonCode.objects.create(code="Q-CHECK", name="Waits for a check", kind="quarantine")

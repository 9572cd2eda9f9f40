"""What quality looks at: checks that are due on the floor, results, holds, non-conformances, gauges."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from masterdata.numbers import ZERO
from mes.models import CheckPlan, CheckResult, Gauge, NonConformance, OperationRun, QualityHold, Quarantine
from mes.selectors.checks import DueCheck, due_at_operations

SOON = dt.timedelta(days=14)  # before a calibration ends, somebody should see to it


@dataclass(frozen=True, slots=True)
class DueOnFloor:
    """A check that is due at a job that was started."""

    run: OperationRun
    check: DueCheck


def due_on_floor(plant_ids: Iterable[int], now: dt.datetime) -> list[DueOnFloor]:
    """Checks due at every started job of the plants, those that stop reports first."""
    runs = {
        run.operation_id: run
        for run in OperationRun.objects.exclude(state=OperationRun.State.FINISHED)
        .filter(operation__work_order__plant__in=list(plant_ids))
        .select_related("operation__work_order__material", "machine")
        .order_by("machine__code")
    }
    due = due_at_operations(runs, now)
    found = [DueOnFloor(run, check) for pk, run in runs.items() for check in due.get(pk, ())]
    return sorted(
        found, key=lambda one: (not (one.check.is_blocking and one.check.is_overdue), not one.check.is_overdue)
    )


def check_plans_listed() -> QuerySet[CheckPlan]:
    """All versions, with how many characteristics they have."""
    return (
        CheckPlan.objects.select_related("plant", "material", "work_centre")
        .annotate(number=Count("characteristics"))
        .order_by("plant", "code", "-version_no")
    )


def check_results() -> QuerySet[CheckResult]:
    """Checks that count, with where they were made."""
    return CheckResult.objects.filter(is_void=False).select_related(
        "plan", "operation__work_order__material", "machine", "operator", "by", "gauge"
    )


def open_hold(operation_id: int) -> QualityHold | None:
    """The hold of an operation, if quality holds it."""
    return QualityHold.objects.filter(operation=operation_id, released_at=None).select_related("nonconformance").first()


def held_operations(operation_ids: Iterable[int]) -> set[int]:
    """Which of these operations quality holds."""
    rows = QualityHold.objects.filter(operation__in=list(operation_ids), released_at=None)
    return set(rows.values_list("operation_id", flat=True))


def waiting_for_release(operation_id: int) -> int:
    """How many events of the operation are kept back because quality holds it."""
    rows = Quarantine.objects.filter(event__operation=operation_id, code="quality_hold")
    return rows.filter(state=Quarantine.State.OPEN).count()


def holds() -> QuerySet[QualityHold]:
    return QualityHold.objects.select_related(
        "operation__work_order__material", "nonconformance", "result__plan", "released_by", "made_by"
    )


def nonconformances() -> QuerySet[NonConformance]:
    """All, with how many pieces are decided and whether they hold an operation."""
    held = QualityHold.objects.filter(nonconformance=OuterRef("pk"), released_at=None)
    return (
        NonConformance.objects.select_related(
            "plant", "material__unit", "defect", "partner", "machine", "operation__work_order", "sales_order"
        )
        .annotate(decided_qty=Coalesce(Sum("dispositions__quantity"), ZERO), is_holding=Exists(held))
        .order_by("-pk")
    )


def gauges(today: dt.date) -> QuerySet[Gauge]:
    """Gauges with how they stand: ok, soon, expired or off."""
    return Gauge.objects.select_related("plant").annotate(
        is_expired=Q(is_active=True) & (Q(valid_until=None) | Q(valid_until__lt=today)),
    )


def gauge_state(gauge: Gauge, today: dt.date) -> str:
    """How a gauge stands: "inactive", "expired", "at_risk" (its calibration ends soon) or "active"."""
    if not gauge.is_active:
        return "inactive"
    if gauge.valid_until is None or gauge.valid_until < today:
        return "expired"
    return "at_risk" if gauge.valid_until < today + SOON else "active"

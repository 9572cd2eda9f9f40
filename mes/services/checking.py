"""Checks are recorded: values are judged, and what the plan says follows from a fault."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from django.db import transaction
from django.utils import timezone

from erp import services as erp
from erp.models import WorkOrderOperation
from masterdata.errors import InvalidInput, Refusal
from mes import spc
from mes.models import Characteristic, CheckPlan, CheckResult, CheckValue, EventPhoto, Gauge, OperationRun
from mes.selectors import checks, control
from mes.services import events, holds, nonconformances, progress, states
from mes.services.gauges import check_gauge

Kind, Verdict, OnFault = Characteristic.Kind, CheckResult.Verdict, CheckPlan.OnFault


class WrongCheck(Refusal):
    """The plan is not for this operation, or not in force."""

    code: ClassVar[str] = "wrong_check"


class CheckIncomplete(InvalidInput):
    """A value, gauge or photo that the plan asks for is missing."""

    code: ClassVar[str] = "check_incomplete"


@dataclass(frozen=True, kw_only=True)
class ValueInput:
    """One value of a characteristic: measured, or good or bad."""

    characteristic_id: int
    value: Decimal | None = None
    is_good: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Source:
    """Who says so, from where: an event of a tablet, or a person at a page."""

    by_id: int | None = None
    operator_id: int | None = None
    machine_id: int | None = None
    event_id: uuid.UUID | None = None
    device_id: int | None = None


@transaction.atomic
def record_check(
    *,
    plan_id: int,
    operation_id: int,
    values: Sequence[ValueInput],
    now: dt.datetime,
    source: Source,
    checked_at: dt.datetime | None = None,
    piece_no: int | None = None,
    gauge_id: int | None = None,
    photo_id: uuid.UUID | None = None,
    note: str = "",
) -> CheckResult:
    """Record a check, whole: every value that the plan asks for. A fault opens a non-conformance and holds the
    operation when the plan says so; one that is open already for this plan and operation stays the only one.

    A version that was retired meanwhile is still taken: a tablet may have been without network. Locks the operation
    with its orders. Raises WrongCheck, CheckIncomplete, InvalidInput, WrongTime, GaugeExpired.
    """
    erp.lock_operation(operation_id=operation_id)
    operation = WorkOrderOperation.objects.select_related("work_order__plant").get(pk=operation_id)
    plan = _plan(plan_id, operation)
    asked = list(plan.characteristics.order_by("line_no"))
    at = checked_at or now
    if source.event_id is None:
        events.check_clock(at, now, field="checked_at")
    given = _given(asked, values)
    gauge = _gauge(asked, gauge_id, operation.work_order.plant_id, at)
    _check_photo(asked, photo_id, operation.work_order.plant_id)
    run = OperationRun.objects.filter(operation=operation_id).first()
    result = CheckResult(
        plan=plan,
        plant_id=operation.work_order.plant_id,
        operation=operation,
        machine_id=source.machine_id or (run.machine_id if run else operation.machine_id),
        operator_id=source.operator_id,
        by_id=source.by_id,
        device_id=source.device_id,
        event_id=source.event_id,
        gauge=gauge,
        photo_id=photo_id,
        piece_no=piece_no or _piece(plan, operation),
        verdict=Verdict.OK,
        note=note.strip()[:400],
        checked_at=at,
        recorded_at=now,
    )
    judged = {one.pk: [_is_good(one, value) for value in given[one.pk]] for one in asked}
    result.verdict, result.said = _verdict(asked, given, judged, result)
    result.save()
    CheckValue.objects.bulk_create(
        CheckValue(result=result, characteristic=one, sample_no=number, value=value.value, is_good=good)
        for one in asked
        for number, (value, good) in enumerate(zip(given[one.pk], judged[one.pk], strict=True), start=1)
    )
    if result.verdict != Verdict.OK:
        _follow(result, source)
    holds.tell(operation_id, result.plant_id)
    if source.event_id is None:  # an event of the floor looks by itself
        holds.let_go(operation_id, now)
    return result


@transaction.atomic
def void_check(*, event_id: uuid.UUID, now: dt.datetime) -> CheckResult | None:
    """Its event was taken back: it counts no more, and a hold that it made is released. Opened non-conformances stay:
    they are withdrawn by quality."""
    result = CheckResult.objects.select_for_update(no_key=True).filter(event=event_id).order_by("pk").first()
    if result is None or result.is_void:
        return result
    result.is_void = True
    result.save(update_fields=["is_void"])
    for hold in result.holds.filter(released_at=None).order_by("pk"):
        holds.release_hold(hold_id=hold.pk, note="The check was taken back.", by=None, now=now)
    return result


def _plan(plan_id: int, operation: WorkOrderOperation) -> CheckPlan:
    plan = CheckPlan.objects.filter(pk=plan_id).first()
    if plan is None or plan.plant_id != operation.work_order.plant_id:
        raise WrongCheck("There is no such check plan in this plant. Load the job again.", field="plan")
    if plan.state == CheckPlan.State.DRAFT:
        raise WrongCheck(f"{plan} is a draft: activate it before anybody checks by it.", field="plan")
    fits = (
        plan.material_id in (None, operation.work_order.material_id)
        and plan.sequence in (None, operation.sequence)
        and plan.work_centre_id in (None, operation.work_centre_id)
    )
    if not fits:
        raise WrongCheck(
            f"{plan.code} is not checked at operation {operation.sequence} {operation.name} of "
            f"{operation.work_order.number}. Choose another check.",
            field="plan",
        )
    return plan


def _given(asked: Sequence[Characteristic], values: Sequence[ValueInput]) -> dict[int, list[ValueInput]]:
    """The values by characteristic: as many of each as the plan asks for, each of its kind."""
    given: dict[int, list[ValueInput]] = {one.pk: [] for one in asked}
    for value in values:
        if value.characteristic_id not in given:
            raise InvalidInput("One of the values belongs to another check. Load the job again.", field="values")
        given[value.characteristic_id].append(value)
    for one in asked:
        _check_values(one, given[one.pk])
    return given


def _check_values(one: Characteristic, values: Sequence[ValueInput]) -> None:
    if len(values) != one.subgroup:
        wanted = "a value" if one.subgroup == 1 else f"{one.subgroup} values"
        raise CheckIncomplete(f"Enter {wanted} of {one.name}.", field="values", characteristic=one.pk)
    for value in values:
        if one.kind == Kind.ATTRIBUTE:
            if value.is_good is None:
                raise CheckIncomplete(f"Is {one.name} good or bad?", field="values", characteristic=one.pk)
        elif value.value is None:
            raise CheckIncomplete(f"Enter the value of {one.name}.", field="values", characteristic=one.pk)
        elif value.value != round(value.value, one.decimals):
            raise InvalidInput(
                f"Enter {one.name} with at most {one.decimals} decimals.", field="values", characteristic=one.pk
            )


def _gauge(asked: Sequence[Characteristic], gauge_id: int | None, plant_id: int, at: dt.datetime) -> Gauge | None:
    if gauge_id is None:
        if needs := [one.name for one in asked if one.needs_gauge]:
            raise CheckIncomplete(f"Choose the gauge that {', '.join(needs)} was measured with.", field="gauge")
        return None
    gauge = Gauge.objects.filter(pk=gauge_id).first()
    if gauge is None:
        raise InvalidInput("There is no such gauge. Choose another one.", field="gauge")
    check_gauge(gauge, plant_id=plant_id, on=timezone.localdate(at))
    return gauge


def _check_photo(asked: Sequence[Characteristic], photo_id: uuid.UUID | None, plant_id: int) -> None:
    if photo_id is None:
        if needs := [one.name for one in asked if one.needs_photo]:
            raise CheckIncomplete(f"Take a photo of {', '.join(needs)}.", field="photo")
    elif not EventPhoto.objects.filter(pk=photo_id, plant=plant_id).exists():
        raise CheckIncomplete("The photo has not arrived yet. Send the photo first, then the check.", field="photo")


def _piece(plan: CheckPlan, operation: WorkOrderOperation) -> int:
    """The piece that was due, else the last one reported."""
    count = int(operation.reported_qty)
    past = CheckResult.objects.filter(operation=operation, plan__code=plan.code, is_void=False)
    last = max(past.values_list("piece_no", flat=True), default=None)
    due = checks.next_piece(plan, last) if plan.trigger == CheckPlan.Trigger.COUNT else None
    return due if due is not None and due >= count and due <= count + 1 else max(1, count)


def _is_good(one: Characteristic, given: ValueInput) -> bool:
    if one.kind == Kind.ATTRIBUTE:
        return bool(given.is_good)
    assert given.value is not None
    return (one.lower is None or given.value >= one.lower) and (one.upper is None or given.value <= one.upper)


def _verdict(
    asked: Sequence[Characteristic],
    given: dict[int, list[ValueInput]],
    judged: dict[int, list[bool]],
    result: CheckResult,
) -> tuple[str, str]:
    """The worst that was found, and what, in words."""
    bad = [_said(one, given[one.pk], judged[one.pk]) for one in asked if not all(judged[one.pk])]
    if bad:
        return Verdict.TOLERANCE, "; ".join(bad)[:400]
    broken = []
    for one in asked:
        values = [value.value for value in given[one.pk] if value.value is not None]
        one.plan = result.plan
        rules = control.rules_broken(one, result=result, values=values)
        broken += [f"{one.name}: {spc.NAMES[rule]} (rule {rule})" for rule in rules]
    return (Verdict.CONTROL, "; ".join(broken)[:400]) if broken else (Verdict.OK, "")


def _said(one: Characteristic, values: Sequence[ValueInput], judged: Sequence[bool]) -> str:
    if one.kind == Kind.ATTRIBUTE:
        return f"{one.name} is bad"
    unit = f" {one.unit}" if one.unit else ""
    found = ", ".join(f"{value.value:.{one.decimals}f}" for value, good in zip(values, judged, strict=True) if not good)
    low = "" if one.lower is None else f"{one.lower:.{one.decimals}f}"
    high = "" if one.upper is None else f"{one.upper:.{one.decimals}f}"
    limits = f"{low} to {high}" if low and high else f"at least {low}" if low else f"at most {high}"
    return f"{one.name} {found}{unit}, allowed {limits}{unit}"


def _follow(result: CheckResult, source: Source) -> None:
    """What the plan says of a fault. The operation is held and its run stands until somebody releases it."""
    plan = result.plan
    if plan.on_fault == OnFault.NOTE:
        return
    reason = f"{plan.name} on piece {result.piece_no}: {result.said}."
    found = nonconformances.of_check(result, text=reason, by_id=source.by_id, employee_id=source.operator_id)
    if plan.on_fault == OnFault.HOLD:
        holds.hold_operation(
            operation_id=result.operation_id,
            reason=reason,
            at=result.checked_at,
            result_id=result.pk,
            nonconformance_id=found.pk,
            by_id=source.by_id,
        )
        _stand(result)


def _stand(result: CheckResult) -> None:
    """The house pauses the run, by an event that says why the clock stood."""
    run = progress.locked(result.operation_id)
    if run is None or run.state not in (OperationRun.State.RUNNING, OperationRun.State.SETUP):
        return
    paused = progress.pause_by_house(run, result.checked_at, f"hold:{result.pk}")
    states.refold_all(machine_ids=[paused.machine_id], since=result.checked_at)

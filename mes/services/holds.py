"""Operations that quality holds, and checks that are overdue: what stops a start or a report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import ClassVar

from django.db import transaction

from erp import services as erp
from erp.models import WorkOrderOperation
from masterdata import live, statements
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import User
from masterdata.numbers import ZERO
from mes.models import QualityHold
from mes.selectors import checks

_STOPS = f"""
    SELECT (SELECT reason FROM mes_qualityhold WHERE operation_id = %s AND released_at IS NULL
            AND since_at <= coalesce(%s::timestamptz, 'infinity')),
        EXISTS ({checks.BLOCKING})
"""  # noqa: S608 (our own words)


LETS_GO: list[Callable[[int, dt.datetime], None]] = []
"""Called with the operation's id and now, in the transaction of a release or of a check: what waited for it."""


class OperationHeld(Refusal):
    """Quality holds the operation; `reason` says why."""

    code: ClassVar[str] = "quality_hold"


class CheckDue(Refusal):
    """A check that may not be left out is overdue; `plan_id` says which, `piece_no` which piece."""

    code: ClassVar[str] = "check_due"


class HoldReleased(Refusal):
    """Somebody has released it."""

    code: ClassVar[str] = "hold_released"


@transaction.atomic
def hold_operation(
    *,
    operation_id: int,
    reason: str,
    at: dt.datetime,
    result_id: int | None = None,
    nonconformance_id: int | None = None,
    by_id: int | None = None,
) -> QualityHold:
    """Nothing more is started or reported there until somebody releases it; one that is held stays as it is.

    Locks the operation with its orders. Raises InvalidInput without a reason.
    """
    if not reason.strip():
        raise InvalidInput("Say why it is held.", field="reason")
    erp.lock_operation(operation_id=operation_id)
    if held := QualityHold.objects.filter(operation=operation_id, released_at=None).first():
        return held
    operation = WorkOrderOperation.objects.select_related("work_order").get(pk=operation_id)
    hold = QualityHold.objects.create(
        operation=operation,
        plant_id=operation.work_order.plant_id,
        reason=reason.strip()[:400],
        result_id=result_id,
        nonconformance_id=nonconformance_id,
        since_at=at,
        made_by_id=by_id,
    )
    tell(operation_id, hold.plant_id)
    return hold


@transaction.atomic
def release_hold(*, hold_id: int, note: str, by: User | None, now: dt.datetime) -> QualityHold:
    """Work may go on; `note` says why. What was reported meanwhile and kept back for the hold counts now.

    Locks the operation with its orders. Raises HoldReleased, InvalidInput.
    """
    operation_id = QualityHold.objects.values_list("operation", flat=True).get(pk=hold_id)
    erp.lock_operation(operation_id=operation_id)
    hold = QualityHold.objects.select_for_update(no_key=True).order_by("pk").get(pk=hold_id)
    if hold.released_at is not None:
        raise HoldReleased("Somebody has released this hold meanwhile: work goes on.")
    if not note.strip():
        raise InvalidInput("Say what was done before work goes on.", field="note")
    hold.released_at, hold.released_by, hold.note = now, by, note.strip()[:400]
    hold.save(update_fields=["released_at", "released_by", "note"])
    tell(operation_id, hold.plant_id)
    let_go(operation_id, now)
    return hold


def let_go(operation_id: int, now: dt.datetime) -> None:
    """What quality kept back of the operation is looked at again. Call while holding its lock."""
    for follow in LETS_GO:
        follow(operation_id, now)


def refuse_held(operation_id: int) -> None:
    """Raise OperationHeld while quality holds the operation. Call while holding the operation's lock."""
    reason = statements.run(_STOPS, [operation_id, None, operation_id])[0][0]
    if reason is not None:
        raise _held(operation_id, reason)


def refuse_report(
    *, operation_id: int, at: dt.datetime, is_late: bool, pieces: Decimal = ZERO, ends: bool = False
) -> None:
    """Raise OperationHeld, or CheckDue when such a report would pass over a check that may not be left out. What was
    made before the hold and is told offline (`is_late`) is not held; what is told now is, whatever time it claims.

    One small query when there is neither. Call while holding the operation's lock.
    """
    reason, may_stop = statements.run(_STOPS, [operation_id, at if is_late else None, operation_id])[0]
    if reason is not None:
        raise _held(operation_id, reason)
    if not may_stop:
        return
    due = checks.overdue_check(operation_id, at, pieces=pieces, ends=ends)
    if due is not None:
        raise CheckDue(
            f"Check {due.plan.name} ({due.plan.code}) is {due.due}. Record it first, then report.",
            operation_id=operation_id,
            plan_id=due.plan.pk,
            piece_no=due.piece_no,
        )


def _held(operation_id: int, reason: str) -> OperationHeld:
    return OperationHeld(
        f"Quality holds this operation: {reason} Wait until quality or the shift lead releases it.",
        operation_id=operation_id,
        reason=reason,
    )


def tell(operation_id: int, plant_id: int) -> None:
    """Pages and tablets that show the operation, and quality's own."""
    for topic in ("operation", "dispatch", "quality"):
        live.publish(topic, operation_id, plant_id=plant_id)

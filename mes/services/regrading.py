"""Pieces that were reported good and are not: their reports are taken back and told anew with less of them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar

from django.db import transaction

from erp import services as erp
from erp.models import WorkOrderOperation
from masterdata import statements
from masterdata.errors import Refusal
from masterdata.numbers import ZERO
from mes.models import ExecutionEvent
from mes.services import events, log, progress, tracing
from mes.services.events import FloorEvent

Kind = ExecutionEvent.Kind
_EXACT = Decimal("0.000001")
_GOOD = f"""
    SELECT e.id FROM mes_executionevent e
    WHERE e.operation_id = %s AND e.kind IN ('report', 'finish') AND e.good_qty > 0 AND {progress.COUNTS}
    ORDER BY e.corrected_at DESC, e.device_seq DESC NULLS LAST, e.id DESC
"""  # noqa: S608 (our own words)


class CannotRegrade(Refusal):
    """The pieces are not among those that were reported good there, or cannot be told from the others."""

    code: ClassVar[str] = "cannot_regrade"


@transaction.atomic
def regrade_good(
    *,
    operation_id: int,
    quantity: Decimal,
    is_scrap: bool,
    because: str,
    now: dt.datetime,
    reason_id: int | None = None,
    serial: str = "",
    by_id: int | None = None,
) -> uuid.UUID:
    """`quantity` pieces that were reported good are scrap, for `reason_id`, or go to rework. The reports that they came
    with, the last first, are taken back and told anew at their own time; the event that holds the pieces.

    Locks the operation with its orders, then as a report does. Raises CannotRegrade, and what ERP raises when the
    pieces have gone on.
    """
    erp.lock_operation(operation_id=operation_id)
    stays = WorkOrderOperation.objects.values_list("good_qty", flat=True).get(pk=operation_id) - quantity
    taken, left = [], quantity
    for (event_id,) in statements.run(_GOOD, [operation_id]):
        if left <= 0:
            break
        first = ExecutionEvent.objects.get(pk=event_id)
        part = min(left, first.good_qty)
        taken.append((first, part))
        left -= part
    if left > 0:
        raise CannotRegrade(
            f"Only {(quantity - left).normalize() + ZERO:f} pieces are reported good here. Enter at most that.",
            field="quantity",
        )
    for first, _part in taken:
        log.take_back(event_id=first.pk, because=because, stays=stays, by_id=by_id, now=now)
    bad = _bad(taken, is_scrap=is_scrap, reason_id=reason_id)
    *earlier, last = [_rest(first, part, is_scrap=is_scrap, serial=serial) for first, part in reversed(taken)]
    for event in (*earlier, bad, last):
        if event is not None:
            said = replace(event, by_id=by_id)
            events.keep(said, said.kind, events.print_of(said, said.kind))
            log.do(replace(said, is_kept=True), now, is_late=True)
    return bad.event_id


def _anew(first: ExecutionEvent) -> FloorEvent:
    return replace(
        log.event_of(first), device_id=None, device_seq=None, said_at=None, is_kept=False, accepts_over=True,
        is_decided=True,
    )  # fmt: skip


def _id(*, comes_first: bool) -> uuid.UUID:
    """Of two events at one time the one with the lower id counts first (`mes.fold`): the bad pieces before the rest,
    which may end the job."""
    number = uuid.uuid4().int
    return uuid.UUID(int=number >> 1 if comes_first else number | 1 << 127)


def _whole(first: ExecutionEvent) -> Decimal:
    return first.good_qty + first.scrap_qty + first.rework_qty


def _bad(taken: Sequence[tuple[ExecutionEvent, Decimal]], *, is_scrap: bool, reason_id: int | None) -> FloorEvent:
    """The pieces that are not good, at the time of the last report and before what is left of that."""
    told, pieces = _anew(taken[0][0]), sum((part for _first, part in taken), ZERO)
    payload: dict[str, Any] = {"replaces": str(told.event_id)}
    consumed = [one for first, part in taken for one in _share(first.payload, part / _whole(first))]
    if consumed:
        payload["consumed"] = consumed
    return replace(
        told, event_id=_id(comes_first=True), kind=Kind.REPORT, good_qty=ZERO, lot_number="",
        scrap_qty=pieces if is_scrap else ZERO, rework_qty=ZERO if is_scrap else pieces,
        reason_id=reason_id if is_scrap else None, payload=payload,
    )  # fmt: skip


def _rest(first: ExecutionEvent, part: Decimal, *, is_scrap: bool, serial: str) -> FloorEvent | None:
    """The report without the pieces that are not good; none when nothing is left of it and it ended nothing."""
    told, good_qty = _anew(first), first.good_qty - part
    ends = told.kind == Kind.FINISH and is_scrap
    if part == _whole(first) and not ends:
        return None
    payload = {key: value for key, value in told.payload.items() if key not in ("serials", "consumed")}
    if serials := _without(tracing.serials_of(told.payload), part, serial):
        payload["serials"] = serials
    if consumed := _share(told.payload, 1 - part / _whole(first)):
        payload["consumed"] = consumed
    return replace(
        told, event_id=_id(comes_first=False), kind=Kind.FINISH if ends else Kind.REPORT,
        good_qty=good_qty, lot_number=told.lot_number if good_qty else "",
        payload=payload | {"replaces": str(first.pk)},
    )  # fmt: skip


def _share(told: Mapping[str, Any], share: Decimal) -> list[dict[str, Any]]:
    """That share of the parts that were scanned."""
    return [
        {**one, "quantity": str((Decimal(str(one.get("quantity", "1"))) * share).quantize(_EXACT).normalize())}
        for one in told.get("consumed") or []
        if share
    ]


def _without(serials: list[str], part: Decimal, serial: str) -> list[str]:
    """The numbers of the pieces that stay good. Raises CannotRegrade when nobody said which one is not."""
    if not serials or part == len(serials):
        return []
    if part != 1 or serial not in serials:
        raise CannotRegrade(
            "These pieces have serial numbers. Raise a non-conformance for each bad piece, with its number as the lot.",
            field="quantity",
        )
    return [one for one in serials if one != serial]

"""Promises: the delivery commitment of an order line, version by version, each with its cause."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence

from django.db import transaction
from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone

from crm.models import Promise
from crm.services.outlooks import look_ahead
from crm.services.promise_versions import PromiseInput, append, row_of
from crm.services.telling import draft_notices
from erp.models import SalesOrderLine
from masterdata.causes import Cause
from masterdata.lateness import late_when
from masterdata.models import FactRecord
from masterdata.worktime import MINUTE, end_of_day

REASONS = {
    "rush": Promise.Reason.RUSH,
    "breakdown": Promise.Reason.BREAKDOWN,
    "material": Promise.Reason.MATERIAL,
    "scrap": Promise.Reason.SCRAP,
}


@transaction.atomic(savepoint=False)
def promise_order(*, promises: Sequence[PromiseInput], now: dt.datetime) -> list[Promise]:
    """Write the first promises of order lines whose order the caller made or holds locked. Nobody is told."""
    return append([row_of(one, version_no=1, now=now) for one in promises], now)


@transaction.atomic
def promise_rush(
    *, order_id: int, deliver_at: dt.datetime | None, plan_no: int, fact: FactRecord, now: dt.datetime
) -> list[Promise]:
    """The first promise of a rush order: what its plan says, else (nothing to make) the date of the card."""
    rows = []
    for line in SalesOrderLine.objects.filter(order_id=order_id).order_by("pk"):
        promised_at = line.expected_at or deliver_at
        if promised_at is not None:
            given = PromiseInput(line.pk, promised_at, Promise.Reason.RUSH, "Taken as a rush order", plan_no)
            rows.append(row_of(given, version_no=1, now=now, fact_id=fact.pk))
    return append(rows, now)


@transaction.atomic
def bring_forward(
    *, order_id: int, plan_no: int, cause: Cause, now: dt.datetime, until: dt.datetime | None = None
) -> list[Promise]:
    """A new version for each line of the order that its plan has earlier by now, because the customer asked for it.

    With `until` only of those that are there by then: the others keep what was promised. The caller holds the order
    locked. Only its customer may want this: no promise becomes earlier by itself.
    """
    lines = SalesOrderLine.objects.filter(order_id=order_id, shipped_qty__lt=F("quantity"), expected_at__isnull=False)
    lines = lines.filter(Q(promised_at__isnull=True) | Q(expected_at__lt=F("promised_at")))
    if until is not None:
        lines = lines.filter(expected_at__lte=until)
    held = list(lines.select_for_update(of=("self",), no_key=True).order_by("pk"))
    versions = _latest_versions(held)
    rows = []
    for line in held:
        if line.expected_at is not None:
            given = PromiseInput(line.pk, line.expected_at, Promise.Reason.CUSTOMER, cause.text, plan_no)
            rows.append(row_of(given, version_no=versions.get(line.pk, 0) + 1, now=now, fact_id=cause.fact_id))
    written = append(rows, now)
    draft_notices(order_ids=sorted({line.order_id for line in held}), now=now)
    return written


@transaction.atomic
def give_back_promises(*, fact_id: uuid.UUID, plan_no: int, cause: Cause, now: dt.datetime) -> list[Promise]:
    """What was promised before the fact holds again: a new version, with `cause`, of each promise that it changed.

    Locks the order lines, by id. A promise that was changed again since stays as it is. What waited
    to be told of it is dropped.
    """
    changed = Promise.objects.filter(fact_id=fact_id, version_no__gt=1, closed_at__isnull=True)
    held = SalesOrderLine.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    list(held.filter(pk__in=changed.values("order_line_id")).values_list("pk", flat=True))
    rows = []
    for promise in changed.order_by("order_line_id"):
        before = Promise.objects.get(order_line_id=promise.order_line_id, version_no=promise.version_no - 1)
        given = PromiseInput(promise.order_line_id, before.promised_at, promise.reason, cause.text, plan_no)
        rows.append(row_of(given, version_no=promise.version_no + 1, now=now, fact_id=cause.fact_id))
    written = append(rows, now)
    orders = held.filter(pk__in=[promise.order_line_id for promise in written]).values_list("order_id", flat=True)
    draft_notices(order_ids=sorted(set(orders)), now=now)
    return written


@transaction.atomic
def renew_promises(
    *,
    plant_id: int,
    plan_no: int,
    cause: Cause,
    line_ids: Collection[int] | None = None,
    now: dt.datetime | None = None,
) -> list[Promise]:
    """A new promise version, with `cause`, for each open line of the plant that is now late (`masterdata.lateness`).

    A line without a promise gets its first one (the wanted day if the plan keeps it) and nobody is told. An earlier
    date changes nothing: a promise is never made earlier by itself. A second call with the same plan changes nothing.
    `line_ids` limits it to those lines.

    The customers' notices are drafted with it (`draft_notices`), the outlook of every open line is written anew, and
    what could come earlier is found; none of that grows in queries with the lines.

    Locks the order lines concerned, by id, and nothing above them: a plan was just written to operations, and who
    reports on those holds the sales order first. One INSERT and one UPDATE per table.
    """
    moment = now or timezone.now()
    slipped = _slipped(plant_id)
    if line_ids is not None:
        slipped = slipped.filter(pk__in=line_ids)
    late = list(slipped.select_for_update(of=("self",), no_key=True).select_related("plant").order_by("pk"))
    versions = _latest_versions(late)
    rows = [_next(line, versions.get(line.pk, 0), plan_no, cause, moment) for line in late]
    anew = {row.order_line_id: row.promised_at for row in rows}
    spreads = look_ahead(plant_id=plant_id, plan_no=plan_no, line_ids=line_ids, anew=anew, now=moment)
    written = append(rows, moment, spreads)
    orders = {line.pk: line.order_id for line in late}
    changed = {orders[promise.order_line_id] for promise in written if promise.version_no > 1}
    if changed:
        draft_notices(order_ids=sorted(changed), now=moment)
    return written


def _slipped(plant_id: int) -> QuerySet[SalesOrderLine]:
    """Lines still to be shipped whose expected date is known, and unpromised or later than promised."""
    return SalesOrderLine.objects.filter(
        Q(promised_at__isnull=True) | late_when(),
        plant_id=plant_id,
        expected_at__isnull=False,
        shipped_qty__lt=F("quantity"),
        order__confirmed_at__isnull=False,
        order__cancelled_at__isnull=True,
    )


def _latest_versions(lines: Sequence[SalesOrderLine]) -> dict[int, int]:
    found = Promise.objects.filter(order_line__in=[line.pk for line in lines]).order_by().values("order_line_id")
    return {row["order_line_id"]: row["latest"] for row in found.annotate(latest=Max("version_no"))}


def _next(line: SalesOrderLine, latest: int, plan_no: int, cause: Cause, now: dt.datetime) -> Promise:
    if line.expected_at is None:
        raise ValueError(f"order line {line.pk} has no expected date")
    if latest == 0:
        return row_of(_first(line, line.expected_at, plan_no), version_no=1, now=now)
    slipped = PromiseInput(
        line.pk, line.expected_at, REASONS.get(cause.reason, Promise.Reason.REPLAN), cause.text, plan_no
    )
    return row_of(slipped, version_no=latest + 1, now=now, fact_id=cause.fact_id)


def _first(line: SalesOrderLine, expected_at: dt.datetime, plan_no: int) -> PromiseInput:
    """The wanted day, to its last minute, when the plan keeps it; else when the plan has it."""
    wanted_until = end_of_day(line.wanted_on, line.plant.time_zone) - MINUTE
    if expected_at <= wanted_until:
        return PromiseInput(line.pk, wanted_until, Promise.Reason.PLAN, f"As wanted: plan {plan_no} keeps it", plan_no)
    return PromiseInput(line.pk, expected_at, Promise.Reason.PLAN, f"First planned in plan {plan_no}", plan_no)

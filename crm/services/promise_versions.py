"""Appends promise versions: closes those in force, keeps how sure each was and what it hung on, states the change."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from crm import facts as crm_facts
from crm.models import Promise
from crm.selectors.confidence import Spread
from crm.selectors.exposures import spreads_of_lines
from erp import services as erp
from erp.models import SalesOrderLine
from masterdata import facts, live
from masterdata.models import FactRecord

# Of each line the open operation that its date hung on: on the machine that the cause names, else the first of the work
# order that the cause names or that waits for the purchase line it names, else the one that ends last.
_HUNG_ON = """
    SELECT DISTINCT ON (w.sales_order_line_id) w.sales_order_line_id, o.id,
        coalesce(o.planned_machine_id, o.machine_id), o.planned_start_at, o.planned_end_at
    FROM erp_workorderoperation o
    JOIN erp_workorder w ON w.id = o.work_order_id AND w.state IN ('proposed', 'firm', 'released')
    WHERE w.sales_order_line_id = ANY(%(lines)s) AND o.finished_at IS NULL AND o.planned_end_at IS NOT NULL
    ORDER BY w.sales_order_line_id,
        (%(machine)s::bigint IN (o.planned_machine_id, o.machine_id)) IS TRUE DESC,
        (CASE WHEN w.id = %(work_order)s::bigint OR EXISTS (
            SELECT FROM erp_peg g JOIN erp_workordermaterial n ON n.id = g.work_order_material_id
            WHERE n.work_order_id = w.id AND g.purchase_order_line_id = %(purchase)s::bigint)
            THEN o.sequence END) NULLS LAST,
        o.planned_end_at DESC, o.id
"""


@dataclass(frozen=True)
class PromiseInput:
    """A first promise of an order line."""

    order_line_id: int
    promised_at: dt.datetime
    reason: str
    cause: str
    plan_no: int | None = None


def row_of(given: PromiseInput, *, version_no: int, now: dt.datetime, fact_id: uuid.UUID | None = None) -> Promise:
    return Promise(
        order_line_id=given.order_line_id,
        version_no=version_no,
        promised_at=given.promised_at,
        reason=given.reason,
        cause=given.cause[:240],
        plan_no=given.plan_no,
        fact_id=fact_id,
        made_at=now,
    )


def append(promises: list[Promise], now: dt.datetime, spreads: Mapping[int, Spread] | None = None) -> list[Promise]:
    """Close the versions in force, append the new ones, tell erp, and state what changed for somebody."""
    if not promises:
        return []
    by_line = {promise.order_line_id: promise for promise in promises}
    lines = SalesOrderLine.objects.in_bulk(list(by_line))
    _say_how_sure(promises, lines, spreads or spreads_of_lines(lines.values(), now=now))
    _say_what_it_hung_on(by_line)
    Promise.objects.filter(order_line_id__in=by_line, closed_at__isnull=True).update(closed_at=now)
    written = Promise.objects.bulk_create(promises)
    erp.set_promises(promises={promise.order_line_id: promise.promised_at for promise in written})
    facts.state_all(
        [
            crm_facts.PromiseChanged(
                promise_id=promise.pk,
                order_id=lines[promise.order_line_id].order_id,
                order_line_id=promise.order_line_id,
            )
            for promise in written
            if promise.version_no > 1
        ]
    )
    live.publish_many("promise", sorted({line.order_id for line in lines.values()}))
    return written


def _say_how_sure(
    promises: Sequence[Promise], lines: Mapping[int, SalesOrderLine], spreads: Mapping[int, Spread]
) -> None:
    """Each version keeps how sure it was when it was made."""
    for promise in promises:
        expected_at, spread = lines[promise.order_line_id].expected_at, spreads[promise.order_line_id]
        if expected_at is not None:
            promise.p50_at, promise.p90_at = spread.p50(expected_at), spread.p90(expected_at)
            promise.sure_percent = spread.sure(expected_at, promise.promised_at)


def _say_what_it_hung_on(by_line: Mapping[int, Promise]) -> None:
    """Each version keeps the operation, its machine and its times as the plan had them: plans forget, promises not."""
    fact_id = next((promise.fact_id for promise in by_line.values() if promise.fact_id), None)
    named = FactRecord.objects.filter(pk=fact_id).values_list("kind", "payload").first() if fact_id else None
    kind, payload = named or ("", {})
    values = {
        "lines": list(by_line),
        "machine": payload.get("machine_id"),
        "work_order": payload.get("work_order_id"),
        "purchase": payload.get("line_id") if kind == "PurchaseDateChanged" else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(_HUNG_ON, values)
        for line_id, operation_id, machine_id, start_at, end_at in cursor.fetchall():
            promise = by_line[line_id]
            promise.operation_id, promise.machine_id = operation_id, machine_id
            promise.operation_start_at, promise.operation_end_at = start_at, end_at

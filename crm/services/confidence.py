"""Gathers what was observed: minutes worked for minutes planned, and days that goods came after their day."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction

from crm.models import ObservedSpread

LAST = 200
"""The newest observations of each source that count: old habits are forgotten."""
DAYS = 365
"""Nothing older counts, however few there are."""

# A finished operation that took time: worked against planned on the machine that it ran on. A rework step is no
# observation of its routing, and a report without time says nothing of how long it took.
_WORK = """
    SELECT c.plant_id, c.id AS source_id, o.finished_at AS at, planned.minutes AS mean,
        o.worked_min / planned.minutes AS value
    FROM erp_workorderoperation o
    JOIN masterdata_workcentre c ON c.id = o.work_centre_id
    LEFT JOIN masterdata_machine m ON m.id = o.machine_id
    CROSS JOIN LATERAL (SELECT o.setup_min + o.run_min_per_unit * (o.good_qty + o.scrap_qty + o.rework_qty)
        * 100 / coalesce(m.speed_percent, 100) AS minutes) planned
    WHERE o.finished_at >= %(since)s AND o.mends_id IS NULL AND o.worked_min > 0 AND planned.minutes > 0
"""
# A purchase line that came whole: its last receipt against the day that the supplier confirmed at first.
_SUPPLY = """
    SELECT po.plant_id, po.supplier_id AS source_id, max(r.received_at) AS at, 0::numeric AS mean,
        extract(epoch FROM max(r.received_at) - coalesce(l.first_confirmed_at, l.due_at)) / 60 AS value
    FROM erp_purchaseorderline l
    JOIN erp_purchaseorder po ON po.id = l.order_id
    JOIN erp_receiptline rl ON rl.order_line_id = l.id
    JOIN erp_receipt r ON r.id = rl.receipt_id
    WHERE l.quantity > 0 AND l.received_qty >= l.quantity
    GROUP BY po.plant_id, po.supplier_id, l.id HAVING max(r.received_at) >= %(since)s
"""
# Quantiles are those of percentile_cont: linear between the two observations around them (Hyndman and Fan, type 7).
_GATHER = """
    WITH seen AS ({seen}),
    grouped AS (
        SELECT seen.*, s.source_id AS group_id, row_number() OVER (
            PARTITION BY plant_id, s.source_id ORDER BY at DESC, seen.source_id, value) AS nth
        FROM seen CROSS JOIN LATERAL (VALUES (seen.source_id), (NULL::bigint)) s (source_id)
    ),
    told AS (
        SELECT plant_id, group_id, count(*) AS samples, avg(mean) AS mean, min(at) AS first_at, max(at) AS last_at,
            percentile_cont(ARRAY[0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 1])
                WITHIN GROUP (ORDER BY value::float8) AS p
        FROM grouped WHERE nth <= %(last)s GROUP BY plant_id, group_id
    )
    INSERT INTO crm_observedspread (kind, plant_id, {column}, samples, mean_min,
        p0, p5, p10, p25, p50, p75, p90, p95, p100, seen_from, seen_until, gathered_at)
    SELECT %(kind)s, plant_id, group_id, samples, round(mean, 3),
        round(p[1]::numeric, 4), round(p[2]::numeric, 4), round(p[3]::numeric, 4), round(p[4]::numeric, 4),
        round(p[5]::numeric, 4), round(p[6]::numeric, 4), round(p[7]::numeric, 4), round(p[8]::numeric, 4),
        round(p[9]::numeric, 4), first_at, last_at, %(now)s
    FROM told
    ON CONFLICT (plant_id, kind, work_centre_id, supplier_id) DO UPDATE SET samples = excluded.samples,
        mean_min = excluded.mean_min, p0 = excluded.p0, p5 = excluded.p5, p10 = excluded.p10, p25 = excluded.p25,
        p50 = excluded.p50, p75 = excluded.p75, p90 = excluded.p90, p95 = excluded.p95, p100 = excluded.p100,
        seen_from = excluded.seen_from, seen_until = excluded.seen_until, gathered_at = excluded.gathered_at
"""


@transaction.atomic
def gather_spreads(*, now: dt.datetime) -> int:
    """Observe anew how long work takes and how late suppliers are, of every plant; how many sources there are.

    Each work centre and each supplier by itself, and all of a plant together for those with too few: the newest
    `LAST` observations that are not older than `DAYS`. What was not seen any more is forgotten.
    """
    values: dict[str, dt.datetime | int | str] = {"since": now - dt.timedelta(days=DAYS), "last": LAST, "now": now}
    with connection.cursor() as cursor:
        for kind, seen, column in (("work", _WORK, "work_centre_id"), ("supply", _SUPPLY, "supplier_id")):
            cursor.execute(_GATHER.format(seen=seen, column=column), values | {"kind": kind})
    ObservedSpread.objects.exclude(gathered_at=now).delete()
    return ObservedSpread.objects.count()

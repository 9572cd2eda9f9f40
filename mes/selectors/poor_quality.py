"""What poor quality costs: non-conformances, reported scrap and rework, by order, defect, material, machine and month;
and suppliers' ppm."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from masterdata import statements
from masterdata.numbers import ZERO
from mes.selectors.scrapped import SCRAPPED

# What was worked into one good piece until an operation `{step}`: the cost of each operation up to it, spread over the
# pieces that were reported there. Rework is left out, it is counted as rework; so is what output takes away again.
_WORKED_IN = """
    SELECT coalesce(sum(c.amount / (o.good_qty + o.scrap_qty + o.rework_qty)), 0) AS a_piece
    FROM erp_workorderoperation t JOIN erp_workorder k ON k.id = t.work_order_id
    JOIN erp_workorderoperation o ON o.work_order_id = t.work_order_id AND o.mends_id IS NULL
        AND o.sequence <= t.sequence AND o.good_qty + o.scrap_qty + o.rework_qty > 0
    JOIN LATERAL (SELECT sum(e.amount) AS amount FROM erp_costentry e
                  WHERE e.operation_id = o.id AND e.element <> 'rework'
                    AND (e.kind <> 'transfer' OR e.material_id IS DISTINCT FROM k.material_id)) c ON true
    WHERE t.id = {step}
"""
# What decisions about a non-conformance `n` have cost, and of how many pieces.
_DECIDED = """
    SELECT coalesce(sum(d.value) FILTER (WHERE d.kind = 'scrap'), 0) AS scrap,
        coalesce(sum(d.value) FILTER (WHERE d.kind = 'return'), 0) AS returned,
        coalesce(sum((SELECT sum(e.amount) FROM erp_costentry e
                      WHERE e.element = 'rework'
                        AND (e.operation_id = d.rework_step_id OR e.work_order_id = d.rework_order_id))), 0) AS rework,
        coalesce(sum(d.quantity), 0) AS pieces
    FROM mes_disposition d WHERE d.nonconformance_id = n.id
"""
_COST = f"""
    SELECT n.id, x.scrap, x.returned, x.rework
    FROM mes_nonconformance n JOIN LATERAL ({_DECIDED}) x ON true WHERE n.id = ANY(%s::bigint[])
"""  # noqa: S608 (our own words)
# By what a Pareto counts -> the columns that name a bar: its key, and its words.
GROUPS = {
    "defect": ("coalesce(r.code, '')", "coalesce(r.name, '')"),
    "material": ("m.code", "m.name"),
    "machine": ("coalesce(a.code, '')", "coalesce(a.name, '')"),
    "month": ("to_char(n.raised_at, 'YYYY-MM')", "to_char(n.raised_at, 'YYYY-MM')"),
    "order": ("coalesce(s.number, '')", "coalesce(s.number, '')"),
}
_OF_WORK = """
    JOIN erp_workorder w ON w.id = o.work_order_id JOIN masterdata_material m ON m.id = w.material_id
    JOIN masterdata_plant p ON p.id = w.plant_id JOIN masterdata_company c ON c.id = p.company_id
    JOIN masterdata_currency y ON y.id = c.currency_id
    LEFT JOIN erp_salesorderline l ON l.id = w.sales_order_line_id LEFT JOIN erp_salesorder s ON s.id = l.order_id
"""
# Scrap that reports told, less what a non-conformance counts: its own report, or a part of what was scrapped before it.
_REPORTED = f"""
    SELECT {{key}} AS key, {{words}} AS words, 0 AS number, 1 AS reports, n.pieces,
        round(n.value, y.decimals) AS scrap, 0 AS rework, 0 AS returned
    FROM (
        SELECT f.reason_id, f.machine_id, f.operation_id, f.corrected_at AS raised_at,
            round(f.pieces * f.share, 6) AS pieces,
            f.pieces * f.share * v.a_piece AS value
        FROM (
            SELECT f.*, 1 - least(1, coalesce((
                SELECT sum(d.quantity) FROM mes_disposition d JOIN mes_nonconformance b ON b.id = d.nonconformance_id
                WHERE b.operation_id = f.operation_id AND b.place = 'scrapped' AND d.kind = 'scrap'), 0)
                / sum(f.pieces) OVER (PARTITION BY f.operation_id)) AS share
            FROM ({SCRAPPED}) f WHERE NOT EXISTS (SELECT 1 FROM mes_disposition d WHERE d.event_id = f.event_id)
        ) f
        JOIN LATERAL ({_WORKED_IN.format(step="f.operation_id")}) v ON true WHERE f.share > 0
    ) n
    LEFT JOIN masterdata_reasoncode r ON r.id = n.reason_id LEFT JOIN masterdata_machine a ON a.id = n.machine_id
    JOIN erp_workorderoperation o ON o.id = n.operation_id {_OF_WORK}
"""  # noqa: S608 (our own words)
# Rework that no non-conformance has ordered.
_REWORKED = f"""
    SELECT {{key}} AS key, {{words}} AS words, 0 AS number, 1 AS reports, n.pieces, 0 AS scrap, n.amount AS rework,
        0 AS returned
    FROM (
        SELECT e.operation_id, max(e.machine_id) AS machine_id, max(e.posted_at) AS raised_at, sum(e.amount) AS amount,
            max(coalesce(o.quantity, w.quantity)) AS pieces
        FROM erp_costentry e JOIN erp_workorderoperation o ON o.id = e.operation_id
        JOIN erp_workorder w ON w.id = o.work_order_id
        WHERE e.element = 'rework' AND NOT EXISTS (
            SELECT 1 FROM mes_disposition d WHERE d.rework_step_id = o.id OR d.rework_order_id = w.id)
        GROUP BY e.operation_id HAVING sum(e.amount) <> 0
    ) n
    LEFT JOIN masterdata_reasoncode r ON false LEFT JOIN masterdata_machine a ON a.id = n.machine_id
    JOIN erp_workorderoperation o ON o.id = n.operation_id {_OF_WORK}
"""  # noqa: S608 (our own words)
# Pieces that a report has scrapped are the report's until the non-conformance is decided.
_RAISED = f"""
    SELECT {{key}} AS key, {{words}} AS words, 1 AS number, 0 AS reports,
        CASE WHEN n.place = 'scrapped' THEN x.pieces ELSE n.quantity END AS pieces, x.scrap, x.rework, x.returned
    FROM mes_nonconformance n JOIN masterdata_material m ON m.id = n.material_id
    LEFT JOIN masterdata_reasoncode r ON r.id = n.defect_id LEFT JOIN masterdata_machine a ON a.id = n.machine_id
    LEFT JOIN erp_salesorder s ON s.id = n.sales_order_id
    JOIN LATERAL ({_DECIDED}) x ON true
"""  # noqa: S608 (our own words)
_WHEN = "{plant} = ANY(%s::bigint[]) AND n.raised_at >= %s AND n.raised_at < %s"
_PARETO = f"""
    SELECT key, min(words), sum(number), sum(reports), sum(pieces), sum(scrap), sum(rework), sum(returned)
    FROM (
        {_RAISED} WHERE n.state <> 'withdrawn' AND {_WHEN.format(plant="n.plant_id")}
        UNION ALL {_REPORTED} WHERE {_WHEN.format(plant="w.plant_id")}
        UNION ALL {_REWORKED} WHERE {_WHEN.format(plant="w.plant_id")}
    ) f GROUP BY 1 ORDER BY sum(scrap) + sum(rework) DESC, sum(number) DESC, 1
"""  # noqa: S608 (our own words)
_KEYLESS = {"key": "NULL::text", "words": "NULL::text"}
_OF_ORDER = f"""
    SELECT coalesce(sum(scrap), 0), coalesce(sum(rework), 0) FROM (
        {_REPORTED.format(**_KEYLESS)} WHERE s.id = %s UNION ALL {_REWORKED.format(**_KEYLESS)} WHERE s.id = %s) f
"""  # noqa: S608 (our own words)
_SUPPLIERS = """
    SELECT p.id, p.code, p.name, sum(l.quantity) AS received,
        coalesce((SELECT sum(n.quantity) FROM mes_nonconformance n
                  WHERE n.kind = 'supplier' AND n.state <> 'withdrawn' AND n.partner_id = p.id
                    AND n.plant_id = ANY(%s::bigint[]) AND n.raised_at >= %s AND n.raised_at < %s), 0) AS refused,
        (SELECT count(*) FROM mes_nonconformance n
         WHERE n.kind = 'supplier' AND n.state <> 'withdrawn' AND n.partner_id = p.id
           AND n.plant_id = ANY(%s::bigint[]) AND n.raised_at >= %s AND n.raised_at < %s) AS number
    FROM erp_receiptline l JOIN erp_receipt r ON r.id = l.receipt_id JOIN erp_purchaseorder o ON o.id = r.order_id
    JOIN masterdata_partner p ON p.id = o.supplier_id
    WHERE o.plant_id = ANY(%s::bigint[]) AND r.received_at >= %s AND r.received_at < %s
    GROUP BY p.id ORDER BY 5 DESC, p.code
"""


@dataclass(frozen=True, slots=True)
class PoorQuality:
    """Scrapped pieces at what they had cost, rework as it was booked. `returned` is what the supplier takes back: the
    credit note brings it, so it is no part of `total`."""

    scrap: Decimal = ZERO
    rework: Decimal = ZERO
    returned: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return self.scrap + self.rework


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a Pareto; `reports` of scrap and steps of rework beside its non-conformances. `share` is of the whole,
    `so_far` with those before it, in per cent."""

    key: str
    words: str
    number: int
    reports: int
    pieces: Decimal
    cost: PoorQuality
    share: Decimal
    so_far: Decimal


@dataclass(frozen=True, slots=True)
class SupplierQuality:
    """What a supplier delivered in a time, and how much of a million pieces was not as it should be."""

    supplier_id: int
    code: str
    name: str
    received: Decimal
    refused: Decimal
    number: int

    @property
    def ppm(self) -> int:
        return int((1_000_000 * self.refused / self.received).to_integral_value(ROUND_HALF_UP)) if self.received else 0


def worked_in(operation_id: int) -> Decimal:
    """What one piece has cost until and with the operation, as booked so far."""
    return Decimal(statements.run(_WORKED_IN.format(step="%s"), [operation_id])[0][0])


def costs_of(nonconformance_ids: Iterable[int]) -> dict[int, PoorQuality]:
    """What each non-conformance has cost so far."""
    rows = statements.run(_COST, [list(nonconformance_ids)])
    return {pk: PoorQuality(scrap, rework, returned) for pk, scrap, returned, rework in rows}


def cost_of_order(order_id: int) -> PoorQuality:
    """What non-conformances, scrap that was reported and rework have cost a sales order so far."""
    scrap, rework = statements.run(_OF_ORDER, [order_id, order_id])[0]
    rows = statements.run("SELECT array_agg(id) FROM mes_nonconformance WHERE sales_order_id = %s", [order_id])
    found = costs_of(rows[0][0] or []).values()
    return PoorQuality(
        sum((one.scrap for one in found), scrap),
        sum((one.rework for one in found), rework),
        sum((one.returned for one in found), ZERO),
    )


def pareto(by: str, *, plant_ids: Iterable[int], since_at: dt.datetime, until_at: dt.datetime) -> list[Bar]:
    """Cost of poor quality by one of `GROUPS`, dearest first; without cost the number of non-conformances decides."""
    key, words = GROUPS[by]
    span = [list(plant_ids), since_at, until_at]
    rows = statements.run(_PARETO.format(key=key, words=words), [*span, *span, *span])
    weights = [row[5] + row[6] for row in rows]
    if not sum(weights, ZERO):
        weights = [Decimal(row[2] + row[3]) for row in rows]
    whole, so_far, bars = sum(weights, ZERO), ZERO, []
    for row, weight in zip(rows, weights, strict=True):
        so_far += weight
        cost = PoorQuality(*row[5:])
        name, counted = (row[0], row[1]), (row[2], row[3], row[4])
        bars.append(Bar(*name, *counted, cost, 100 * weight / whole, 100 * so_far / whole))
    return bars


def supplier_quality(
    *, plant_ids: Iterable[int], since_at: dt.datetime, until_at: dt.datetime
) -> list[SupplierQuality]:
    """Suppliers who delivered in that time, those with most refused pieces first."""
    span = [list(plant_ids), since_at, until_at]
    return [SupplierQuality(*row) for row in statements.run(_SUPPLIERS, [*span, *span, *span])]

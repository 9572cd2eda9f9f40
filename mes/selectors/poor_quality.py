"""What poor quality costs: by non-conformance, by order, by defect, material, machine and month; and suppliers' ppm."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from masterdata import statements
from masterdata.numbers import ZERO

# What was worked into one good piece until an operation: the cost of each operation up to it, spread over the pieces
# that were reported there. Rework is left out, it is counted as rework.
_WORKED_IN = """
    SELECT coalesce(sum(c.amount / (o.good_qty + o.scrap_qty + o.rework_qty)), 0)
    FROM erp_workorderoperation t
    JOIN erp_workorderoperation o ON o.work_order_id = t.work_order_id AND o.mends_id IS NULL
        AND o.sequence <= t.sequence AND o.good_qty + o.scrap_qty + o.rework_qty > 0
    JOIN LATERAL (SELECT sum(e.amount) AS amount FROM erp_costentry e
                  WHERE e.operation_id = o.id AND e.amount > 0 AND e.element <> 'rework') c ON true
    WHERE t.id = %s
"""
_COST = """
    SELECT n.id, coalesce(sum(d.value) FILTER (WHERE d.kind = 'scrap'), 0),
        coalesce(sum(d.value) FILTER (WHERE d.kind = 'return'), 0),
        coalesce(sum((SELECT sum(e.amount) FROM erp_costentry e
                      WHERE e.element = 'rework' AND e.amount > 0
                        AND (e.operation_id = d.rework_step_id OR e.work_order_id = d.rework_order_id))), 0)
    FROM mes_nonconformance n LEFT JOIN mes_disposition d ON d.nonconformance_id = n.id
    WHERE n.id = ANY(%s::bigint[]) GROUP BY n.id
"""
# By what a Pareto counts -> the columns that name a bar: its key, and its words.
GROUPS = {
    "defect": ("coalesce(r.code, '')", "coalesce(r.name, '')"),
    "material": ("m.code", "m.name"),
    "machine": ("coalesce(a.code, '')", "coalesce(a.name, '')"),
    "month": ("to_char(n.raised_at, 'YYYY-MM')", "to_char(n.raised_at, 'YYYY-MM')"),
    "order": ("coalesce(s.number, '')", "coalesce(s.number, '')"),
}
_PARETO = """
    SELECT {key} AS key, min({words}) AS words, count(*) AS number, sum(n.quantity) AS pieces,
        sum(x.scrap) AS scrap, sum(x.rework) AS rework, sum(x.returned) AS returned
    FROM mes_nonconformance n JOIN masterdata_material m ON m.id = n.material_id
    LEFT JOIN masterdata_reasoncode r ON r.id = n.defect_id LEFT JOIN masterdata_machine a ON a.id = n.machine_id
    LEFT JOIN erp_salesorder s ON s.id = n.sales_order_id
    JOIN LATERAL (
        SELECT coalesce(sum(d.value) FILTER (WHERE d.kind = 'scrap'), 0) AS scrap,
            coalesce(sum(d.value) FILTER (WHERE d.kind = 'return'), 0) AS returned,
            coalesce(sum((SELECT sum(e.amount) FROM erp_costentry e
                          WHERE e.element = 'rework' AND e.amount > 0
                            AND (e.operation_id = d.rework_step_id OR e.work_order_id = d.rework_order_id))), 0)
                AS rework
        FROM mes_disposition d WHERE d.nonconformance_id = n.id) x ON true
    WHERE n.state <> 'withdrawn' AND n.plant_id = ANY(%s::bigint[]) AND n.raised_at >= %s AND n.raised_at < %s
    GROUP BY 1 ORDER BY sum(x.scrap) + sum(x.rework) DESC, count(*) DESC, 1
"""
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
    """One bar of a Pareto; `share` is of the whole, `so_far` with those before it, in per cent."""

    key: str
    words: str
    number: int
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
    return Decimal(statements.run(_WORKED_IN, [operation_id])[0][0])


def costs_of(nonconformance_ids: Iterable[int]) -> dict[int, PoorQuality]:
    """What each non-conformance has cost so far."""
    rows = statements.run(_COST, [list(nonconformance_ids)])
    return {pk: PoorQuality(scrap, rework, returned) for pk, scrap, returned, rework in rows}


def cost_of_order(order_id: int) -> PoorQuality:
    """What the non-conformances of a sales order have cost it so far."""
    rows = statements.run("SELECT array_agg(id) FROM mes_nonconformance WHERE sales_order_id = %s", [order_id])
    found = costs_of(rows[0][0] or []).values()
    return PoorQuality(
        sum((one.scrap for one in found), ZERO),
        sum((one.rework for one in found), ZERO),
        sum((one.returned for one in found), ZERO),
    )


def pareto(by: str, *, plant_ids: Iterable[int], since_at: dt.datetime, until_at: dt.datetime) -> list[Bar]:
    """Cost of poor quality by one of `GROUPS`, dearest first; without cost the number of non-conformances decides."""
    key, words = GROUPS[by]
    query = _PARETO.format(key=key, words=words)
    rows = statements.run(query, [list(plant_ids), since_at, until_at])
    weights = [row[4] + row[5] for row in rows]
    if not sum(weights, ZERO):
        weights = [Decimal(row[2]) for row in rows]
    whole, so_far, bars = sum(weights, ZERO), ZERO, []
    for row, weight in zip(rows, weights, strict=True):
        so_far += weight
        cost = PoorQuality(row[4], row[5], row[6])
        bars.append(Bar(row[0], row[1], row[2], row[3], cost, 100 * weight / whole, 100 * so_far / whole))
    return bars


def supplier_quality(
    *, plant_ids: Iterable[int], since_at: dt.datetime, until_at: dt.datetime
) -> list[SupplierQuality]:
    """Suppliers who delivered in that time, those with most refused pieces first."""
    span = [list(plant_ids), since_at, until_at]
    return [SupplierQuality(*row) for row in statements.run(_SUPPLIERS, [*span, *span, *span])]

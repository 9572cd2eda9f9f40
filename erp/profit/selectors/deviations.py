"""Where an order's posted cost differs from what was planned for the pieces that were really worked, and whose reports
say so. All amounts are sums of cost entries or shares of them, so that they tie to the ledger."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from erp.cost.models import Element
from masterdata import statements
from masterdata.numbers import ZERO, money, round_up

# What a component of a finished operation cost the order, against its share of what was planned: the pieces that came
# through, good or scrapped, as backflushing counts them.
_USAGE = """
    SELECT w.id, w.number, o.id, o.sequence, o.name, m.id, m.name, u.code, n.quantity, u.rounding,
        o.good_qty + o.scrap_qty, w.quantity, sum(c.quantity), sum(c.amount)
    FROM erp_costentry c
    JOIN erp_workorderoperation o ON o.id = c.operation_id AND o.finished_at IS NOT NULL
    JOIN erp_workorder w ON w.id = c.work_order_id
    JOIN erp_workordermaterial n
        ON n.work_order_id = w.id AND n.operation_sequence = o.sequence AND n.material_id = c.material_id
    JOIN masterdata_material m ON m.id = n.material_id JOIN masterdata_unit u ON u.id = m.unit_id
    JOIN erp_journalline l ON l.id = c.journal_line_id JOIN erp_journalentry e ON e.id = l.entry_id
    WHERE c.sales_order_id = %s AND c.kind = 'incurred' AND c.element = 'material' AND e.kind = 'issue'
    GROUP BY w.id, o.id, m.id, u.id, n.id
    ORDER BY w.id, o.sequence, n.line_no
"""
_TIME = """
    SELECT w.id, w.number, o.id, o.sequence, o.name, o.setup_min, o.run_min_per_unit, o.good_qty + o.scrap_qty,
        coalesce(x.speed_percent, 100), o.worked_min, c.element, sum(c.amount)
    FROM erp_costentry c
    JOIN erp_workorderoperation o ON o.id = c.operation_id AND o.finished_at IS NOT NULL AND o.worked_min > 0
    JOIN erp_workorder w ON w.id = c.work_order_id
    LEFT JOIN masterdata_machine x ON x.id = o.machine_id
    WHERE c.sales_order_id = %s AND c.kind = 'incurred'
        AND (c.element IN ('labour', 'machine') OR c.element = 'overhead' AND c.basis <> 'material')
    GROUP BY w.id, o.id, x.id, c.element
    ORDER BY w.id, o.sequence
"""
# Pieces that a step mended, and what that cost.
_REWORK = """
    SELECT w.id, w.number, o.id, o.sequence || ' ' || o.name, m.name, u.code,
        o.good_qty + o.scrap_qty + o.rework_qty, sum(c.amount)
    FROM erp_costentry c JOIN erp_workorderoperation o ON o.id = c.operation_id
    JOIN erp_workorder w ON w.id = c.work_order_id
    JOIN masterdata_material m ON m.id = w.material_id JOIN masterdata_unit u ON u.id = m.unit_id
    WHERE c.sales_order_id = %s AND c.kind = 'incurred' AND c.element = 'rework'
    GROUP BY w.id, o.id, m.id, u.id ORDER BY w.id, o.sequence
"""
# Work that was written after the order was confirmed, for a material of which pieces were lost, makes them again; so
# does the work for its parts, which was written with it.
_AGAIN = """
    SELECT w.id, w.number, m.name, w.quantity, u.code, c.element, sum(c.amount), lost.numbers
    FROM erp_workorder w
    JOIN erp_salesorderline l ON l.id = w.sales_order_line_id JOIN erp_salesorder s ON s.id = l.order_id
    JOIN masterdata_material m ON m.id = w.material_id JOIN masterdata_unit u ON u.id = m.unit_id
    JOIN erp_costentry c ON c.work_order_id = w.id AND c.kind = 'incurred'
    JOIN LATERAL (
        SELECT string_agg(DISTINCT before.number, ', ' ORDER BY before.number) AS numbers
        FROM erp_workorder above JOIN erp_workorder before ON before.sales_order_line_id = above.sales_order_line_id
            AND before.material_id = above.material_id AND before.id < above.id
        WHERE above.sales_order_line_id = w.sales_order_line_id AND above.made_at = w.made_at
            AND (above.id = w.id OR starts_with(w.path, above.path || '.')) AND EXISTS (
                SELECT FROM erp_workorderoperation o WHERE o.work_order_id = before.id AND o.scrap_qty > 0)
    ) lost ON lost.numbers IS NOT NULL
    WHERE s.id = %s AND w.made_at > s.confirmed_at AND w.state <> 'cancelled' AND NOT w.is_rework
    GROUP BY w.id, m.id, u.id, c.element, lost.numbers ORDER BY w.id
"""
# What came to an order after its goods were used (a supplier's invoice, freight in), and what was booked beside.
_LATER = """
    SELECT c.element, coalesce(m.name, ''), e.memo, e.source, e.posted_at, sum(c.amount)
    FROM erp_costentry c JOIN erp_journalline l ON l.id = c.journal_line_id
    JOIN erp_journalentry e ON e.id = l.entry_id LEFT JOIN masterdata_material m ON m.id = c.material_id
    WHERE c.sales_order_id = %s AND c.kind = 'incurred'
        AND (e.kind IN ('bill', 'landed_cost', 'revaluation') OR c.work_order_id IS NULL)
    GROUP BY c.element, m.name, e.id ORDER BY e.id
"""
# Goods that came back, at what they had cost.
_BACK = """
    SELECT m.name, u.code, c.number, v.moved_at, v.quantity, v.value - v.fee, v.fee
    FROM erp_customerreturn c JOIN erp_customerreturnline l ON l.customer_return_id = c.id
    JOIN erp_returnreceipt r ON r.line_id = l.id JOIN erp_stockmove v ON v.id = r.move_id
    JOIN masterdata_material m ON m.id = v.material_id JOIN masterdata_unit u ON u.id = m.unit_id
    WHERE c.order_id = %s ORDER BY v.id
"""
_REPORTS = """
    SELECT c.operation_id, c.material_id, c.posted_at, c.worker_id, p.name, x.name,
        sum(c.quantity) FILTER (WHERE c.element IN ('material', 'machine') OR c.element = 'labour' AND NOT EXISTS (
            SELECT FROM erp_costentry b WHERE b.operation_id = c.operation_id AND b.posted_at = c.posted_at
            AND b.element = 'machine')), sum(c.amount)
    FROM erp_costentry c
    LEFT JOIN masterdata_employee p ON p.id = c.worker_id LEFT JOIN masterdata_machine x ON x.id = c.machine_id
    WHERE c.operation_id = ANY(%s) AND c.kind = 'incurred'
    GROUP BY c.operation_id, c.material_id, c.posted_at, c.worker_id, p.name, x.name
    ORDER BY c.posted_at
"""
_SCRAPPED = """
    SELECT (f.payload->>'operation_id')::bigint, f.stated_at, (f.payload->>'scrap_qty')::numeric,
        coalesce(nullif(trim(u.first_name || ' ' || u.last_name), ''), u.username)
    FROM masterdata_factrecord f LEFT JOIN masterdata_user u ON u.id = f.by_id
    WHERE f.subject = %s AND f.kind = 'OperationReported' AND (f.payload->>'scrap_qty')::numeric > 0
    ORDER BY f.stated_at
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """One report behind a deviation: when, by whom, on which machine, how much (base units or minutes) for how much."""

    at: dt.datetime
    worker: str = ""
    machine: str = ""
    quantity: Decimal | None = None
    amount: Decimal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Deviation:
    """What the order pays more (+) or less (-) than planned in one place, by element.

    `planned` and `actual` are in `unit`, minutes for time; `reports` are what says so, oldest first.
    """

    kind: str
    amounts: dict[str, Decimal]
    what: str
    unit: str = ""
    planned: Decimal | None = None
    actual: Decimal | None = None
    work_order_id: int | None = None
    work_order_no: str = ""
    operation: str = ""
    source: str = ""
    reports: Sequence[Report] = field(default_factory=tuple)

    @property
    def amount(self) -> Decimal:
        return sum(self.amounts.values(), ZERO)


def deviations(order_id: int, decimals: int) -> list[Deviation]:
    """Usage, time, rework, what was made again or came back, later cost and bookings beside production; the dearest
    first."""
    again_rows, usage, time, rework, later, back = statements.together(
        *((query, [order_id]) for query in (_AGAIN, _USAGE, _TIME, _REWORK, _LATER, _BACK))
    )
    again = {row[0] for row in again_rows}
    operations = {row[2] for row in [*usage, *time, *rework] if row[0] not in again}
    reports = _reports(operations)
    found = [*_usage(usage, again, reports, decimals), *_time(time, again, reports, decimals)]
    found += [*_rework(rework, again, reports), *_made_again(again_rows, order_id), *_later(later), *_came_back(back)]
    return sorted((one for one in found if one.amount), key=lambda one: -abs(one.amount))


def _usage(
    rows: statements.Rows, again: set[int], reports: dict[tuple[int, int | None], list[Report]], decimals: int
) -> Iterable[Deviation]:
    for (
        work_order_id,
        number,
        operation_id,
        sequence,
        name,
        material_id,
        what,
        unit,
        whole,
        step,
        done,
        of,
        *used,
    ) in rows:
        quantity, amount = used
        planned = round_up(whole * done / of, step)
        if done <= of:
            planned = min(whole, planned)
        if work_order_id in again or not quantity or quantity == planned:
            continue
        yield Deviation(
            kind="usage",
            amounts={Element.MATERIAL: money(amount * (quantity - planned) / quantity, decimals)},
            what=what,
            unit=unit,
            planned=planned,
            actual=quantity,
            work_order_id=work_order_id,
            work_order_no=number,
            operation=f"{sequence} {name}",
            reports=reports.get((operation_id, material_id), []),
        )


def _time(
    rows: statements.Rows, again: set[int], reports: dict[tuple[int, int | None], list[Report]], decimals: int
) -> Iterable[Deviation]:
    amounts: dict[int, dict[str, Decimal]] = defaultdict(dict)
    places = {}
    for work_order_id, number, operation_id, sequence, name, setup, run, done, speed, worked, element, amount in rows:
        planned = setup + run * done * 100 / speed
        if work_order_id in again or worked == planned:
            continue
        amounts[operation_id][element] = money(amount * (worked - planned) / worked, decimals)
        places[operation_id] = work_order_id, number, f"{sequence} {name}", planned, worked
    for operation_id, by_element in amounts.items():
        work_order_id, number, operation, planned, worked = places[operation_id]
        yield Deviation(
            kind="time",
            amounts=by_element,
            what=operation,
            unit="min",
            planned=planned,
            actual=worked,
            work_order_id=work_order_id,
            work_order_no=number,
            operation=operation,
            reports=reports.get((operation_id, None), []),
        )


def _rework(
    rows: statements.Rows, again: set[int], reports: dict[tuple[int, int | None], list[Report]]
) -> Iterable[Deviation]:
    for work_order_id, number, operation_id, operation, what, unit, quantity, amount in rows:
        if work_order_id not in again:
            yield Deviation(
                kind="rework", amounts={Element.REWORK: amount}, what=what, unit=unit, actual=quantity,
                work_order_id=work_order_id, work_order_no=number, operation=operation,
                reports=reports.get((operation_id, None), []),
            )  # fmt: skip


def _made_again(rows: statements.Rows, order_id: int) -> Iterable[Deviation]:
    if not rows:
        return
    scrapped = [
        Report(at=at, worker=who or "", quantity=quantity)
        for _operation, at, quantity, who in statements.run(_SCRAPPED, [f"order:{order_id}"])
    ]
    amounts: dict[int, dict[str, Decimal]] = defaultdict(dict)
    places = {}
    for work_order_id, number, what, quantity, unit, element, amount, lost in rows:
        amounts[work_order_id][element] = amount
        places[work_order_id] = number, what, quantity, unit, lost
    for work_order_id, by_element in amounts.items():
        number, what, quantity, unit, lost = places[work_order_id]
        yield Deviation(
            kind="again",
            amounts=by_element,
            what=what,
            unit=unit,
            actual=quantity,
            work_order_id=work_order_id,
            work_order_no=number,
            source=lost,
            reports=scrapped,
        )


def _later(rows: statements.Rows) -> Iterable[Deviation]:
    for element, what, memo, source, at, amount in rows:
        yield Deviation(
            kind="later" if element in (Element.MATERIAL, Element.SUBCONTRACT) and what else "beside",
            amounts={element: amount},
            what=what or memo,
            source=source,
            operation=memo,
            reports=[Report(at=at, amount=amount)],
        )


def _came_back(rows: statements.Rows) -> Iterable[Deviation]:
    for what, unit, number, at, quantity, material, fee in rows:
        amounts = {Element.MATERIAL: -material, Element.SUBCONTRACT: -fee}
        yield Deviation(
            kind="back",
            amounts={str(element): amount for element, amount in amounts.items() if amount},
            what=what,
            unit=unit,
            actual=quantity,
            operation=number,
            reports=[Report(at=at, quantity=quantity)],
        )


def _reports(operation_ids: set[int]) -> dict[tuple[int, int | None], list[Report]]:
    """By operation and component, of work by operation alone."""
    found: dict[tuple[int, int | None], list[Report]] = defaultdict(list)
    if not operation_ids:
        return found
    rows = statements.run(_REPORTS, [statements.array(sorted(operation_ids))])
    for operation_id, material_id, at, _worker_id, worker, machine, quantity, amount in rows:
        found[operation_id, material_id].append(
            Report(at=at, worker=worker or "", machine=machine or "", quantity=quantity, amount=amount)
        )
    return found

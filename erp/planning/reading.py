"""Everything that a planning run of a plant looks at, read set by set: stock, demands, what comes, what it wrote last.

What an order's netting has reserved, made or bought for the order counts as covered for good: planning sees the rest.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from erp.planning.beside import BESIDE, beside_in, pegs_of_work
from erp.planning.days import Days
from erp.planning.lots import yields
from erp.planning.parts import OUTGOING, SUPPLIED, take_components, take_outgoing
from erp.planning.rows import (
    COMPONENT,
    LINE,
    NEED,
    ORDER,
    PLANNED,
    TRANSFER,
    WORK,
    Demand,
    Item,
    Pegs,
    Proposal,
    Supply,
)
from erp.planning.substitutes import SUBSTITUTES, Substitutes, need_of, substitutes_in
from erp.planning.wanted import MOMENT, TOOK, WANTED, asked_about, take_wanted
from erp.production.selectors.yields import YIELD
from masterdata import statements
from masterdata.models import Plant
from masterdata.numbers import ZERO

_STOCK = """
    SELECT b.material_id, sum(b.on_hand - b.reserved)
    FROM erp_stockbalance b
    JOIN masterdata_location l ON l.id = b.location_id AND l.kind = 'stock' AND NOT l.is_blocked
    LEFT JOIN erp_lot t ON t.id = b.lot_id
    WHERE b.plant_id = %(plant)s AND b.material_id = ANY(%(ids)s) AND b.sales_order_id IS NULL
        AND t.is_blocked IS NOT TRUE
    GROUP BY 1
"""
# Confirmed lines: what is neither shipped, reserved, made by the order's own work nor bought for it.
_LINES = f"""
    WITH lines AS MATERIALIZED (
        SELECT l.id, l.material_id, l.quantity, l.shipped_qty,
            ((coalesce(l.promised_at AT TIME ZONE %(zone)s, (l.wanted_on + 1)::timestamp)
                - make_interval(mins => %(transport)s) - interval '1 second'))::date AS needed_on,
            coalesce(l.promised_at, (l.wanted_on + 1)::timestamp AT TIME ZONE %(zone)s)
                - make_interval(mins => %(transport)s) AS leaves_at,
            ((coalesce(l.first_promised_at, l.promised_at) AT TIME ZONE %(zone)s)
                - make_interval(mins => %(transport)s) - interval '1 second')::date AS asked_on
        FROM erp_salesorderline l
        JOIN erp_salesorder o ON o.id = l.order_id AND o.confirmed_at IS NOT NULL AND o.cancelled_at IS NULL
        WHERE l.plant_id = %(plant)s AND l.material_id = ANY(%(ids)s) AND l.shipped_qty < l.quantity
    ), kept AS (
        SELECT r.sales_order_line_id AS id, sum(r.quantity) AS quantity
        FROM erp_reservation r JOIN lines ON lines.id = r.sales_order_line_id GROUP BY 1
    ), coming AS (
        SELECT p.sales_order_line_id AS id, sum(p.quantity - p.received_qty) AS quantity
        FROM erp_peg p JOIN lines ON lines.id = p.sales_order_line_id
        WHERE NOT p.is_planned AND p.work_order_id IS NULL GROUP BY 1
    ), made AS (
        SELECT w.sales_order_line_id AS id, sum(y.quantity) AS quantity
        FROM erp_workorder w JOIN lines ON lines.id = w.sales_order_line_id JOIN LATERAL ({YIELD}) y ON true
        WHERE w.path NOT LIKE '%%.%%' AND w.state <> 'cancelled' GROUP BY 1
    )
    SELECT lines.id, lines.material_id, lines.quantity,
        lines.quantity - coalesce(kept.quantity, 0) - coalesce(coming.quantity, 0) - coalesce(made.quantity, 0)
            - CASE WHEN made.quantity IS NULL THEN lines.shipped_qty ELSE
                (SELECT coalesce(sum(m.quantity), 0) FROM erp_stockmove m WHERE m.sales_order_line_id = lines.id
                    AND m.kind = 'shipment' AND m.source_order_id IS NULL) END,
        lines.needed_on, lines.leaves_at, lines.asked_on
    FROM lines LEFT JOIN kept USING (id) LEFT JOIN coming USING (id) LEFT JOIN made USING (id)
"""  # noqa: S608 (a constant)
_NEEDS = """
    WITH needs AS MATERIALIZED (
        SELECT m.id, m.material_id, m.quantity, m.issued_qty, m.line_no, m.operation_sequence, w.id AS work_order_id,
            w.state, w.start_by_on, w.planned_start_at, w.bom_id, m.instead_of_id, m.instead_qty, m.choice,
            w.sales_order_line_id IS NOT NULL AS is_order_work
        FROM erp_workorder w JOIN erp_workordermaterial m ON m.work_order_id = w.id
        WHERE w.plant_id = %(plant)s AND w.state IN ('proposed', 'firm', 'released')
            AND m.material_id = ANY(%(ids)s) AND m.quantity > m.issued_qty
    ), kept AS (
        SELECT r.work_order_material_id AS id, sum(r.quantity) AS quantity
        FROM erp_reservation r JOIN needs ON needs.id = r.work_order_material_id GROUP BY 1
    ), coming AS (
        SELECT p.work_order_material_id AS id,
            sum(CASE WHEN p.work_order_id IS NULL THEN p.quantity - p.received_qty ELSE p.quantity END) AS quantity
        FROM erp_peg p JOIN needs ON needs.id = p.work_order_material_id WHERE NOT p.is_planned GROUP BY 1
    )
    SELECT needs.id, needs.material_id, needs.quantity,
        needs.quantity - needs.issued_qty - coalesce(kept.quantity, 0) - coalesce(coming.quantity, 0),
        coalesce((o.planned_start_at AT TIME ZONE %(zone)s)::date, needs.start_by_on,
                 (needs.planned_start_at AT TIME ZONE %(zone)s)::date),
        needs.work_order_id, needs.line_no, needs.state, needs.bom_id, needs.instead_of_id, needs.instead_qty,
        needs.choice, coalesce(kept.quantity, 0), o.planned_start_at, needs.is_order_work
    FROM needs LEFT JOIN kept USING (id) LEFT JOIN coming USING (id)
    LEFT JOIN erp_workorderoperation o
        ON o.work_order_id = needs.work_order_id AND o.sequence = needs.operation_sequence
"""
# What pieces made have used and nobody has booked yet is taken from what comes first; unless it comes for that work.
_OWED = """
    WITH owed AS (
        SELECT o.work_order_material_id AS id, sum(o.quantity - o.settled_qty) AS quantity
        FROM erp_owedissue o WHERE o.settled_at IS NULL GROUP BY 1
    )
    SELECT m.material_id, sum(greatest(0, owed.quantity - coalesce(coming.quantity, 0)))
    FROM owed JOIN erp_workordermaterial m ON m.id = owed.id AND m.material_id = ANY(%(ids)s)
    JOIN erp_workorder w ON w.id = m.work_order_id AND w.plant_id = %(plant)s
    LEFT JOIN LATERAL (SELECT sum(p.quantity - p.received_qty) AS quantity
        FROM erp_peg p WHERE p.work_order_material_id = m.id AND NOT p.is_planned) coming ON true
    GROUP BY 1
"""
_WORK = f"""
    SELECT w.id, w.material_id, w.state, w.quantity, y.quantity, w.good_qty,
        coalesce((w.planned_end_at AT TIME ZONE %(zone)s)::date, w.needed_on), w.needed_on, w.start_by_on,
        w.bom_id, w.routing_id
    FROM erp_workorder w JOIN LATERAL ({YIELD}) y ON true
    WHERE w.plant_id = %(plant)s AND w.material_id = ANY(%(ids)s) AND w.sales_order_line_id IS NULL
        AND w.state IN ('proposed', 'firm', 'released') AND w.id = ANY(%(work)s)
    ORDER BY w.id
"""  # noqa: S608 (a constant)
# What of a line an order's netting has claimed for good is not free; the earliest day for which it is needed.
_ORDERED = f"""
    SELECT l.id, l.material_id, l.quantity - l.received_qty - coalesce(hard.quantity, 0), l.quantity - l.received_qty,
        (coalesce(l.confirmed_at, l.due_at) AT TIME ZONE %(zone)s)::date, hard.needed_on, hard.asked_on
    FROM erp_purchaseorderline l
    JOIN erp_purchaseorder o ON o.id = l.order_id AND o.plant_id = %(plant)s AND o.cancelled_at IS NULL
    LEFT JOIN LATERAL (
        SELECT sum(p.quantity - p.received_qty) AS quantity,
            min(coalesce((coalesce(op.planned_start_at, w.planned_start_at) AT TIME ZONE %(zone)s)::date,
                (coalesce(sl.promised_at AT TIME ZONE %(zone)s, (sl.wanted_on + 1)::timestamp)
                    - make_interval(mins => %(transport)s) - interval '1 second')::date, ql.needed_on)) AS needed_on,
            min((coalesce(own.first_promised_at, own.promised_at) AT TIME ZONE %(zone)s - interval '1 second'
                - make_interval(mins => %(transport)s) - coalesce(took.whole, interval '0'))::date) AS asked_on
        FROM erp_peg p
        LEFT JOIN erp_workordermaterial m ON m.id = p.work_order_material_id
        LEFT JOIN erp_workorder w ON w.id = m.work_order_id
        LEFT JOIN erp_workorderoperation op ON op.work_order_id = w.id AND op.sequence = m.operation_sequence
        LEFT JOIN erp_salesorderline sl ON sl.id = p.sales_order_line_id
        LEFT JOIN erp_requisitionline ql ON ql.id = p.requisition_line_id
        LEFT JOIN erp_salesorderline own ON own.id = coalesce(p.sales_order_line_id, w.sales_order_line_id)
        LEFT JOIN LATERAL ({TOOK}) took ON true
        WHERE p.purchase_order_line_id = l.id AND NOT p.is_planned AND p.quantity > p.received_qty
    ) hard ON true
    WHERE l.material_id = ANY(%(ids)s) AND l.received_qty < l.quantity AND l.id = ANY(%(lines)s)
    ORDER BY l.id
"""  # noqa: S608 (a constant)
_PLANNED = """
    SELECT n.id, n.material_id, n.kind, n.quantity, n.quantity - coalesce(hard.quantity, 0),
        (n.due_at AT TIME ZONE %(zone)s)::date, n.order_by_on, n.is_firm, n.source_plant_id, n.problem,
        n.transfer_line_id IS NOT NULL
    FROM erp_plannedorder n
    LEFT JOIN LATERAL (SELECT sum(p.quantity) AS quantity FROM erp_peg p
        WHERE p.planned_order_id = n.id AND NOT p.is_planned) hard ON true
    WHERE n.plant_id = %(plant)s AND n.material_id = ANY(%(ids)s) AND n.closed_at IS NULL
        AND n.id = ANY(%(planned)s)
    ORDER BY n.id
"""
_PEG = """
    SELECT p.id, p.work_order_id, p.purchase_order_line_id, p.planned_order_id, p.work_order_material_id,
        p.sales_order_line_id, p.transfer_id, p.supplied_component_id, p.quantity - p.received_qty, p.received_qty
    FROM erp_peg p
"""
_ENDED = "JOIN erp_workorder w ON w.id = p.work_order_id AND w.state IN ('closed', 'cancelled')"
# Of the supplies that are open; and those of the demands that work which has ended has left.
_PEGS = (
    " UNION ALL ".join(
        f"{_PEG} {join} WHERE p.is_planned AND p.quantity > p.received_qty AND p.{column} = ANY(%({column})s)"
        for join, column in (
            ("", "work_order_id"),
            ("", "purchase_order_line_id"),
            ("", "planned_order_id"),
            (_ENDED, "work_order_material_id"),
            (_ENDED, "sales_order_line_id"),
            (_ENDED, "supplied_component_id"),
        )
    )
    + " ORDER BY 1"
)
SUPPLIES, DEMANDS = (WORK, LINE, PLANNED), (NEED, ORDER, TRANSFER, COMPONENT)


_NAMED = re.compile(r"%\((\w+)\)s")
FEW = 1000
"""Ids up to which a prepared plan, which does not know how many there are, is as good as one of its own."""


@dataclass(slots=True)
class WrittenPeg:
    """A peg of planning that is open: its row, how much is open and how much has come of it."""

    id: int
    open: Decimal
    received: Decimal


@dataclass(slots=True)
class Ground:
    """What the run works on, by material. `rows_of`: the demands of a work proposal's rows, by line number.

    `parts_of`: those of a planned order that goes to a subcontractor, by material; `beside_of`: the by-products of
    each work order.
    """

    plant: Plant
    days: Days
    items: dict[int, Item]
    stock: dict[int, Decimal]
    demands: dict[int, list[Demand]] = field(default_factory=lambda: defaultdict(list))
    supplies: dict[int, list[Supply]] = field(default_factory=lambda: defaultdict(list))
    proposals: dict[int, list[Proposal]] = field(default_factory=lambda: defaultdict(list))
    rows_of: dict[int, dict[int, Demand]] = field(default_factory=lambda: defaultdict(dict))
    parts_of: dict[int, dict[int, Demand]] = field(default_factory=lambda: defaultdict(dict))
    substitutes: Substitutes = field(default_factory=dict)
    beside_of: dict[int, list[Supply]] = field(default_factory=lambda: defaultdict(list))
    pegs: dict[tuple[str, int, str, int], WrittenPeg] = field(default_factory=dict)
    pegs_of: dict[int, Pegs] = field(default_factory=lambda: defaultdict(dict))
    firm_planned: dict[int, list[Proposal]] = field(default_factory=lambda: defaultdict(list))


def read_ground(
    *,
    plant: Plant,
    days: Days,
    items: dict[int, Item],
    work_ids: list[int],
    planned_ids: list[int],
    line_ids: list[int],
) -> Ground:
    """Read what the run works on; of the supply for stock what it holds (`erp.planning.holding`), and nothing else."""
    values = _values(plant, list(items)) | {"work": work_ids, "planned": planned_ids, "lines": line_ids}
    with connection.cursor() as cursor:
        work = _rows(cursor, _WORK, values)
        ordered = _rows(cursor, _ORDERED, values)
        planned = _rows(cursor, _PLANNED, values)
        ground = Ground(plant, days, items, _stock(cursor, values))
        _read_demands(cursor, ground, values)
        ground.substitutes = substitutes_in(_rows(cursor, SUBSTITUTES, values))
        _take_work(ground, work)
        for work_id, supply in beside_in(_rows(cursor, BESIDE, values), days.today):
            coming = ground.beside_of[work_id]
            if supply.quantity > 0:
                coming.append(supply)
                ground.supplies[supply.material_id].append(supply)
        if wanted := asked_about(ground.demands, items, _comes_beside(ground)):
            take_wanted(_rows(cursor, WANTED, {**values, "needs": list(wanted)}), wanted, days.today, plant.time_zone)
        _take_ordered(ground, ordered)
        _take_planned(ground, planned)
        _read_pegs(cursor, ground, work, ordered, planned)
    return ground


def _comes_beside(ground: Ground) -> set[int]:
    return {supply.material_id for coming in ground.beside_of.values() for supply in coming}


def open_demands(plant: Plant, material_ids: Collection[int]) -> dict[tuple[str, int], tuple[int, Decimal]]:
    """By kind and id of each open demand of these materials: its material, and what it lacks."""
    values = _values(plant, sorted(material_ids))
    found = {}
    with connection.cursor() as cursor:
        for kind, query in ((ORDER, _LINES), (NEED, _NEEDS), (COMPONENT, SUPPLIED)):
            for pk, material_id, _, missing, *_ in _rows(cursor, query, values):
                found[kind, pk] = material_id, missing
    return found


def _values(plant: Plant, material_ids: list[int]) -> dict[str, Any]:
    return {"plant": plant.pk, "ids": material_ids, "zone": plant.time_zone, "transport": plant.transport_min}


def _stock(cursor: Any, values: dict[str, Any]) -> dict[int, Decimal]:
    """Free stock less what is owed; below nothing when more is owed than is there."""
    stock: dict[int, Decimal] = dict(_rows(cursor, _STOCK, values))
    for material_id, owed in _rows(cursor, _OWED, values):
        stock[material_id] = stock.get(material_id, ZERO) - owed
    return stock


def _rows(cursor: Any, query: str, values: dict[str, Any]) -> list[tuple]:
    """A net change is planned often, its statements once; a whole plant's are planned for what there is."""
    text, names = _positional(query)
    if sum(len(values[name]) for name in set(names) if isinstance(values[name], list)) <= FEW:
        given = {name: statements.array(value) if isinstance(value, list) else value for name, value in values.items()}
        return statements.run(text, [given[name] for name in names])
    cursor.execute(query, values)
    found: list[tuple] = cursor.fetchall()
    return found


@cache
def _positional(query: str) -> tuple[str, list[str]]:
    """The query with %s for each %(name)s, and the names in their order."""
    return _NAMED.sub("%s", query), _NAMED.findall(query)


def _read_demands(cursor: Any, ground: Ground, values: dict[str, Any]) -> None:
    today = ground.days.today
    for pk, material_id, quantity, missing, on, at, asked_on in _rows(cursor, _LINES, values):
        demand = Demand(ORDER, pk, material_id, quantity, missing, on, at=at - MOMENT, asked_on=asked_on)
        ground.demands[material_id].append(demand)
    for row in _rows(cursor, _NEEDS, values):
        demand = need_of(row, ground.items, today)
        ground.demands[demand.material_id].append(demand)
        if demand.is_proposed:
            ground.rows_of[demand.parent_id or 0][demand.line_no] = demand
    take_outgoing(_rows(cursor, OUTGOING, values), ground.demands, ground.parts_of, today)
    take_components(_rows(cursor, SUPPLIED, values), ground.demands)


def _take_work(ground: Ground, rows: list[tuple]) -> None:
    """Firm work brings what it can still yield, less what its scrap is expected to take."""
    for pk, material_id, state, quantity, can_yield, good, on, needed_on, start_on, bom_id, routing_id in rows:
        if state == "proposed":
            due = needed_on or on or ground.days.today
            proposal = Proposal(WORK, pk, material_id, quantity, due, start_on, bom_id, routing_id)
            ground.proposals[material_id].append(proposal)
            continue
        comes = min(can_yield, yields(ground.items[material_id], quantity)) - good
        if comes > 0:
            day = max(on or ground.days.today, ground.days.today)
            ground.supplies[material_id].append(Supply(WORK, pk, material_id, comes, day, comes))


def _take_ordered(ground: Ground, rows: list[tuple]) -> None:
    for pk, material_id, free, whole, on, needed_on, asked_on in rows:
        day = max(on, ground.days.today)
        comes = Supply(LINE, pk, material_id, max(ZERO, free), day, whole, needed_on, asked_on=asked_on)
        ground.supplies[material_id].append(comes)


def _take_planned(ground: Ground, rows: list[tuple]) -> None:
    """One that an order's netting wrote, a buyer keeps, or another plant has sent is firm; the others may change."""
    for pk, material_id, _kind, quantity, free, due_on, order_by, is_firm, source_id, problem, is_sent in rows:
        proposal = Proposal(
            PLANNED, pk, material_id, quantity, due_on, order_by, source_plant_id=source_id, problem=problem
        )
        if is_firm:
            day = max(due_on, ground.days.today)
            comes = Supply(PLANNED, pk, material_id, max(ZERO, free), day, quantity, is_sent=is_sent)
            ground.supplies[material_id].append(comes)
            if not is_sent:
                ground.firm_planned[material_id].append(proposal)
        else:
            ground.proposals[material_id].append(proposal)


def _read_pegs(cursor: Any, ground: Ground, work: list[tuple], ordered: list[tuple], planned: list[tuple]) -> None:
    demands = [one for rows in ground.demands.values() for one in rows]
    material_of = {(one.kind, one.id): one.material_id for one in demands}
    for kind, rows in ((WORK, work), (LINE, ordered), (PLANNED, planned)):
        material_of |= {(kind, row[0]): row[1] for row in rows}
    ids: dict[str, list[int]] = {f"{kind}_id": [] for kind in (*SUPPLIES, *DEMANDS)}
    for kind, pk in material_of:
        ids[f"{kind}_id"].append(pk)
    ids[f"{WORK}_id"] += [pk for pk in ground.beside_of if (WORK, pk) not in material_of]
    beside = pegs_of_work(cursor, list(ground.beside_of))
    for pk, *ends, left, received in _rows(cursor, _PEGS, ids):
        supply, demand = _end(ends[:3], SUPPLIES), _end(ends[3:], DEMANDS)
        key = (*supply, *demand)
        ground.pegs[key] = WrittenPeg(pk, left, received)
        ground.pegs_of[beside.get(pk) or material_of.get(supply) or material_of[demand]][key] = left


def _end(ids: list[int | None], kinds: tuple[str, ...]) -> tuple[str, int]:
    """The one that is set."""
    return next((kind, pk) for kind, pk in zip(kinds, ids, strict=True) if pk is not None)


def today_of(plant: Plant, now: dt.datetime) -> dt.date:
    """The plant's day."""
    return now.astimezone(ZoneInfo(plant.time_zone)).date()

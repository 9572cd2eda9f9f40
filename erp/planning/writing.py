"""What a planning run changed, written set by set: work orders and planned orders, pegs, messages, stock kept, dates.

Only what differs is written, so a run that finds nothing new writes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from erp.planning.levels import Run, Wanted
from erp.planning.parts import drop_parts, write_parts
from erp.planning.reading import Ground
from erp.planning.rows import COMPONENT, LINE, NEED, NEW, ORDER, PLANNED, WORK, Demand, Pegs
from erp.stock.intents import StockDemand
from erp.stock.locks import hold_balances
from erp.stock.models import Reservation
from erp.stock.services import reserve
from masterdata.numbers import ZERO
from masterdata.statements import columns

_IDS = """
    SELECT 'work_order', nextval(pg_get_serial_sequence('erp_workorder', 'id')) FROM generate_series(1, %s)
    UNION ALL
    SELECT 'need', nextval(pg_get_serial_sequence('erp_workordermaterial', 'id')) FROM generate_series(1, %s)
    UNION ALL
    SELECT 'planned_order', nextval(pg_get_serial_sequence('erp_plannedorder', 'id')) FROM generate_series(1, %s)
"""
# Also of materials that this run has not looked at, because a BOM version retired while it began.
_DROP_PEGS_OF = """
    WITH gone AS (
        DELETE FROM erp_peg p USING erp_workordermaterial m
        WHERE p.work_order_material_id = m.id AND m.work_order_id = ANY(%s)
        RETURNING p.purchase_order_line_id AS id, p.quantity - p.received_qty AS open
    )
    UPDATE erp_purchaseorderline l SET pegged_qty = l.pegged_qty - g.open
    FROM (SELECT id, sum(open) AS open FROM gone GROUP BY id) g WHERE l.id = g.id AND g.open > 0
"""
_DROP_NEEDS = "DELETE FROM erp_workordermaterial WHERE work_order_id = ANY(%s)"
_DROP_OPERATIONS = "DELETE FROM erp_workorderoperation WHERE work_order_id = ANY(%s)"
_DROP_WORK = "DELETE FROM erp_workorder WHERE id = ANY(%s)"
_DROP_PLANNED = "DELETE FROM erp_plannedorder WHERE id = ANY(%s)"
_NEW_WORK = """
    INSERT INTO erp_workorder (id, number, plant_id, material_id, bom_id, routing_id, path, state, quantity, good_qty,
        scrap_qty, planned_unit_cost, needed_on, start_by_on, made_at, version)
    SELECT n.id, 'new ' || n.id, %s, n.material, n.bom, n.routing, '', n.state, n.quantity, 0, 0, 0, n.due, n.start, %s,
        1
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::numeric[],
        %s::date[], %s::date[]) AS n(id, material, bom, routing, state, quantity, due, start)
"""
_CHANGED_WORK = """
    UPDATE erp_workorder w SET quantity = n.quantity, bom_id = n.bom, routing_id = n.routing, state = n.state,
        needed_on = n.due, start_by_on = n.start, version = w.version + 1
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::numeric[], %s::date[], %s::date[])
        AS n(id, bom, routing, state, quantity, due, start)
    WHERE w.id = n.id
"""
_NEW_OPERATIONS = """
    INSERT INTO erp_workorderoperation (work_order_id, sequence, name, work_centre_id, setup_min, run_min_per_unit,
        setup_family, is_splittable, is_last, good_qty, scrap_qty, worked_min)
    SELECT n.id, s.sequence, s.name, s.work_centre_id, s.setup_min, s.run_min_per_unit, s.setup_family, s.is_splittable,
        s.sequence = max(s.sequence) OVER (PARTITION BY n.id), 0, 0, 0
    FROM unnest(%s::bigint[], %s::bigint[]) AS n(id, routing)
    JOIN masterdata_routingoperation s ON s.routing_id = n.routing
    ORDER BY n.id, s.sequence
"""
_NEW_NEEDS = """
    INSERT INTO erp_workordermaterial (id, work_order_id, line_no, material_id, unit_id, operation_sequence, quantity,
        issued_qty, issued_value, instead_of_id, instead_qty, choice, is_scanned)
    SELECT n.id, n.work, n.line, n.material, n.unit, n.step, n.quantity, 0, 0, n.main, n.main_qty,
        CASE WHEN n.main IS NULL THEN '' ELSE 'planned' END, coalesce(l.is_scanned, false)
    FROM unnest(%s::bigint[], %s::bigint[], %s::int[], %s::bigint[], %s::bigint[], %s::int[], %s::numeric[],
        %s::bigint[], %s::numeric[]) AS n(id, work, line, material, unit, step, quantity, main, main_qty)
    LEFT JOIN erp_workorder w ON w.id = n.work
    LEFT JOIN masterdata_bomline l ON l.bom_id = w.bom_id AND l.line_no = n.line
"""
_CHANGED_NEEDS = """
    UPDATE erp_workordermaterial m SET quantity = n.quantity, material_id = n.material, unit_id = n.unit,
        instead_of_id = n.main, instead_qty = n.main_qty, choice = CASE WHEN n.main IS NULL THEN '' ELSE 'planned' END
    FROM unnest(%s::bigint[], %s::numeric[], %s::bigint[], %s::bigint[], %s::bigint[], %s::numeric[])
        AS n(id, quantity, material, unit, main, main_qty) WHERE m.id = n.id
"""
_NEW_PLANNED = """
    INSERT INTO erp_plannedorder (id, plant_id, material_id, kind, quantity, due_at, order_by_on, problem,
        source_plant_id, is_firm, version)
    SELECT n.id, %s, n.material, n.kind, n.quantity, n.due, n.start, n.problem, n.source, false, 1
    FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::numeric[], %s::timestamptz[], %s::date[], %s::text[],
        %s::bigint[]) AS n(id, material, kind, quantity, due, start, problem, source)
"""
_CHANGED_PLANNED = """
    UPDATE erp_plannedorder p SET kind = n.kind, quantity = n.quantity, due_at = n.due, order_by_on = n.start,
        problem = n.problem, source_plant_id = n.source, version = p.version + 1
    FROM unnest(%s::bigint[], %s::text[], %s::numeric[], %s::timestamptz[], %s::date[], %s::text[], %s::bigint[])
        AS n(id, kind, quantity, due, start, problem, source)
    WHERE p.id = n.id
"""
_DROP_PEGS = "DELETE FROM erp_peg WHERE id = ANY(%s)"
_CHANGED_PEGS = """
    UPDATE erp_peg p SET quantity = n.quantity FROM unnest(%s::bigint[], %s::numeric[]) AS n(id, quantity)
    WHERE p.id = n.id
"""
_NEW_PEGS = """
    INSERT INTO erp_peg (work_order_id, purchase_order_line_id, planned_order_id, work_order_material_id,
        sales_order_line_id, transfer_id, supplied_component_id, quantity, received_qty, is_planned)
    SELECT n.work, n.line, n.planned, n.need, n.ordered, n.transfer, n.supplied, n.quantity, 0, true
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],
        %s::numeric[]) AS n(work, line, planned, need, ordered, transfer, supplied, quantity)
"""
_CLAIM = """
    UPDATE erp_purchaseorderline line SET pegged_qty = line.pegged_qty + new.quantity
    FROM unnest(%s::bigint[], %s::numeric[]) AS new(id, quantity) WHERE line.id = new.id
"""
_ENDS = {
    "work_order": 0, "purchase_order_line": 1, "planned_order": 2, "work_order_material": 3, "sales_order_line": 4,
    "transfer": 5, "supplied_component": 6,
}  # fmt: skip


class Writer:
    """Writes one run; the rows it changes are held (`erp.planning.holding`)."""

    def __init__(self, ground: Ground, run: Run, now: dt.datetime) -> None:
        self.ground, self.run, self.now = ground, run, now
        self.zone = ZoneInfo(ground.plant.time_zone)
        self.real: dict[int, int] = {}
        self.changes = 0

    def write(self) -> None:
        """Stock kept, whose locks come first; what goes; what comes; pegs."""
        self.reserve()
        self._take_ids()
        self._drop_pegs()
        self._drop_proposals()
        self._write_work()
        self._write_planned()
        self._write_pegs()

    def id_of(self, pk: int) -> int:
        """The row's id, of new rows the one that they got."""
        return self.real[pk] if pk >= NEW else pk

    def new_work(self) -> list[int]:
        """Work orders that the run has written."""
        return [self.id_of(one.lot.id) for one in self.run.work if one.is_new]

    def new_planned(self) -> list[int]:
        """Planned orders that the run has written."""
        return [self.id_of(one.lot.id) for one in self.run.planned if one.is_new]

    def _execute(self, query: str, values: Sequence[Any]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(query, values)
            self.changes += max(cursor.rowcount, 0)

    def _take_ids(self) -> None:
        """In the order in which the run made them, so that the order of rows stays what the run saw."""
        wanted: dict[str, list[int]] = {
            "work_order": sorted(one.lot.id for one in self.run.work if one.is_new),
            "need": sorted(need.id for one in self.run.work for need in one.needs),
            "planned_order": sorted(one.lot.id for one in self.run.planned if one.is_new),
        }
        if not any(wanted.values()):
            return
        with connection.cursor() as cursor:
            cursor.execute(_IDS, [len(rows) for rows in wanted.values()])
            found: dict[str, list[int]] = {name: [] for name in wanted}
            for name, pk in cursor.fetchall():
                found[name].append(pk)
        for name, rows in wanted.items():
            self.real.update(zip(rows, sorted(found[name]), strict=True))

    def _drop_pegs(self) -> None:
        """Open pegs that are no longer wanted; of what has come of them the row stays."""
        drop, shrink = [], []
        for material_id, wanted in self.run.pegs.items():
            for key in self.ground.pegs_of.get(material_id, {}).keys() - wanted.keys():
                written = self.ground.pegs[key]
                if written.received:
                    shrink.append((written.id, written.received))
                else:
                    drop.append(written.id)
        if drop:
            self._execute(_DROP_PEGS, [drop])
        if shrink:
            self._execute(_CHANGED_PEGS, columns(shrink))

    def _drop_proposals(self) -> None:
        gone = [one.id for one in self.run.gone if one.kind == WORK]
        rebuilt = [one.lot.id for one in self.run.work if one.is_rebuilt]
        if gone or rebuilt:
            self._execute(_DROP_PEGS_OF, [gone + rebuilt])  # what has come of them: it is free stock
            self._execute(_DROP_NEEDS, [gone + rebuilt])
            self._execute(_DROP_OPERATIONS, [gone + rebuilt])
        if gone:
            self._execute(_DROP_WORK, [gone])
        if planned := [one.id for one in self.run.gone if one.kind == PLANNED]:
            drop_parts(self._execute, planned)
            self._execute(_DROP_PLANNED, [planned])

    def reserve(self) -> None:
        """Keep stock for lines and for needs of firm work, by day; new needs wait for their rows."""
        kept = {one.material_id for outcome in self.run.outcomes.values() for one, _ in outcome.reserved}
        if kept:
            hold_balances(plant_ids=[self.ground.plant.pk], material_ids=kept)
        demands = [
            self._stock_demand(demand, quantity)
            for outcome in self.run.outcomes.values()
            for demand, quantity in outcome.reserved
            if demand.id < NEW
        ]
        if demands:
            safety = {
                (self.ground.plant.pk, material_id): self.ground.items[material_id].safety_stock
                for material_id in self.run.outcomes
            }
            reserve(demands=demands, now=self.now, safety=safety)
            self.changes += len(demands)

    def reserve_new(self) -> None:
        """The same for needs that this run has written: their rows are there now."""
        demands = [
            self._stock_demand(demand, quantity)
            for outcome in self.run.outcomes.values()
            for demand, quantity in outcome.reserved
            if demand.id >= NEW
        ]
        if demands:
            reserve(demands=demands, now=self.now)

    def _stock_demand(self, demand: Demand, quantity: Decimal) -> StockDemand:
        pk = self.id_of(demand.id)
        return StockDemand(
            plant_id=self.ground.plant.pk,
            material_id=demand.material_id,
            quantity=quantity,
            work_order_material_id=pk if demand.kind == NEED else None,
            sales_order_line_id=pk if demand.kind == ORDER else None,
            supplied_component_id=pk if demand.kind == COMPONENT else None,
            kind=Reservation.Kind.HARD if demand.is_released else Reservation.Kind.SOFT,
        )

    def _write_work(self) -> None:
        new = [one for one in self.run.work if one.is_new]
        changed = [one for one in self.run.work if not one.is_new]
        if new:
            self._insert_work(new)
        if changed:
            rows = [
                (one.lot.id, one.item.bom_id, one.item.routing_id, _state(one), one.lot.quantity, one.lot.due_on,
                 one.lot.start_on)
                for one in changed
            ]  # fmt: skip
            self._execute(_CHANGED_WORK, columns(rows))
        if built := [one for one in self.run.work if one.is_new or one.is_rebuilt]:
            heads = [(self.id_of(one.lot.id), one.item.routing_id) for one in built]
            self._execute(_NEW_OPERATIONS, columns(heads))
        if needs := [row for one in self.run.work for row in self._need_rows(one)]:
            self._execute(_NEW_NEEDS, columns(needs))
        changed_needs = {one.id: one for one in self.run.need_quantities if one.id < NEW}
        if rows := [self._changed_need(one) for _, one in sorted(changed_needs.items())]:
            self._execute(_CHANGED_NEEDS, columns(rows))

    def _insert_work(self, new: Sequence[Wanted]) -> None:
        """They get their numbers when the run is done: those are its last lock (`erp.planning.numbers`)."""
        rows = [
            (self.id_of(one.lot.id), one.item.material_id, one.item.bom_id, one.item.routing_id, _state(one),
             one.lot.quantity, one.lot.due_on, one.lot.start_on)
            for one in new
        ]  # fmt: skip
        self._execute(_NEW_WORK, [self.ground.plant.pk, self.now, *columns(rows)])

    def _changed_need(self, need: Demand) -> tuple:
        unit_id = self.ground.items[need.material_id].unit_id
        return need.id, need.quantity, need.material_id, unit_id, *(need.main or (None, None))

    def _need_rows(self, one: Wanted) -> Iterable[tuple]:
        parts = {part.line_no: part for part in one.item.parts}
        for need in one.needs:
            step = parts[need.line_no].operation_sequence
            step = step if step in one.item.sequences else one.item.first_sequence
            unit_id = self.ground.items[need.material_id].unit_id
            work_id = self.id_of(one.lot.id)
            main = need.main or (None, None)
            yield self.id_of(need.id), work_id, need.line_no, need.material_id, unit_id, step, need.quantity, *main

    def _write_planned(self) -> None:
        new, changed = [], []
        for one in self.run.planned:
            kind = "transfer" if one.item.kind == "transfer" else "buy"
            due = dt.datetime.combine(one.lot.due_on, dt.time(12), self.zone)
            figures = one.lot.quantity, due, one.lot.start_on, one.lot.problem, one.item.source_plant_id
            if one.is_new:
                new.append((self.id_of(one.lot.id), one.item.material_id, kind, *figures))
            else:
                changed.append((one.lot.id, kind, *figures))
        if new:
            self._execute(_NEW_PLANNED, [self.ground.plant.pk, *columns(new)])
        if changed:
            self._execute(_CHANGED_PLANNED, columns(changed))
        write_parts(self._execute, self.id_of, self.run.parts)

    def _write_pegs(self) -> None:
        new, changed = [], []
        claimed: dict[int, Decimal] = {}
        for material_id, wanted in self.run.pegs.items():
            written = self.ground.pegs_of.get(material_id, {})
            for key, quantity in wanted.items():
                if key not in written:
                    new.append(self._peg_row(key, quantity))
                elif written[key] != quantity:
                    changed.append((self.ground.pegs[key].id, self.ground.pegs[key].received + quantity))
            _claim(claimed, wanted, 1)
            _claim(claimed, written, -1)
        if changed:
            self._execute(_CHANGED_PEGS, columns(changed))
        if new:
            self._execute(_NEW_PEGS, columns(new))
        if moved := sorted((pk, quantity) for pk, quantity in claimed.items() if quantity):
            self._execute(_CLAIM, columns(moved))

    def _peg_row(self, key: tuple[str, int, str, int], quantity: Decimal) -> list[Any]:
        row: list[Any] = [None] * 7 + [quantity]
        row[_ENDS[key[0]]] = self.id_of(key[1])
        row[_ENDS[key[2]]] = self.id_of(key[3])
        return row


def _claim(claimed: dict[int, Decimal], pegs: Pegs, sign: int) -> None:
    for (kind, pk, _, _), quantity in pegs.items():
        if kind == LINE:
            claimed[pk] = claimed.get(pk, ZERO) + sign * quantity


def _state(one: Wanted) -> str:
    return "firm" if one.is_firm else "proposed"

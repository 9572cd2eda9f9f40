"""Planning runs: what changed, or what is named, or everything of a plant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction

from erp.facts import SupplyPlanned
from erp.planning.days import days_of
from erp.planning.firming import write_unit_costs
from erp.planning.holding import Held, hold_demands, hold_supply
from erp.planning.levels import Levels
from erp.planning.numbers import number_work
from erp.planning.reading import read_ground
from erp.planning.structure import read_items
from erp.planning.told import Told, tell
from erp.planning.writing import Writer
from erp.production.models import WorkOrder
from erp.supply.sources import offers_in_force
from masterdata import facts, live, statements
from masterdata.models import Plant
from masterdata.statements import columns

MOST_PASSES = 5
# One run at a time in a plant and in those that it gets from or sends to, whose transfers both work on; 5 is this
# lock's own number among the house's advisory locks.
_LOCK = "SELECT pg_advisory_xact_lock(5, %s)"
_TOGETHER = """
    WITH me AS (SELECT %s::bigint AS id)
    SELECT id FROM me
    UNION SELECT p.source_plant_id FROM masterdata_materialplant p JOIN me ON me.id = p.plant_id
        WHERE p.source_plant_id IS NOT NULL
    UNION SELECT p.plant_id FROM masterdata_materialplant p JOIN me ON me.id = p.source_plant_id
    UNION SELECT n.source_plant_id FROM erp_plannedorder n JOIN me ON me.id = n.plant_id
        WHERE n.kind = 'transfer' AND n.closed_at IS NULL
    UNION SELECT n.plant_id FROM erp_plannedorder n JOIN me ON me.id = n.source_plant_id
        WHERE n.kind = 'transfer' AND n.closed_at IS NULL
    ORDER BY 1
"""
_QUIET = "SELECT set_config('throughline.planning', %s, true)"
_CHANGES = "SELECT id, material_id FROM erp_materialchange WHERE plant_id = %s ORDER BY id"
_TAKEN = "DELETE FROM erp_materialchange WHERE id = ANY(%s)"
_NOTE = """
    WITH known AS (
        INSERT INTO erp_plannedmaterial (plant_id, material_id) SELECT %(plant)s, unnest(%(ids)s::bigint[])
        ON CONFLICT DO NOTHING
    )
    INSERT INTO erp_materialchange (plant_id, material_id) SELECT %(plant)s, unnest(%(ids)s::bigint[])
"""
_NOTE_AGAIN = """
    INSERT INTO erp_materialchange (plant_id, material_id) SELECT * FROM unnest(%s::bigint[], %s::bigint[])
"""
_PLANNED = """
    INSERT INTO erp_plannedmaterial AS p (plant_id, material_id, planned_on) SELECT %s, unnest(%s::bigint[]), %s
    ON CONFLICT (plant_id, material_id) DO UPDATE SET planned_on = EXCLUDED.planned_on
    WHERE p.planned_on IS DISTINCT FROM EXCLUDED.planned_on
"""
# Everything of a plant: what it looks after, and whatever has an open demand, comes, or has parameters that ask for it.
_ALL = """
    SELECT material_id FROM erp_plannedmaterial WHERE plant_id = %(plant)s
    UNION SELECT material_id FROM masterdata_materialplant WHERE plant_id = %(plant)s
        AND (policy = 'to_stock' OR safety_stock > 0 OR reorder_point > 0 OR source_plant_id IS NOT NULL)
    UNION SELECT l.material_id FROM erp_salesorderline l JOIN erp_salesorder o ON o.id = l.order_id
        WHERE l.plant_id = %(plant)s AND l.shipped_qty < l.quantity AND o.confirmed_at IS NOT NULL
        AND o.cancelled_at IS NULL
    UNION SELECT m.material_id FROM erp_workorder w JOIN erp_workordermaterial m ON m.work_order_id = w.id
        WHERE w.plant_id = %(plant)s AND w.state IN ('proposed', 'firm', 'released') AND m.quantity > m.issued_qty
    UNION SELECT material_id FROM erp_workorder WHERE plant_id = %(plant)s AND sales_order_line_id IS NULL
        AND state IN ('proposed', 'firm', 'released')
    UNION SELECT l.material_id FROM erp_purchaseorderline l JOIN erp_purchaseorder o ON o.id = l.order_id
        WHERE o.plant_id = %(plant)s AND o.cancelled_at IS NULL AND l.received_qty < l.quantity
    UNION SELECT material_id FROM erp_componentdemand WHERE plant_id = %(plant)s AND to_send > 0
    UNION SELECT c.material_id FROM erp_plannedorder n JOIN erp_plannedcomponent c ON c.planned_order_id = n.id
        WHERE n.plant_id = %(plant)s AND n.closed_at IS NULL
    UNION SELECT material_id FROM erp_plannedorder WHERE closed_at IS NULL
        AND (plant_id = %(plant)s OR source_plant_id = %(plant)s)
"""
# Plants that have something to plan: changes, or a day that has begun since they were planned last.
_DUE = """
    SELECT p.id, EXISTS (SELECT 1 FROM erp_plannedmaterial m WHERE m.plant_id = p.id
        AND m.planned_on < (%s AT TIME ZONE p.time_zone)::date)
    FROM masterdata_plant p
    WHERE EXISTS (SELECT 1 FROM erp_materialchange c WHERE c.plant_id = p.id)
        OR EXISTS (SELECT 1 FROM erp_plannedmaterial m WHERE m.plant_id = p.id
            AND m.planned_on < (%s AT TIME ZONE p.time_zone)::date)
    ORDER BY p.id
"""


@dataclass(frozen=True, slots=True)
class Planned:
    """What a run did: materials looked at, rows changed, work orders that became firm."""

    materials: int = 0
    changes: int = 0
    firm_ids: tuple[int, ...] = ()


@transaction.atomic
def plan_materials(*, plant_id: int, now: dt.datetime, material_ids: Collection[int] | None = None) -> Planned:
    """Plan these materials of a plant (None: all of them) and whatever that changes below them.

    Gross needs, less stock above the safety stock, less what comes, by day; lots; their components by the lots'
    quantities. Firm orders stay, proposals keep their numbers, what has to begin before today begins today. The same
    run again changes nothing. Work that starts within the fence becomes firm. States SupplyPlanned when work became
    firm or order lines got their first date, or when firm work uses a substitute from now on.

    One run at a time in a plant and its neighbours by transfers. Locks work orders for stock, planned orders, open
    purchase lines, balances of what it keeps, the number series last. For an order or work order that somebody holds
    meanwhile nothing is kept: the next run looks at it.
    """
    _alone(plant_id)
    if material_ids is None:
        with connection.cursor() as cursor:
            cursor.execute(_ALL, {"plant": plant_id})
            material_ids = [row[0] for row in cursor.fetchall()]
    return _plan(plant_id, sorted(set(material_ids)), now)


@transaction.atomic
def plan_changes(*, plant_id: int, now: dt.datetime) -> Planned:
    """Plan what changed in the plant since the last run, once; on a new day everything. Locks as `plan_materials`."""
    _alone(plant_id)
    rows, due = statements.together((_CHANGES, [plant_id]), (_DUE, [now, now]))
    new_day = any(pk == plant_id and is_new for pk, is_new in due)
    if not rows and not new_day:
        return Planned()
    if new_day:
        planned = plan_materials(plant_id=plant_id, now=now)
    else:
        planned = _plan(plant_id, sorted({row[1] for row in rows}), now)
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN, [[row[0] for row in rows]])
    return planned


def plants_with_changes(*, now: dt.datetime) -> list[int]:
    """Plants that have something to plan. One query, cheap when there is nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [now, now])
        return [row[0] for row in cursor.fetchall()]


@transaction.atomic(savepoint=False)
def note_changes(*, plant_id: int, material_ids: Collection[int]) -> None:
    """Have these materials planned by the next run, and looked after from now on.

    For a deed that leaves a demand without its supply; what stock, purchases and work move is noted by itself.
    """
    if material_ids:
        with connection.cursor() as cursor:
            cursor.execute(_NOTE, {"plant": plant_id, "ids": sorted(set(material_ids))})


def _alone(plant_id: int) -> None:
    statements.together(*((_LOCK, [one]) for (one,) in statements.run(_TOGETHER, [plant_id])))


def _plan(plant_id: int, material_ids: Collection[int], now: dt.datetime) -> Planned:
    """Once more while work becomes firm: what is firm is served from first, so that the next run finds nothing new."""
    if not material_ids:
        return Planned()
    plant = Plant.objects.select_related("company").get(pk=plant_id)
    materials, changes = 0, 0
    firm: list[int] = []
    replaced: set[int] = set()
    orders: set[int] = set()
    first_dates = False
    held: Held | None = None
    for _ in range(MOST_PASSES):
        passed, told, held = _pass(plant, material_ids, now, held)
        materials, changes = max(materials, passed.materials), changes + passed.changes
        firm += told.firm_ids
        replaced |= set(told.replaced_ids)
        orders |= set(told.order_ids)
        first_dates = first_dates or told.first_dates
        if not told.firm_ids:
            break
        made = WorkOrder.objects.filter(pk__in=told.firm_ids).values_list("material_id", flat=True)
        material_ids = {*material_ids, *made}
    with _quietly():
        number_work(plant=plant, work_order_ids=held.new_work if held else [], now=now)
    work = (firm, sorted(replaced.difference(firm)))
    _state(plant_id, *work, sorted(orders), now, first_dates=first_dates)
    if changes:
        live.publish("supply", plant_id, plant_id=plant_id)
    return Planned(materials, changes, tuple(sorted(firm)))


def _pass(
    plant: Plant, material_ids: Collection[int], now: dt.datetime, held: Held | None
) -> tuple[Planned, Told, Held]:
    """One look at everything. What the run holds it holds from the first look on, before stock and numbers."""
    days = days_of(plant, now)
    items = read_items(plant_id=plant.pk, material_ids=material_ids)
    bought = [item.material_id for item in items.values() if item.kind == "buy"]
    offers, without = offers_in_force(plant_id=plant.pk, material_ids=bought, now=now)
    with _quietly():
        held = held or hold_supply(plant_id=plant.pk, material_ids=list(items))
        ground = read_ground(
            plant=plant,
            days=days,
            items=items,
            work_ids=held.work,
            planned_ids=held.planned,
            line_ids=held.lines,
        )
        run = Levels(ground, offers, without).plan(material_ids)
        left_out = hold_demands(ground, run)
        writer = Writer(ground, run, now)
        writer.write()
        held.add(writer.new_work(), writer.new_planned())
        told = tell(ground=ground, run=run, writer=writer)
        writer.reserve_new()
        left_out |= told.left_out
        with connection.cursor() as cursor:
            cursor.execute(_PLANNED, [plant.pk, sorted(run.outcomes), days.today])
            again = {(plant.pk, material_id) for material_id in left_out} | _sources(run.planned, run.gone)
            if again:
                cursor.execute(_NOTE_AGAIN, columns(sorted(again)))
    return Planned(len(run.outcomes), writer.changes + told.changes), told, held


def _state(
    plant_id: int, firm: list[int], replaced: list[int], order_ids: list[int], now: dt.datetime, *, first_dates: bool
) -> None:
    """What others have to know: work that became firm or uses substitutes, and orders that have dates now."""
    if firm:
        write_unit_costs(work_order_ids=firm, now=now)
    if firm or replaced or first_dates:
        work = (*sorted(firm), *replaced)
        facts.state(SupplyPlanned(plant_id=plant_id, work_order_ids=work, order_ids=tuple(order_ids)))
    live.publish_many("order", order_ids)


def _sources(planned: Collection, gone: Collection) -> set[tuple[int, int]]:
    """Plants and materials from which transfers begin, change or end: they plan in their turn."""
    found = {(one.item.source_plant_id, one.item.material_id) for one in planned if one.item.kind == "transfer"}
    found |= {
        (one.written.source_plant_id, one.item.material_id)
        for one in planned
        if one.written and one.written.source_plant_id
    }
    return found | {(one.source_plant_id, one.material_id) for one in gone if one.source_plant_id}


@contextmanager
def _quietly() -> Iterator[None]:
    """What planning writes is no change that planning has to look at."""
    with connection.cursor() as cursor:
        cursor.execute(_QUIET, ["on"])
    yield
    with connection.cursor() as cursor:
        cursor.execute(_QUIET, [""])

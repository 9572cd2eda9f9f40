"""Telling the lines what a plan wants of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from erp.production.placement import Placement
from masterdata import live

# Only rows that change are written; a row that a newer plan wrote stays.
_UPSERT = """
    INSERT INTO mes_dispatch AS d
        (operation_id, plant_id, machine_id, planned_start_at, planned_end_at, setup_min, plan_no, told_at)
    SELECT p.operation_id, %(plant)s, p.machine_id, p.starts_at, p.ends_at, p.setup_min, %(plan)s, clock_timestamp()
    FROM unnest(%(operations)s::bigint[], %(machines)s::bigint[], %(starts)s::timestamptz[], %(ends)s::timestamptz[],
                %(setups)s::int[]) AS p (operation_id, machine_id, starts_at, ends_at, setup_min)
    ORDER BY p.operation_id
    ON CONFLICT (operation_id) DO UPDATE SET
        machine_id = EXCLUDED.machine_id, planned_start_at = EXCLUDED.planned_start_at,
        planned_end_at = EXCLUDED.planned_end_at, setup_min = EXCLUDED.setup_min, plan_no = EXCLUDED.plan_no,
        told_at = EXCLUDED.told_at
    WHERE d.plan_no <= EXCLUDED.plan_no
      AND (d.machine_id, d.planned_start_at, d.planned_end_at, d.setup_min)
          IS DISTINCT FROM (EXCLUDED.machine_id, EXCLUDED.planned_start_at, EXCLUDED.planned_end_at, EXCLUDED.setup_min)
    RETURNING machine_id
"""
# What the plan no longer holds and nobody has begun is taken off the list.
_WITHDRAW = """
    DELETE FROM mes_dispatch d USING erp_workorderoperation o
    WHERE o.id = d.operation_id AND d.plant_id = %(plant)s AND d.plan_no <= %(plan)s
      AND d.operation_id <> ALL(%(planned)s::bigint[])
    RETURNING d.machine_id
"""


@transaction.atomic
def dispatch_plan(
    *, plant_id: int, plan_no: int, placements: Sequence[Placement], planned_ids: Sequence[int] | None = None
) -> set[int]:
    """Copy a plan's placements to the dispatch lists; returns the ids of the machines whose list changed.

    Idempotent: the same plan again changes nothing, and rows of a newer plan are kept. `placements` may be only those
    that `told_plan_no` has not told yet; `planned_ids` are then all operations of the plan (None: it is the whole).
    """
    values: dict[str, Any] = {
        "plant": plant_id,
        "plan": plan_no,
        "operations": [placement.operation_id for placement in placements],
        "machines": [placement.machine_id for placement in placements],
        "starts": [placement.starts_at for placement in placements],
        "ends": [placement.ends_at for placement in placements],
        "setups": [placement.setup_min for placement in placements],
    }
    values["planned"] = values["operations"] if planned_ids is None else list(planned_ids)
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, values)
        changed = {row[0] for row in cursor.fetchall()}
        cursor.execute(_WITHDRAW, values)
        changed |= {row[0] for row in cursor.fetchall()}
    for machine_id in sorted(changed):
        live.publish("dispatch", machine_id, plan_no, plant_id=plant_id)
    return changed

"""What runs really took, a piece and to set up, by machine, product and operation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from mes.counted import COUNTS

# One row per finished run of a frozen routing's operation: minutes from the machine's states, pieces from the reports.
_RUNS = f"""
    SELECT r.id, w.material_id, w.plant_id, o.sequence, o.name, r.machine_id, w.number, r.finished_at,
        coalesce(t.producing, 0), coalesce(t.setup, 0), coalesce(t.setups, 0), coalesce(q.pieces, 0),
        mc.speed_percent, now_o.routing_id, now_o.run_min_per_unit, now_o.setup_min, wc.machine_rate, wc.labour_rate,
        o.setup_family <> '' AND o.setup_family = (
            SELECT po.setup_family FROM mes_operationrun p JOIN erp_workorderoperation po ON po.id = p.operation_id
            WHERE p.machine_id = r.machine_id AND p.started_at < r.started_at
            ORDER BY p.started_at DESC, p.id DESC LIMIT 1)
    FROM mes_operationrun r
    JOIN erp_workorderoperation o ON o.id = r.operation_id AND o.mends_id IS NULL
    JOIN erp_workorder w ON w.id = o.work_order_id
    JOIN masterdata_machine mc ON mc.id = r.machine_id
    JOIN masterdata_workcentre wc ON wc.id = mc.work_centre_id
    JOIN masterdata_routing rt ON rt.material_id = w.material_id AND rt.plant_id = w.plant_id AND rt.state = 'frozen'
    JOIN masterdata_routingoperation now_o ON now_o.routing_id = rt.id AND now_o.sequence = o.sequence
        AND now_o.work_centre_id = mc.work_centre_id
    JOIN LATERAL (
        SELECT sum(extract(epoch FROM s.until_at - s.since_at)) FILTER (WHERE s.state = 'producing') / 60 AS producing,
            sum(extract(epoch FROM s.until_at - s.since_at)) FILTER (WHERE s.state = 'setup') / 60 AS setup,
            count(*) FILTER (WHERE s.state = 'setup') AS setups
        FROM mes_machinestate s WHERE s.operation_id = o.id AND s.machine_id = r.machine_id AND s.until_at IS NOT NULL
    ) t ON true
    JOIN LATERAL (
        SELECT sum(e.good_qty + e.scrap_qty + e.rework_qty) AS pieces FROM mes_executionevent e
        WHERE e.operation_id = o.id AND e.kind IN ('report', 'finish') AND {COUNTS}
    ) q ON true
    WHERE r.state = 'finished' AND r.finished_at >= %(since)s AND w.plant_id = ANY(%(plants)s)
    ORDER BY w.material_id, w.plant_id, o.sequence, r.machine_id, r.finished_at
"""  # noqa: S608 - our own text


@dataclass(frozen=True, slots=True)
class RunTimes:
    """One finished run and what the routing in force plans for its operation; minutes as they were on the machine."""

    run_id: int
    material_id: int
    plant_id: int
    sequence: int
    name: str
    machine_id: int
    work_order: str
    finished_at: dt.datetime
    producing: Decimal
    setup: Decimal
    setups: int
    pieces: Decimal
    speed_percent: int
    routing_id: int
    planned_run: Decimal
    planned_setup: Decimal
    machine_rate: Decimal
    labour_rate: Decimal
    follows_its_family: bool | None

    @property
    def run_minutes(self) -> Decimal | None:
        """Minutes a piece at 100 % speed; None when nothing was made or no time known, or when the setup that was
        planned was not told: then it is hidden among them."""
        if self.pieces <= 0 or self.producing <= 0:
            return None
        if self.planned_setup > 0 and self.setups == 0 and not self.follows_its_family:
            return None
        return self.producing / self.pieces * self.speed_percent / 100

    @property
    def setup_minutes(self) -> Decimal | None:
        """Minutes of the setup; None for a run that needed none (the same setup family before it)."""
        return self.setup if self.setup > 0 else None

    @property
    def rate(self) -> Decimal:
        """Money an hour of machine and person."""
        return self.machine_rate + self.labour_rate


def run_times(*, plant_ids: Collection[int], since: dt.datetime) -> list[RunTimes]:
    """Finished runs of the plants since then whose operation stands in the routing in force. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_RUNS, {"since": since, "plants": sorted(plant_ids)})
        return [RunTimes(*row) for row in cursor.fetchall()]

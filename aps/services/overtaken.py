"""Proposals that something has overtaken: another plan, or work on the floor."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence

from aps.models import PlantPlanning, RepairProposal
from aps.rows import Row
from masterdata import live


def overtake(planning: PlantPlanning, now: dt.datetime, why: str) -> None:
    """End the plant's open proposal; what it covered is wanted again. Call under the lock of the planning row."""
    ended = RepairProposal.objects.filter(plant_id=planning.plant_id, state=RepairProposal.State.OPEN).update(
        state=RepairProposal.State.STALE, answered_at=now, note=why[:240]
    )
    if ended:
        planning.proposed_version = 0
        planning.save(update_fields=["proposed_version"])
        live.publish("proposals", planning.plant_id, plant_id=planning.plant_id)


def overlap(rows: Sequence[Row]) -> bool:
    """Whether two operations are on one machine at once."""
    in_order = sorted((row for row in rows if row.starts_at < row.ends_at), key=lambda row: (row.machine_id, row[2:5]))
    return any(
        first.machine_id == second.machine_id and second.starts_at < first.ends_at
        for first, second in itertools.pairwise(in_order)
    )

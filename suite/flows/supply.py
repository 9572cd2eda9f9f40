"""Material planning by itself: whatever moved supply or demand noted it; each second the relay asks who has to plan.

Not a flow of one fact: fifty facts cost one run. What a run makes firm is stated as SupplyPlanned, which wants a plan.
"""

from __future__ import annotations

import datetime as dt

from erp import services as erp


def plants_to_plan(now: dt.datetime) -> list[int]:
    """Plants in which something changed, or a new day began."""
    return erp.plants_with_changes(now=now)


def plan(plant_id: int, now: dt.datetime) -> int:
    """Plan what changed, and order what the buying limits let go by itself; how many rows planning changed."""
    planned = erp.plan_changes(plant_id=plant_id, now=now)
    erp.convert_within_limits(plant_id=plant_id, now=now)
    return planned.changes

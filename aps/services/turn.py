"""The planning worker's turn: lease, snapshot, repair, search, publication."""

from __future__ import annotations

import datetime as dt


def plan_plant(*, plant_id: int, now: dt.datetime, holder: str = "") -> str:
    """Plan the plant until nothing is wanted any more; says how it ended."""
    return "nothing"

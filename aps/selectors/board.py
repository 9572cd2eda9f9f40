"""The scheduling board: the published plan in compact columns for the canvas."""

from __future__ import annotations

from typing import Any

from masterdata.models import User


def board(plant_id: int, user: User | None = None) -> dict[str, Any]:
    """Machines grouped by work centre and the planned operations as columns."""
    return {"plant": plant_id, "machines": [], "operations": {}}

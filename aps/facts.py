"""What can happen in planning."""

from __future__ import annotations

from dataclasses import dataclass

from masterdata.facts import Fact


@dataclass(frozen=True, kw_only=True)
class PlanPublished(Fact):
    """A plant has a new plan. Whoever holds an older number ignores it."""

    plant_id: int
    plan_id: int
    plan_no: int

    @property
    def subject(self) -> str:
        return f"plant:{self.plant_id}"

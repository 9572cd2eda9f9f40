"""What can happen in planning."""

from __future__ import annotations

from dataclasses import dataclass

from masterdata.facts import Fact


@dataclass(frozen=True, kw_only=True)
class PlanPublished(Fact):
    """A plant has a new plan. Whoever holds an older number ignores it.

    The right-shifted plan after a breakdown is not final: lines see it at once, promises and cost estimates wait for
    the better one that always follows.
    """

    about = ("plant:{plant_id}",)

    plant_id: int
    plan_id: int
    plan_no: int
    is_final: bool = True

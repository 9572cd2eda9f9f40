"""Weights: what the planner says about how the parts of a plan count against each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from aps.models import PlanWeights, PlanWish
from aps.services.wishes import locked_planning, want_plan
from masterdata.records import change_record


@transaction.atomic
def set_weights(*, plant_id: int, values: Mapping[str, Any], expected_version: int | None = None) -> PlanWeights:
    """Change the plant's weights and want a plan by them; the same values again change nothing.

    Locks the plant's planning row, then the weights. Raises StaleVersion, InvalidInput.
    """
    locked_planning(plant_id)
    PlanWeights.objects.bulk_create([PlanWeights(plant_id=plant_id)], ignore_conflicts=True)
    weights = PlanWeights.objects.get(plant_id=plant_id)
    if expected_version in (None, weights.version) and all(
        getattr(weights, name) == new for name, new in values.items()
    ):
        return weights
    weights = change_record(record=weights, values=values, expected_version=expected_version)
    want_plan(plant_id=plant_id, reason=PlanWish.Reason.PLANNER, text="The planner changed what counts in a plan")
    return weights

"""What counts in a plant's plans."""

from __future__ import annotations

from aps.models import PlanWeights


def plan_weights(plant_id: int) -> PlanWeights:
    """The plant's weights; the usual ones, not stored, while nobody has changed any."""
    return PlanWeights.objects.filter(plant_id=plant_id).first() or PlanWeights(plant_id=plant_id)

"""Planning state per plant, plans, planned operations, blocks, plan runs and kept offers."""

from aps.models.offers import KeptOffer
from aps.models.planning import PlantPlanning, PlanWeights, PlanWish, ResourceBlock
from aps.models.plans import Plan, PlannedOperation, TsTzRange
from aps.models.runs import PlanRun, RunWorth

__all__ = [
    "KeptOffer",
    "Plan",
    "PlanRun",
    "PlanWeights",
    "PlanWish",
    "PlannedOperation",
    "PlantPlanning",
    "ResourceBlock",
    "RunWorth",
    "TsTzRange",
]

"""Planning state per plant, plans, planned operations, blocks, plan runs, kept offers and scenarios."""

from aps.models.offers import KeptOffer
from aps.models.outcomes import ScenarioFigures, ScenarioLine, ScenarioLoad, ScenarioOperation, ScenarioRun
from aps.models.planning import PlantPlanning, PlanWeights, PlanWish, ResourceBlock
from aps.models.plans import Plan, PlannedOperation, TsTzRange
from aps.models.runs import PlanRun, RunWorth, Searched
from aps.models.scenarios import ChangeKind, Scenario, ScenarioChange

__all__ = [
    "ChangeKind",
    "KeptOffer",
    "Plan",
    "PlanRun",
    "PlanWeights",
    "PlanWish",
    "PlannedOperation",
    "PlantPlanning",
    "ResourceBlock",
    "RunWorth",
    "Scenario",
    "ScenarioChange",
    "ScenarioFigures",
    "ScenarioLine",
    "ScenarioLoad",
    "ScenarioOperation",
    "ScenarioRun",
    "Searched",
    "TsTzRange",
]

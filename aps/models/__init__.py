"""Planning state per plant, plans, operations, blocks, runs, kept offers, proposals, drafts, pins and scenarios."""

from aps.models.drafts import BoardDraft, OperationPin
from aps.models.offers import KeptOffer
from aps.models.outcomes import ScenarioFigures, ScenarioLine, ScenarioLoad, ScenarioOperation, ScenarioRun
from aps.models.planning import PlantPlanning, PlanWeights, PlanWish, ResourceBlock
from aps.models.plans import Plan, PlannedOperation, TsTzRange
from aps.models.proposals import RepairEffect, RepairOption, RepairPolicy, RepairProposal
from aps.models.runs import PlanRun, RunWorth, Searched
from aps.models.scenarios import ChangeKind, Scenario, ScenarioChange

__all__ = [
    "BoardDraft",
    "ChangeKind",
    "KeptOffer",
    "OperationPin",
    "Plan",
    "PlanRun",
    "PlanWeights",
    "PlanWish",
    "PlannedOperation",
    "PlantPlanning",
    "RepairEffect",
    "RepairOption",
    "RepairPolicy",
    "RepairProposal",
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

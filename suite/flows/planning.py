"""What every new plan does to the rest of the house: dates, dispatch, cost estimates, promises, notices."""

from __future__ import annotations

from aps import facts as aps_facts
from aps import selectors as aps_now
from crm import services as crm
from erp import services as erp
from masterdata.models import FactRecord
from mes import selectors as mes_now
from mes import services as mes


def spread_plan(fact: aps_facts.PlanPublished, record: FactRecord) -> None:
    """Planned dates -> dispatch -> (when the plan is final) cost estimates -> promises. Never wants a plan in turn."""
    told_no = mes_now.told_plan_no(plant_id=fact.plant_id)
    spread = aps_now.plan_to_spread(plant_id=fact.plant_id, plan_no=fact.plan_no, told_no=told_no)
    if spread is None:
        return  # a newer plan is published: its own run spreads it
    erp.apply_plan(plant_id=fact.plant_id, plan_no=fact.plan_no, placements=spread.placements)
    mes.dispatch_plan(
        plant_id=fact.plant_id,
        plan_no=fact.plan_no,
        placements=spread.placements,
        planned_ids=spread.planned_ids,
    )
    if fact.is_final:
        erp.reestimate_costs(plant_id=fact.plant_id, cause=spread.cause)
        crm.renew_promises(plant_id=fact.plant_id, plan_no=fact.plan_no, cause=spread.cause)

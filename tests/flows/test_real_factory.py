"""A real manufacturer's data: imported, a hundred of its orders confirmed and planned."""

from __future__ import annotations

import datetime as dt

import pytest

from aps.models import Plan, PlannedOperation, PlanRun, PlantPlanning
from erp import services as erp
from erp.models import SalesOrder, WorkOrderOperation
from suite import audit
from suite.importing.load import load
from suite.stack import places
from tests.crew import Crew, until
from tests.flows.test_order_to_cash import flows_are_done

FOLDER = places.ROOT.parent / "shared" / "data" / "adventureworks"


def all_planned() -> bool:
    planning = PlantPlanning.objects.filter(plan_no__gt=0).first()
    return planning is not None and planning.planned_version == planning.wanted_version and flows_are_done()


@pytest.mark.long
def test_a_hundred_real_orders_are_confirmed_and_planned(workers: Crew) -> None:
    """Due dates of 2011 are moved to the weeks ahead. Every operation is planned; no machine does two at once (the
    database refuses it), the validator has passed the plan before it was stored, and every invariant holds.
    """
    if not FOLDER.is_dir():
        pytest.skip("the AdventureWorks files do not lie beside the project")
    now = dt.datetime.now(dt.UTC)
    shift = (now.date() - dt.date(2011, 5, 25)).days
    assert load(folder=FOLDER, plant_code="MAIN", now=now, shift_days=shift).faults == []
    for order in SalesOrder.objects.order_by("ordered_on", "number")[:100]:
        erp.confirm_order(order_id=order.pk, now=now)
    until(all_planned, timeout=240, what="everything wanted is planned")
    until(flows_are_done, timeout=120)
    open_operations = WorkOrderOperation.objects.filter(finished_at__isnull=True).count()
    assert open_operations > 100
    assert PlannedOperation.objects.count() == open_operations
    assert Plan.objects.latest("number").is_final
    assert not PlanRun.objects.filter(state=PlanRun.State.FAILED).exists()
    assert [finding.invariant.name for finding in audit.findings() if not finding.holds] == []

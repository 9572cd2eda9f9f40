"""A planning worker is killed in the middle of its search: another one takes over and the story ends the same."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection

from aps import invariants
from aps.models import Plan, PlannedOperation, PlanRun, PlantPlanning
from erp import services as erp
from erp.models import WorkOrderOperation
from masterdata.models import FlowRun
from tests.crew import Crew, until
from tests.flows import workshop

LONG = 200_000_000


def is_planned() -> bool:
    planning = PlantPlanning.objects.first()
    return planning is not None and planning.wanted_version == planning.planned_version > 0


@pytest.mark.crash
def test_worker_killed_in_the_search_is_replaced_and_the_story_ends_the_same(
    workers: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A search of 200 million moves would take many minutes; its worker is killed with SIGKILL after it began.

    The lease runs out after 10 s, the relay wakes the next worker, which marks the run lost and plans the four orders.
    """
    shop = workshop.build()
    shop.quantity("LEG", 100)
    workers.kill("plan")
    monkeypatch.setenv("THROUGHLINE_SOLVE_MOVES", str(LONG))
    workers.start("plan")
    now = dt.datetime.now(dt.UTC)
    for quantity in (2, 3, 4, 5):
        order = erp.create_order(
            company=shop.company,
            customer=shop.customer,
            currency=shop.company.currency,
            lines=[
                erp.OrderLineInput(
                    plant_id=shop.plant.pk,
                    material_id=shop.materials["STOOL"].pk,
                    quantity=Decimal(quantity),
                    unit_price=Decimal(100),
                    wanted_on=now.date(),
                )
            ],
            now=now,
        )
        erp.confirm_order(order_id=order.pk, now=now)
    lost = until(lambda: PlanRun.objects.filter(state="running").first(), timeout=60, what="a worker searches")
    assert lost is not None
    workers.kill("plan")
    assert not Plan.objects.exists()
    monkeypatch.setenv("THROUGHLINE_SOLVE_MOVES", "200")
    workers.start("plan")
    until(is_planned, timeout=60, what="another worker has planned")
    lost.refresh_from_db()
    assert lost.state == PlanRun.State.LOST
    assert Plan.objects.filter(is_final=True).exists()
    assert PlannedOperation.objects.count() == WorkOrderOperation.objects.count() == 4
    until(lambda: not FlowRun.objects.exclude(state="done").exists(), what="everybody knows")
    assert not WorkOrderOperation.objects.filter(planned_end_at__isnull=True).exists()
    for invariant in invariants.INVARIANTS:
        with connection.cursor() as cursor:
            cursor.execute(invariant.sql)
            assert cursor.fetchall() == [], invariant.name

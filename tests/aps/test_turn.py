"""The planning worker's turn: what is published, when, and on top of what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from django.test import override_settings

from aps import services as aps
from aps.models import Plan, PlannedOperation, PlanRun, PlantPlanning
from erp.models import WorkOrderOperation
from tests.aps.shop import NOW, at, build

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _small_budget() -> Iterator[None]:
    with override_settings(THROUGHLINE_SOLVE_MOVES=200):
        yield


def place(operation: WorkOrderOperation) -> tuple[str, dt.datetime, dt.datetime]:
    row = PlannedOperation.objects.select_related("machine").get(operation=operation)
    return row.machine.code, row.starts_at, row.ends_at


def test_first_order_is_planned_from_now_on() -> None:
    """60 min of sawing, then 30 min of packing, round the clock: 09:14 to 10:14 to 10:44."""
    shop = build(["SAW-1", "PACK-1"])
    saw, pack = shop.order([("SAW", 60), ("PACK", 30)])
    assert aps.plan_plant(plant_id=shop.plant.pk, now=NOW) == "published"
    assert place(saw) == ("SAW-1", NOW, at("10:14"))
    assert place(pack) == ("PACK-1", at("10:14"), at("10:44"))
    plan = Plan.objects.get()
    assert (plan.number, plan.is_final, plan.operations, plan.changed) == (1, True, 2, 2)
    planning = PlantPlanning.objects.get()
    assert (planning.wanted_version, planning.planned_version, planning.lease_until) == (1, 1, None)
    assert PlanRun.objects.get().state == "published"

"""What a plan tells the lines: only what is new to them, and what is no longer wanted of them."""

from __future__ import annotations

import pytest

from mes import selectors as mes_now
from mes import services as mes
from mes.models import Dispatch
from tests.mes.hall import at, hall, step

pytestmark = pytest.mark.django_db


def test_a_plan_tells_only_what_it_changes_and_takes_back_what_it_lacks() -> None:
    """Plan 1 has three jobs. Plan 2 moves the first and lacks the third: the second stays as plan 1 told it."""
    shop = hall()
    first, second, third = (step(shop.shelves(), 10) for _ in range(3))
    assert mes_now.told_plan_no(plant_id=shop.shop.plant.pk) == 0
    shop.tell((first, "SAW-1", 0, 60), (second, "SAW-2", 0, 60), (third, "SAW-2", 60, 120))
    kept = Dispatch.objects.get(operation=second)
    shop.tell((first, "SAW-1", 30, 90), plan_no=2, planned=[first, second])
    rows = Dispatch.objects.order_by("operation_id").values_list("operation_id", "planned_start_at", "plan_no")
    assert list(rows) == [(first.pk, at(30), 2), (second.pk, at(0), 1)]
    assert Dispatch.objects.get(operation=second).told_at == kept.told_at
    assert mes_now.told_plan_no(plant_id=shop.shop.plant.pk) == 2


def test_a_plan_that_changes_nothing_for_the_lines_tells_nobody() -> None:
    shop = hall()
    job = step(shop.shelves(), 10)
    shop.tell((job, "SAW-1", 0, 60))
    changed = mes.dispatch_plan(plant_id=shop.shop.plant.pk, plan_no=2, placements=[], planned_ids=[job.pk])
    assert changed == set()
    assert Dispatch.objects.get().plan_no == 1

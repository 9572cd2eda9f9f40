"""A count finds less than orders counted on: who loses is supplied again, and the plan hears of it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from aps.models import PlanWish
from erp import services as erp
from erp.models import Peg, Reservation
from suite import audit
from tests.crew import until
from tests.flows import workshop
from tests.flows.havoc import Havoc
from tests.flows.test_breakdown import confirmed
from tests.flows.test_order_to_cash import quiet


@pytest.mark.tells("order_to_cash.want_plan_for_short_stock", "planning.spread_plan")
def test_legs_that_are_not_there_are_bought_and_the_order_planned_again(havoc: Havoc) -> None:
    """Two tables with all 8 legs and 4 boards in stock. Counting finds no leg: 8 are bought for the order in the
    same commit, and a plan is wanted because of material."""
    shop = workshop.build()
    shop.quantity("BOARD", 4), shop.quantity("LEG", 8)
    order = confirmed(shop, "TABLE", 2, dt.datetime.now(dt.UTC).date())
    until(lambda: quiet(shop), what="the order is planned and promised")
    now = dt.datetime.now(dt.UTC)
    sheet = erp.make_count_sheet(plant=shop.plant, material=shop.materials["LEG"], now=now)
    erp.enter_count(line_id=sheet.lines.get().pk, quantity=Decimal(0), by=None, now=now)
    erp.post_count(sheet_id=sheet.pk, now=now, by=None)
    havoc.strike()
    until(lambda: PlanWish.objects.filter(text=f"Count {sheet.number}").exists(), what="a plan is wanted")
    until(lambda: quiet(shop), what="everybody knows")
    assert PlanWish.objects.get(text=f"Count {sheet.number}").reason == "material"
    assert not Reservation.objects.filter(balance__material__code="LEG", quantity__gt=0).exists()
    pegs = Peg.objects.filter(work_order_material__material__code="LEG", purchase_order_line__isnull=False)
    assert sum(pegs.values_list("quantity", flat=True)) == 8
    assert order.lines.get().expected_at is not None
    assert [finding.invariant.name for finding in audit.findings() if not finding.holds] == []
    havoc.check()

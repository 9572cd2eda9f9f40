"""A report from the floor is taken back: its pieces are to be made again, and the plan knows it."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from aps.models import PlannedOperation, PlanWish
from masterdata.models import User
from mes import services as mes
from mes.models import ExecutionEvent
from suite import audit
from tests.crew import until
from tests.flows import workshop
from tests.flows.floor import Floor
from tests.flows.havoc import Havoc
from tests.flows.test_breakdown import confirmed
from tests.flows.test_lost_pieces import newest
from tests.flows.test_order_to_cash import quiet


@pytest.mark.tells("order_to_cash.want_plan_without_report", "order_to_cash.follow_progress", "planning.spread_plan")
def test_tops_that_were_never_sawn_are_planned_again(havoc: Havoc) -> None:
    """Two tops are said to be sawn, and were not: the saw is planned for them again, and nothing stays in the books."""
    shop = workshop.build()
    shop.quantity("BOARD", 8)
    shop.quantity("LEG", 8)
    now = dt.datetime.now(dt.UTC)
    confirmed(shop, "TABLE", 2, (now + dt.timedelta(days=9)).date())
    until(lambda: quiet(shop), what="the order is planned")
    floor = Floor(shop)
    saw = newest("TOP", 10)
    floor.make(saw, "SAW-01", now - dt.timedelta(minutes=40), 25, 2)
    until(lambda: quiet(shop), what="the plan has followed")
    assert newest("TOP", 10).finished_at is not None
    wishes = PlanWish.objects.count()
    report = ExecutionEvent.objects.get(kind="report")
    lead = User.objects.create_user("lead")
    later = dt.datetime.now(dt.UTC)
    mes.correct(event_id=report.pk, by=lead, reason="Another order's tops", now=later, correction_id=uuid.uuid4())
    havoc.strike()
    until(lambda: PlanWish.objects.count() > wishes, what="a plan is wanted")
    until(lambda: quiet(shop), what="everybody knows")
    again = newest("TOP", 10)
    assert (again.good_qty, again.finished_at) == (0, None)
    assert PlannedOperation.objects.filter(operation=again).exists()
    assert [finding.invariant.name for finding in audit.findings() if not finding.holds] == []
    havoc.check()

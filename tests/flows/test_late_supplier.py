"""A supplier confirms another day than was counted on: the plan hears of it, and the customer why."""

from __future__ import annotations

import datetime as dt

import pytest

from aps.models import PlanWish
from crm.models import Notice, Promise
from erp import services as erp
from erp.models import PurchaseOrderLine, SalesOrder
from suite import audit
from tests.crew import until
from tests.flows import workshop
from tests.flows.havoc import Havoc
from tests.flows.test_breakdown import confirmed
from tests.flows.test_order_to_cash import quiet

DAY = dt.timedelta(days=1)


def _waits_for_legs() -> tuple[workshop.Workshop, SalesOrder, PurchaseOrderLine]:
    """Two tables whose 8 legs are bought and due in a day; the boards are there. Planned and promised."""
    shop = workshop.build()
    shop.quantity("BOARD", 4)
    order = confirmed(shop, "TABLE", 2, dt.datetime.now(dt.UTC).date())
    until(lambda: quiet(shop), what="the order is planned and promised")
    return shop, order, PurchaseOrderLine.objects.get(material__code="LEG")


@pytest.mark.tells("order_to_cash.want_plan_with_other_date", "planning.spread_plan")
def test_legs_that_come_three_days_later_move_the_promise_and_say_so(havoc: Havoc) -> None:
    """Work that waits for the legs begins when they come and not before, so the order ends about as much later."""
    shop, order, legs = _waits_for_legs()
    promised = order.lines.get().promised_at
    assert promised is not None
    erp.confirm_purchase_date(line_id=legs.pk, confirmed_at=legs.due_at + 3 * DAY)
    havoc.strike()
    until(lambda: Promise.objects.count() == 2, what="a new promise")
    until(lambda: quiet(shop), what="everybody knows")
    wish = PlanWish.objects.latest("version")
    assert (wish.reason, wish.text.startswith(f"{legs.order.number}: LEG comes ")) == ("material", True)
    newest = Promise.objects.latest("version_no")
    assert newest.reason == "material"
    assert newest.promised_at >= promised + 3 * DAY - dt.timedelta(minutes=1)
    assert Notice.objects.count() == 1
    assert [finding.invariant.name for finding in audit.findings() if not finding.holds] == []
    havoc.check()


def test_legs_that_come_sooner_bring_the_expected_date_forward(havoc: Havoc) -> None:
    """Half a day sooner; what was promised stays."""
    shop, order, legs = _waits_for_legs()
    line = order.lines.get()
    erp.confirm_purchase_date(line_id=legs.pk, confirmed_at=legs.due_at - DAY / 2)
    before = line.expected_at
    assert before is not None
    until(lambda: order.lines.get().expected_at < before, what="an earlier date")
    until(lambda: quiet(shop), what="everybody knows")
    assert order.lines.get().promised_at == line.promised_at


def test_the_same_date_again_and_what_nobody_waits_for_want_no_plan(havoc: Havoc) -> None:
    """The date that was counted on is confirmed: no wish."""
    shop, _, legs = _waits_for_legs()
    wishes = PlanWish.objects.count()
    erp.confirm_purchase_date(line_id=legs.pk, confirmed_at=legs.due_at)
    until(lambda: quiet(shop), what="everybody knows")
    assert PlanWish.objects.count() == wishes

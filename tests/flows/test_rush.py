"""Rush order: options in a second, one taken, promises of the displaced renewed, the rest refused with a new answer."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from aps.models import Plan, PlannedOperation
from crm.models import Notice, Promise, RushOption
from masterdata.models import FactRecord
from suite import audit
from suite.deeds import accept_rush as accept
from suite.deeds import ask_rush as ask
from tests.crew import until
from tests.flows import workshop
from tests.flows.havoc import Havoc
from tests.flows.test_breakdown import confirmed
from tests.flows.test_order_to_cash import quiet

D = Decimal


def option(request_id: int, key: str) -> RushOption:
    return RushOption.objects.filter(request_id=request_id, key=key, state="open").latest("answer_no")


@pytest.mark.tells("planning.spread_plan")
def test_fastest_option_displaces_one_order_and_says_so(havoc: Havoc) -> None:
    """One assembly machine, round the clock. An order of 6 stools wanted yesterday is planned for the next 6 h and
    promised for then. The rush: 2 stools, 2 h of work. A waits behind the 6 h: it ends about 8 h from now. C goes
    first: it ends about 2 h from now and the displaced order 2 h later than promised. Transport is 1 h in every date.
    """
    shop = workshop.build().by_the_hour()
    shop.quantity("LEG", 100)
    now = dt.datetime.now(dt.UTC)
    displaced = confirmed(shop, "STOOL", 6, (now - dt.timedelta(days=1)).date())
    havoc.strike()
    until(lambda: quiet(shop), what="the first order is planned")
    first_promise = Promise.objects.get(order_line__order=displaced)

    request = ask.ask_rush(
        customer_id=shop.other_customer.pk,
        plant_id=shop.plant.pk,
        material_id=shop.materials["STOOL"].pk,
        quantity=D(2),
        wanted_on=now.date(),
        unit_price=D(120),
        by=None,
        now=dt.datetime.now(dt.UTC),
    )
    calm, fast = option(request.pk, "A"), option(request.pk, "C")
    assert calm.deliver_at is not None
    assert fast.deliver_at is not None
    assert calm.deliver_at - fast.deliver_at == pytest.approx(dt.timedelta(hours=6), abs=dt.timedelta(minutes=10))
    assert calm.victims.count() == 0
    victim = fast.victims.get()
    assert victim.order_line.order == displaced
    assert victim.new_end_at - victim.old_end_at == pytest.approx(dt.timedelta(hours=2), abs=dt.timedelta(minutes=10))

    order = accept.accept_rush(option_id=fast.pk, by=None, now=dt.datetime.now(dt.UTC))
    havoc.workers.flush_broker()
    planned = PlannedOperation.objects.get(operation__work_order__sales_order_line__order=order)
    assert planned.ends_at + dt.timedelta(hours=1) == fast.deliver_at
    assert order.lines.get().promised_at == fast.deliver_at
    until(lambda: quiet(shop), what="everybody knows")

    versions = Promise.objects.filter(order_line__order=displaced).order_by("version_no")
    assert [version.reason for version in versions] == ["plan", "rush"]
    assert versions[0] == first_promise
    assert "rush" in versions[1].cause.lower()
    assert versions[1].promised_at == displaced.lines.get().expected_at
    notice = Notice.objects.get()
    assert notice.lines.get().promise == versions[1]
    assert shop.other_customer.name not in notice.body
    assert [promise.reason for promise in Promise.objects.filter(order_line__order=order)] == ["rush"]

    havoc.check()
    plans = Plan.objects.count()
    with pytest.raises(accept.StaleOffer) as refusal:
        accept.accept_rush(option_id=calm.pk, by=None, now=dt.datetime.now(dt.UTC))
    assert refusal.value.code == "stale_offer"
    assert Plan.objects.count() == plans
    assert FactRecord.objects.filter(kind="RushTaken").count() == 1
    assert [finding.invariant.name for finding in audit.findings() if not finding.holds] == []

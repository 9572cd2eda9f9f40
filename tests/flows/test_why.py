"""Why this date? From a promise down to what happened on the floor or at a supplier, with real workers."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from aps.models import PlannedOperation
from crm.models import Promise
from erp import services as erp
from erp.models import PurchaseOrderLine, SalesOrder
from masterdata import shown
from mes import services as mes
from mes.models import Alarm
from tests.crew import until
from tests.flows import workshop
from tests.flows.havoc import Havoc
from tests.flows.test_breakdown import confirmed, slow_and_fast
from tests.flows.test_order_to_cash import quiet
from tests.pages.conftest import person

DAY = dt.timedelta(days=1)


def why(shop: workshop.Workshop, order: SalesOrder) -> tuple[list[dict[str, Any]], str]:
    """The chain of the second promise over REST, and its page."""
    until(lambda: Promise.objects.filter(order_line__order=order).count() == 2, what="a second promise")
    until(lambda: quiet(shop), what="everybody knows")
    promise = Promise.objects.get(order_line__order=order, version_no=2)
    client = Client()
    client.force_login(person("sara", "sales", shop.plant))
    chain = client.get(f"/api/v1/crm/promises/{promise.pk}/why/").json()["chain"]
    return chain, client.get(f"/promises/{promise.pk}/why/").content.decode()


@pytest.mark.tells("breakdown.block_machine", "planning.spread_plan")
@pytest.mark.parametrize("havoc", [Havoc], indirect=True)  # breakdown and late supplier meet havoc in their own stories
def test_a_machines_alarm_stands_at_the_end_of_the_chain(havoc: Havoc) -> None:
    """ASM-01 fails; the order, planned on it without slack, moves to the slow ASM-02 and ends later."""
    shop = slow_and_fast()
    now = dt.datetime.now(dt.UTC)
    order = confirmed(shop, "STOOL", 4, (now - DAY).date())
    until(lambda: quiet(shop), what="the order is planned and promised")
    event = {"event_id": "plc-1", "machine_code": "ASM-01", "state": "fault", "code": "E-207"}
    mes.take_machine_event(**event, happened_at=now, now=dt.datetime.now(dt.UTC))
    havoc.strike()
    chain, page = why(shop, order)
    assert [link["kind"] for link in chain] == ["promise", "operation", "plan", "MachineDown"]
    promise, operation, _plan, stopped = chain
    assert promise["was"] != ""
    planned = PlannedOperation.objects.get(operation__work_order__sales_order_line__order=order)
    assert operation["title"] == f"Assemble · {planned.machine.code}"
    assert operation["value"] == shown.when(planned.ends_at)
    assert (stopped["title"], stopped["value"]) == ("ASM-01 stopped", shown.when(now))
    assert "E-207" in stopped["detail"]
    assert all(text in page for text in ("ASM-01 stopped", "E-207", operation["title"]))
    assert reverse("mes:alarm", args=[Alarm.objects.get().pk]) not in page  # sales has no business on the floor
    havoc.check()


@pytest.mark.tells("order_to_cash.want_plan_with_other_date", "planning.spread_plan")
@pytest.mark.parametrize("havoc", [Havoc], indirect=True)  # breakdown and late supplier meet havoc in their own stories
def test_a_suppliers_later_day_stands_at_the_end_of_the_chain(havoc: Havoc) -> None:
    """Legs due in a day come three days later: the purchase order, its supplier, the old and the new day."""
    shop = workshop.build()
    shop.quantity("BOARD", 4)
    order = confirmed(shop, "TABLE", 2, dt.datetime.now(dt.UTC).date())
    until(lambda: quiet(shop), what="the order is planned and promised")
    legs = PurchaseOrderLine.objects.select_related("order__supplier").get(material__code="LEG")
    erp.confirm_purchase_date(line_id=legs.pk, confirmed_at=legs.due_at + 3 * DAY)
    havoc.strike()
    chain, page = why(shop, order)
    assert chain[0]["kind"] == "promise"
    late = chain[-1]
    assert (late["kind"], late["title"], late["detail"]) == (
        "PurchaseDateChanged",
        f"Leg from {legs.order.supplier.name} comes later",
        legs.order.number,
    )
    assert late["value"] == shown.day(legs.due_at + 3 * DAY)
    assert late["was"] == f"was {shown.day(legs.due_at)}"
    assert all(text in page for text in (late["title"], late["detail"], late["value"], late["was"]))
    havoc.check()

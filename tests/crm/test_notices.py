"""Notices: one per changed promise, honest, in plain words and plant time, without another customer's name."""

from __future__ import annotations

import pytest

from crm import services as crm
from crm.models import Notice, Promise
from masterdata.causes import Cause
from tests.crm.orders import NOW, at, confirmed, plan
from tests.flows.workshop import Workshop


def changed_promise(shop: Workshop, cause: Cause, after_plan: int = 0) -> Promise:
    """An order promised for Tue 24 Nov 13:00 UTC that slips to Thu 26 Nov 14:30 UTC."""
    order = confirmed(shop)
    plan(shop, after_plan + 1, {order: at(24, 12)})
    crm.renew_promises(plant_id=shop.plant.pk, plan_no=after_plan + 1, cause=cause, now=NOW)
    plan(shop, after_plan + 2, {order: at(26, 13, 30)})
    (promise,) = crm.renew_promises(plant_id=shop.plant.pk, plan_no=after_plan + 2, cause=cause, now=NOW)
    return promise


def test_breakdown_names_the_machine_and_both_dates(shop: Workshop) -> None:
    promise = changed_promise(shop, Cause("breakdown", "Machine ASM-01 is down since Mon 23 Nov, 09:14"))
    notice = crm.write_notice(promise_id=promise.pk, now=NOW)
    assert notice.customer == shop.customer
    assert notice.subject == "Order SO-2026-00001: new delivery date Thu 26 Nov, 14:30"
    assert "Promised: Tue 24 Nov, 13:00\nNew date: Thu 26 Nov, 14:30" in notice.body
    assert "Machine ASM-01 is down since Mon 23 Nov, 09:14." in notice.body
    assert "4 PC Stool Rive" in notice.body


def test_dates_are_in_plant_time(shop: Workshop) -> None:
    """14:30 UTC is 15:30 in Berlin in November."""
    shop.plant.time_zone = "Europe/Berlin"
    shop.plant.save()
    promise = changed_promise(shop, Cause("breakdown", "Machine ASM-01 is down"))
    assert crm.write_notice(promise_id=promise.pk, now=NOW).subject.endswith("Thu 26 Nov, 15:30")


@pytest.mark.parametrize("reason", ["rush", "order", "progress", "planner", "machine_up", "material"])
def test_no_other_customer_and_no_other_order_is_named(shop: Workshop, reason: str) -> None:
    promise = changed_promise(shop, Cause(reason, "Rush order SO-2026-00099 for Harbour Homes was taken first"))
    notice = crm.write_notice(promise_id=promise.pk, now=NOW)
    assert "Harbour Homes" in promise.cause
    assert "Harbour Homes" not in notice.body
    assert "SO-2026-00099" not in notice.body


def test_each_kind_of_cause_is_said_in_its_own_words(shop: Workshop) -> None:
    said = {}
    for number, reason in enumerate(("rush", "material", "order")):
        promise = changed_promise(shop, Cause(reason, "told inside"), after_plan=2 * number)
        body = crm.write_notice(promise_id=promise.pk, now=NOW).body
        said[reason] = next(row for row in body.splitlines() if row.startswith("Why: "))
    assert said == {
        "rush": "Why: We took an urgent order first, and it uses machines that your order needs.",
        "material": "Why: Material for your order comes later than we expected.",
        "order": "Why: Work before your order takes longer than we had planned.",
    }


def test_second_call_writes_no_second_notice(shop: Workshop) -> None:
    promise = changed_promise(shop, Cause("rush", "Rush order SO-2026-00099 was taken first"))
    first = crm.write_notice(promise_id=promise.pk, now=NOW)
    assert crm.write_notice(promise_id=promise.pk, now=NOW) == first
    assert Notice.objects.count() == 1


def test_first_promise_has_no_notice(shop: Workshop) -> None:
    order = confirmed(shop)
    plan(shop, 1, {order: at(24, 12)})
    (promise,) = crm.renew_promises(plant_id=shop.plant.pk, plan_no=1, cause=Cause("order", "Order"), now=NOW)
    with pytest.raises(ValueError, match="first promise"):
        crm.write_notice(promise_id=promise.pk, now=NOW)

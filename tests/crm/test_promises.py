"""Promises: one version per change, never earlier by itself, each with its cause."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from crm import invariants
from crm import services as crm
from crm.models import Promise
from erp.models import SalesOrder
from masterdata.causes import Cause
from masterdata.models import FactRecord
from tests.crm.orders import NOW, at, confirmed, line_of, plan
from tests.flows.workshop import Workshop

DOWN = Cause("breakdown", "Machine ASM-01 is down since Mon 23 Nov, 09:14")
ORDER = Cause("order", "Order SO-2026-00001")


def renew(shop: Workshop, plan_no: int, cause: Cause = ORDER) -> list[Promise]:
    return crm.renew_promises(plant_id=shop.plant.pk, plan_no=plan_no, cause=cause, now=NOW)


def versions(order: SalesOrder) -> list[tuple[int, str, dt.datetime]]:
    rows = Promise.objects.filter(order_line__order=order).order_by("version_no")
    return [(row.version_no, row.reason, row.promised_at) for row in rows]


def test_first_plan_makes_the_first_promise_and_tells_nobody(shop: Workshop) -> None:
    """Assembly ends Tue 24 Nov 12:00, transport 60 min: promised for 13:00."""
    order = confirmed(shop)
    plan(shop, 1, {order: at(24, 12)})
    renew(shop, 1)
    assert versions(order) == [(1, "plan", at(24, 13))]
    assert line_of(order).promised_at == at(24, 13)
    assert not FactRecord.objects.filter(kind="PromiseChanged").exists()


def test_wanted_day_is_promised_when_the_plan_keeps_it_and_its_slack_absorbs_a_delay(shop: Workshop) -> None:
    """Wanted on Fri 27 Nov in Berlin (UTC + 1 h): promised to the last minute of that day, 22:59 UTC.

    Expected Tue 13:00, then Thu 18:00: still kept, nothing changes. Sat 28 Nov 00:00 UTC is late.
    """
    shop.plant.time_zone = "Europe/Berlin"
    shop.plant.save()
    order = confirmed(shop, wanted=dt.date(2026, 11, 27))
    for number, end in ((1, at(24, 12)), (2, at(26, 17))):
        plan(shop, number, {order: end})
        renew(shop, number, DOWN)
    assert versions(order) == [(1, "plan", at(27, 22, 59))]
    plan(shop, 3, {order: at(27, 23)})
    renew(shop, 3, DOWN)
    assert versions(order)[1:] == [(2, "breakdown", at(28, 0))]


def test_slip_appends_one_version_with_its_cause(shop: Workshop) -> None:
    """From Tue 13:00 to Tue 17:00."""
    order = confirmed(shop)
    plan(shop, 1, {order: at(24, 12)})
    renew(shop, 1)
    plan(shop, 2, {order: at(24, 16)})
    (promise,) = renew(shop, 2, DOWN)
    assert versions(order) == [(1, "plan", at(24, 13)), (2, "breakdown", at(24, 17))]
    assert (promise.cause, promise.plan_no) == (DOWN.text, 2)
    assert Promise.objects.get(order_line__order=order, version_no=1).closed_at == NOW
    assert line_of(order).promised_at == at(24, 17)
    stated = FactRecord.objects.get(kind="PromiseChanged")
    assert stated.payload["promise_id"] == promise.pk


def test_second_renewal_of_the_same_plan_changes_nothing(shop: Workshop) -> None:
    order = confirmed(shop)
    for number, end in ((1, at(24, 12)), (2, at(24, 16))):
        plan(shop, number, {order: end})
        renew(shop, number, DOWN)
    before = versions(order)
    assert renew(shop, 2, DOWN) == []
    assert versions(order) == before
    assert FactRecord.objects.filter(kind="PromiseChanged").count() == 1


def test_earlier_plan_leaves_the_promise(shop: Workshop) -> None:
    order = confirmed(shop)
    plan(shop, 1, {order: at(24, 12)})
    renew(shop, 1)
    plan(shop, 2, {order: at(24, 9)})
    assert renew(shop, 2) == []
    assert line_of(order).promised_at == at(24, 13)
    assert line_of(order).expected_at == at(24, 10)


def test_slip_below_a_quarter_of_an_hour_is_noise(shop: Workshop) -> None:
    """14 min 59 s later: kept. 15 min later than promised: a new version."""
    order = confirmed(shop)
    plan(shop, 1, {order: at(24, 12)})
    renew(shop, 1)
    plan(shop, 2, {order: at(24, 12) + dt.timedelta(minutes=14, seconds=59)})
    assert renew(shop, 2) == []
    plan(shop, 3, {order: at(24, 12) + dt.timedelta(minutes=15)})
    assert len(renew(shop, 3)) == 1


def test_only_the_named_lines_are_renewed_when_lines_are_named(shop: Workshop) -> None:
    hurt, spared = confirmed(shop), confirmed(shop, other=True)
    plan(shop, 1, {hurt: at(24, 12), spared: at(24, 14)})
    renew(shop, 1)
    plan(shop, 2, {hurt: at(24, 16), spared: at(24, 18)})
    crm.renew_promises(plant_id=shop.plant.pk, plan_no=2, cause=DOWN, line_ids=[line_of(hurt).pk], now=NOW)
    assert [len(versions(order)) for order in (hurt, spared)] == [2, 1]


def test_number_of_queries_does_not_grow_with_the_lines(shop: Workshop) -> None:
    def queries(orders: list[SalesOrder], plan_no: int, hour: int) -> int:
        plan(shop, plan_no, {order: at(24 + index, hour) for index, order in enumerate(orders)})
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert len(renew(shop, plan_no, DOWN)) == len(orders)
        return len(captured)

    one = [confirmed(shop)]
    queries(one, 1, 8)
    alone = queries(one, 2, 10)
    four = [*one, *(confirmed(shop) for _ in range(3))]
    queries_of_first = queries(four, 3, 12)
    assert queries_of_first == alone
    assert queries(four, 4, 14) == alone


def test_written_promises_cannot_be_changed_or_deleted(shop: Workshop) -> None:
    order = confirmed(shop)
    plan(shop, 1, {order: at(24, 12)})
    (promise,) = renew(shop, 1)
    with pytest.raises(DatabaseError), transaction.atomic():
        Promise.objects.filter(pk=promise.pk).update(promised_at=at(24, 14))
    with pytest.raises(DatabaseError), transaction.atomic():
        promise.delete()


def broken() -> list[str]:
    """Names of the invariants of crm that do not hold."""
    found = []
    for invariant in invariants.INVARIANTS:
        with connection.cursor() as cursor:
            cursor.execute(invariant.sql)
            if cursor.fetchall():
                found.append(invariant.name)
    return found


def test_invariants_hold_and_see_a_line_that_lost_its_promise(shop: Workshop) -> None:
    order = confirmed(shop)
    for number, end in ((1, at(24, 12)), (2, at(24, 16))):
        plan(shop, number, {order: end})
        renew(shop, number, DOWN)
    assert broken() == []
    line = line_of(order)
    line.promised_at = at(25, 9)
    line.save(update_fields=["promised_at"])
    assert broken() == ["line_carries_its_promise"]

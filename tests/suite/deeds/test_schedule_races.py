"""Two people click at once: one order, one place in the plan; and one of them takes it back."""

from __future__ import annotations

import threading

from django.db import connections

from aps.models import Plan
from crm.models import QuotationScheduling, StageMove
from erp.models import SalesOrder
from masterdata.models import FactRecord
from tests.suite.deeds.scheduling import busy_shop, click, own, quoted
from tests.suite.deeds.test_undo_schedule import opportunity, undo
from tests.suite.deeds.test_undo_schedule import quoted as quoted_for


def test_two_people_click_at_once_and_there_is_one_order(committed: None, by_itself: None) -> None:
    quotation, found = quoted(busy_shop(), "2"), list[int]()

    def one() -> None:
        try:
            found.append(click(quotation).order.pk)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert len(set(found)) == 1
    assert QuotationScheduling.objects.count() == 1
    assert len(own(SalesOrder.objects.get(pk=found[0]))) == 1


def test_two_people_take_it_back_at_once_and_it_is_taken_back_once(committed: None, by_itself: None) -> None:
    shop = busy_shop()
    row = opportunity(shop)
    order = click(quoted_for(shop, opportunity_id=row.pk)).order
    plans, failed = Plan.objects.count(), list[Exception]()

    def one() -> None:
        try:
            undo(order)
        except Exception as error:  # noqa: BLE001 - told to the test
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert Plan.objects.count() == plans + 1
    assert FactRecord.objects.filter(kind="QuotationReopened", subject=f"order:{order.pk}").count() == 1
    assert list(StageMove.objects.order_by("pk").values_list("stage__name", flat=True)) == ["New", "Won", "New"]

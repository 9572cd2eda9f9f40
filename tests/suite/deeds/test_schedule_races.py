"""Two people click at once: one order, one place in the plan."""

from __future__ import annotations

import threading

from django.db import connections
from django.test import override_settings

from crm.models import QuotationScheduling
from erp.models import SalesOrder
from tests.suite.deeds.test_schedule_quotation import busy_shop, click, own, quoted


@override_settings(REDIS_URL="redis://127.0.0.1:1/0", THROUGHLINE_SOLVE_MOVES=200)
def test_two_people_click_at_once_and_there_is_one_order(committed: None) -> None:
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

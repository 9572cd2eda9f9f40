"""Two receipts of one subcontracted line at once: each piece of what we supplied is used once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection

from erp import services as erp
from erp.models import ReceiptLine, StockBalance, SuppliedComponent
from masterdata.errors import Refusal
from masterdata.models import Location
from suite import audit
from tests.erp.shop import NOW, Shop
from tests.erp.supply.test_subcontracts import Job

D = Decimal
pytestmark = pytest.mark.usefixtures("committed")


def test_two_receipts_at_once_use_what_is_there_once() -> None:
    """28 legs for 7 tables lie at the yard; two deliveries of 4 come at the same moment.

    One is booked and uses 16 legs; the other would use 16 of the 12 left, and is told so.
    """
    job = Job(Shop())
    job.supply()
    job.send()
    back = [erp.ComponentPart(component_id=job.legs.pk, quantity=D(12))]
    erp.take_back_components(order_id=job.order.pk, parts=back, now=NOW)
    both = Barrier(2)

    def receive(_: int) -> str:
        try:
            both.wait()
            erp.receive_purchase(purchase_order_id=job.order.pk, lines=[(job.line.pk, D(4))], now=NOW)
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()
        return "booked"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(receive, range(2))) == ["booked", "components_missing"]
    assert ReceiptLine.objects.get().quantity == D(4)
    assert SuppliedComponent.objects.get(pk=job.legs.pk).used_qty == D(16)
    there = StockBalance.objects.get(material=job.leg, location__kind=Location.Kind.SUBCONTRACTOR)
    assert there.on_hand == D(12)
    assert [one for one in audit.findings() if not one.holds] == []

"""A work order closed short leaves nothing in work and nothing kept, and the order gets the rest by other work."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from erp import services as erp
from erp.models import Reservation, SalesOrder, WorkOrder
from masterdata.errors import StaleVersion
from masterdata.models import FactRecord
from tests.erp.shop import NOW, Shop
from tests.erp.workbench import report

pytestmark = pytest.mark.django_db

LATER = NOW + dt.timedelta(hours=2)


@pytest.fixture
def order(shop: Shop) -> SalesOrder:
    """Five tables of one top each; six tops are in stock."""
    table, top = shop.make("TABLE"), shop.buy("TOP", cost="3")
    shop.price(top, "3")
    shop.bom(table, (top, "1"))
    shop.stock(top, "6", "3")
    return shop.order((table, "5", "100"))


def test_what_is_missing_is_made_by_another_work_order(order: SalesOrder) -> None:
    """2 of 5 tables are made: 3 are missing, and a new work order for 3 keeps the tops that were kept for the first."""
    work = WorkOrder.objects.get()
    report(work, 10, "2")
    closed = erp.close_short(work_order_id=work.pk, reason="The saw is needed elsewhere", now=LATER)
    assert (closed.state, closed.good_qty) == ("closed", 2)
    other = WorkOrder.objects.exclude(pk=work.pk).get()
    assert (other.quantity, other.state, other.sales_order_line.order) == (3, "firm", order)
    kept = Reservation.objects.filter(quantity__gt=0)
    assert [(row.work_order_material.work_order, row.quantity) for row in kept] == [(other, 3)]
    told = FactRecord.objects.get(kind="WorkOrderChanged", payload__what="short")
    assert told.payload["text"] == "3 not made: The saw is needed elsewhere"
    assert FactRecord.objects.filter(kind="PiecesLost").exists()


def test_work_that_never_began_is_closed_without_a_trace_in_stock(order: SalesOrder) -> None:
    work = WorkOrder.objects.get()
    assert erp.close_short(work_order_id=work.pk, reason="Not now", now=LATER).state == "closed"
    assert WorkOrder.objects.exclude(pk=work.pk).get().quantity == 5


def test_what_it_owes_blocks_it(shop: Shop) -> None:
    """A table was made of a top that nobody has booked."""
    table, top = shop.make("TABLE"), shop.buy("TOP", cost="3")
    shop.price(top, "3")
    shop.bom(table, (top, "1"))
    shop.order((table, "5", "100"))
    work = WorkOrder.objects.get()
    report(work, 10, "1")
    with pytest.raises(erp.OwesMaterial) as refused:
        erp.close_short(work_order_id=work.pk, reason="Enough", now=LATER)
    assert refused.value.values["materials"] == ["TOP"]


def test_a_version_that_passed_is_refused(order: SalesOrder) -> None:
    work = WorkOrder.objects.get()
    with pytest.raises(StaleVersion):
        erp.close_short(work_order_id=work.pk, reason="Enough", now=LATER, expected_version=work.version + 1)
    erp.report_operation(
        operation_id=work.operations.get().pk, good_qty=Decimal(5), scrap_qty=Decimal(0), worked_min=Decimal(1),
        now=LATER,
    )  # fmt: skip
    with pytest.raises(Exception, match="closed"):
        erp.close_short(work_order_id=work.pk, reason="Enough", now=LATER)

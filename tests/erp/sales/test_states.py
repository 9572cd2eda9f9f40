"""The word for where an order is: the whole table of percentages, and orders made by hand that are in each state."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from erp import selectors as erp_now
from erp import services as erp
from erp.models import Peg, SalesOrder, WorkOrder, WorkOrderOperation
from erp.sales.selectors import OrderStatus, line_work
from erp.sales.views.work import now_sentence
from masterdata.line import STATION_KEYS, Station
from tests.erp import workbench
from tests.erp.shop import NOW, Shop

D = Decimal
HOUR = dt.timedelta(hours=1)

# confirmed, material, scheduled, in production, ready, shipped, invoiced, paid -> the word
TABLE = [
    ((0, 0, 0, 0, 0, 0, 0, 0), "draft"),
    ((100, 100, 0, 0, 0, 0, 0, 0), "confirmed"),
    ((100, 50, 0, 0, 0, 0, 0, 0), "material"),
    ((100, 50, 100, 0, 0, 0, 0, 0), "scheduled"),
    ((100, 100, 100, 0, 0, 0, 0, 0), "scheduled"),
    ((100, 50, 50, 25, 0, 0, 0, 0), "in_production"),
    ((100, 100, 100, 25, 25, 0, 0, 0), "in_production"),
    ((100, 100, 100, 50, 50, 50, 0, 0), "in_production"),
    ((100, 100, 0, 50, 50, 50, 50, 50), "in_production"),
    ((100, 75, 100, 100, 75, 0, 0, 0), "material"),
    ((100, 100, 100, 100, 50, 50, 0, 0), "material"),
    ((100, 100, 100, 100, 100, 0, 0, 0), "ready"),
    ((100, 100, 100, 100, 100, 50, 50, 50), "ready"),
    ((100, 100, 100, 100, 100, 100, 0, 0), "shipped"),
    ((100, 100, 100, 100, 100, 100, 50, 50), "shipped"),
    ((100, 100, 100, 100, 100, 100, 100, 0), "invoiced"),
    ((100, 100, 100, 100, 100, 100, 100, 100), "paid"),
]


@pytest.mark.parametrize(("percents", "word"), TABLE)
def test_the_word_follows_from_the_percentages(percents: tuple[int, ...], word: str) -> None:
    stations = tuple(Station(key, percent=n) for key, n in zip(STATION_KEYS, (100, *percents), strict=True))
    assert OrderStatus(1, stations).state == word
    assert OrderStatus(1, stations, is_cancelled=True).state == "cancelled"


def is_now(order: SalesOrder) -> tuple[str, int, str]:
    """The word, how far production is, and the sentence."""
    detail = erp_now.order_detail(order.pk)
    work = line_work(order.pk, detail.lines, detail.work_orders)
    return detail.status.state, detail.status.percent("in_production"), now_sentence(detail, work, timezone.now(), {})


def sent(order: SalesOrder) -> None:
    erp.ship(shipment_id=erp.pack_shipment(order_id=order.pk, now=NOW).pk, now=NOW)


def planned(shop: Shop, work_order: WorkOrder, plan_no: int) -> None:
    """Its only operation stands in a plan."""
    operation = WorkOrderOperation.objects.get(work_order=work_order)
    place = erp.Placement(operation.pk, shop.saw_one.pk, NOW, NOW + HOUR)
    erp.apply_plan(plant_id=shop.plant.pk, plan_no=plan_no, placements=[place])


def test_an_order_that_is_made_again_is_in_production_until_all_is_good(shop: Shop) -> None:
    """2 shelves, 10 + 2 min a piece: 14 min. 1 good, 1 scrap: its 7 min are done, of 7 + 12 = 19: 36 %. Then all."""
    shelf = shop.make("SHELF")
    order = shop.order((shelf, "2"))
    assert is_now(order) == ("confirmed", 0, "Waits for its first plan.")
    first = WorkOrder.objects.get()
    planned(shop, first, 1)
    line = order.lines.get()
    assert (is_now(order)[0], line.expected_at) == ("scheduled", NOW + 3 * HOUR)
    workbench.report(first, 10, "1", "1", now=NOW)
    assert is_now(order) == ("in_production", 36, "1 piece is ready to be packed.")
    sent(order)
    assert is_now(order) == ("in_production", 36, "To be made again: 1 × Shelf. Waits for its plan.")
    second = WorkOrder.objects.latest("id")
    planned(shop, second, 2)
    line.refresh_from_db()
    assert line.expected_at == NOW + 3 * HOUR
    assert is_now(order)[2].startswith("Next: Saw at SAW-1")
    workbench.report(second, 10, "1", now=NOW)
    assert is_now(order)[:2] == ("ready", 100)
    sent(order)
    assert is_now(order) == ("shipped", 100, "Not invoiced yet.")


def test_an_older_plan_gives_no_date_to_an_order_with_new_work(shop: Shop) -> None:
    """The plan was made before the piece was lost, and is applied after it."""
    order = shop.order((shop.make("SHELF"), "2"))
    first = WorkOrder.objects.get()
    planned(shop, first, 1)
    workbench.report(first, 10, "0", "1", now=NOW)
    operation = WorkOrderOperation.objects.get(work_order=first)
    late = erp.Placement(operation.pk, shop.saw_one.pk, NOW + HOUR, NOW + 2 * HOUR)
    erp.apply_plan(plant_id=shop.plant.pk, plan_no=2, placements=[late])
    assert order.lines.get().expected_at is None


def test_what_nobody_makes_again_is_not_produced(shop: Shop) -> None:
    """An order from before: 1 of 2 was lost and nothing followed. Half produced, half shipped: in production 50 %."""
    order = shop.order((shop.make("SHELF"), "2"))
    work_order = WorkOrder.objects.get()
    Peg.objects.all().delete()
    workbench.report(work_order, 10, "1", "1", now=NOW)
    sent(order)
    assert is_now(order) == ("in_production", 50, "1 piece is still to come.")
    SalesOrder.objects.update(cancelled_at=NOW)  # else the audit finds it, rightly


def test_an_order_whose_work_is_done_waits_for_what_is_bought(shop: Shop) -> None:
    """1 shelf made and shipped, 1 lamp on its way: everything produced, half ready."""
    lamp = shop.buy("LAMP")
    shop.price(lamp)
    order = shop.order((shop.make("SHELF"), "1"), (lamp, "1"))
    workbench.report(WorkOrder.objects.get(), 10, "1", now=NOW)
    sent(order)
    assert is_now(order) == ("material", 100, "1 piece is still to come.")

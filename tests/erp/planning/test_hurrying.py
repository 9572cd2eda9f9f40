"""What comes too late is hurried, also when plan and promise have given way to it: what was promised first counts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from erp import selectors as erp_now
from erp import services as erp
from erp.models import ActionMessage, PurchaseOrderLine, SalesOrder, SalesOrderLine, WorkOrder
from masterdata.models import MaterialPlant
from tests.erp.planning.test_run import day, plan, regenerate
from tests.erp.planning.test_transit import run
from tests.erp.shop import NOW, Shop
from tests.erp.stock.test_transit import second_plant

D = Decimal
DAY = dt.timedelta(days=1)


def said() -> list[tuple[str, dt.date | None, dt.date | None]]:
    return list(ActionMessage.objects.order_by("kind").values_list("kind", "from_on", "to_on"))


def shelf_for_day_10(shop: Shop) -> SalesOrderLine:
    """A confirmed order for a shelf that is made of a board, bought in 5 days."""
    shelf, board = shop.make("SHELF"), shop.buy("BOARD")
    shop.price(board, days=5)
    shop.bom(shelf, (board, "1"))
    draft = shop.draft((shelf, "1"))
    draft.lines.update(wanted_on=day(10))
    return erp.confirm_order(order_id=draft.pk, now=NOW).lines.get()


def test_a_late_purchase_is_hurried_for_the_first_promise(shop: Shop) -> None:
    """A shelf for day 10 at noon, its board bought in 5 days. The supplier says day 40: plan and promise follow to 41.

    The board was to be there on day 10: at noon less 2 hours of transport and 12 minutes at the saw. When the supplier
    says day 9 after all, nobody is told anything.
    """
    line = shelf_for_day_10(shop)
    noon = dt.datetime.combine(day(10), dt.time(12), dt.UTC)
    erp.set_promise(line_id=line.pk, promised_at=noon)
    operations = WorkOrder.objects.get(sales_order_line=line).operations
    operations.update(planned_start_at=NOW + 9 * DAY)
    plan(shop)
    assert said() == []
    bought = PurchaseOrderLine.objects.get()
    erp.confirm_purchase_date(line_id=bought.pk, confirmed_at=NOW + 40 * DAY)
    operations.update(planned_start_at=NOW + 40 * DAY)
    erp.set_promise(line_id=line.pk, promised_at=noon + 31 * DAY)
    plan(shop)
    assert said() == [("expedite", day(40), day(10))]
    assert regenerate(shop).changes == 0
    erp.confirm_purchase_date(line_id=bought.pk, confirmed_at=NOW + 9 * DAY)
    plan(shop)
    assert "expedite" not in {kind for kind, _, _ in said()}


def test_what_waits_for_something_else_hurries_nobody(shop: Shop) -> None:
    """The board comes on day 20 instead of 10, and the plan begins on day 40 for want of a machine: it is in time."""
    line = shelf_for_day_10(shop)
    erp.set_promise(line_id=line.pk, promised_at=NOW + 10 * DAY)
    WorkOrder.objects.get(sales_order_line=line).operations.update(planned_start_at=NOW + 40 * DAY)
    erp.confirm_purchase_date(line_id=PurchaseOrderLine.objects.get().pk, confirmed_at=NOW + 20 * DAY)
    plan(shop)
    assert "expedite" not in {kind for kind, _, _ in said()}


def test_goods_for_stock_are_hurried_for_whom_they_were_promised_to(shop: Shop) -> None:
    """8 stools ordered for stock are due on day 5, promised to a customer for day 7; they come on day 60."""
    stool = shop.buy("STOOL")
    shop.price(stool, days=3)
    MaterialPlant.objects.create(material=stool, plant=shop.plant, policy="to_stock")
    row = erp.PurchaseLineInput(stool.pk, D(8), D(1), NOW + 5 * DAY)
    erp.create_purchase_order(plant=shop.plant, supplier=shop.supplier, lines=[row], now=NOW)
    draft = shop.draft((stool, "8"))
    draft.lines.update(wanted_on=day(7))
    line = erp.confirm_order(order_id=draft.pk, now=NOW).lines.get()
    erp.set_promise(line_id=line.pk, promised_at=NOW + 7 * DAY)
    plan(shop)
    assert said() == []
    erp.confirm_purchase_date(line_id=PurchaseOrderLine.objects.get().pk, confirmed_at=NOW + 60 * DAY)
    erp.set_promise(line_id=line.pk, promised_at=NOW + 61 * DAY)
    plan(shop)
    assert said() == [("expedite", day(60), day(7))]


def test_a_purchase_that_comes_too_late_is_told_when_the_order_is_confirmed(shop: Shop) -> None:
    """An open purchase comes in 200 days; four of it become the order's of day 10: planning the changes says so."""
    board = shop.buy("BOARD")
    shop.price(board, days=5)
    row = erp.PurchaseLineInput(board.pk, D(10), D(1), NOW + 200 * DAY)
    erp.create_purchase_order(plant=shop.plant, supplier=shop.supplier, lines=[row], now=NOW)
    draft = shop.draft((board, "4"))
    draft.lines.update(wanted_on=day(10))
    erp.confirm_order(order_id=draft.pk, now=NOW)
    plan(shop)
    assert [kind for kind, _, _ in said()] == ["expedite"]
    assert regenerate(shop).changes == 0


def at(order: SalesOrder) -> list[tuple[str, dt.date | None]]:
    (line,) = erp_now.available_to_promise(order_id=order.pk, now=NOW)
    return [(part.source, part.at.date() if part.at else None) for part in line.parts]


def test_what_is_proposed_is_promised_for_when_its_components_are_there(shop: Shop) -> None:
    """A table for day 18, made in 2 days of a top made in 3 of a board bought in 30: it can begin on day 30 + 3.

    The proposals say day 16 for the table, day 13 for the top. The board is 30 - 13 = 17 days late for the top and so
    the top for the table, which is there on day 19 (the end of day 18) + 17 = 36. A draft says the same from the lead
    times: 30 + 3 + 2 = 35, its end 36.
    """
    table, top, board = shop.make("TABLE"), shop.make("TOP"), shop.buy("BOARD")
    shop.price(board, days=30)
    shop.bom(top, (board, "1"))
    shop.bom(table, (top, "1"))
    for material, days in ((table, 2), (top, 3), (board, 0)):
        MaterialPlant.objects.create(material=material, plant=shop.plant, policy="to_stock", lead_time_days=days)
    draft = shop.draft((table, "5"))
    draft.lines.update(wanted_on=day(18))
    assert at(draft) == [("lead_time", day(36))]
    order = erp.confirm_order(order_id=draft.pk, now=NOW)
    plan(shop)
    starts = WorkOrder.objects.order_by("start_by_on").values_list("start_by_on", flat=True)
    assert list(starts) == [day(13), day(16)]
    assert at(order) == [("work_order", day(36))]


def test_a_transfer_is_promised_for_when_the_other_plant_has_it(shop: Shop) -> None:
    """Bought there in 30 days, moved in 2: a draft says day 30 + 2, and so does what is planned for day 18."""
    stool, other = shop.buy("STOOL"), second_plant(shop)
    shop.price(stool, days=30)
    MaterialPlant.objects.create(material=stool, plant=shop.plant, policy="to_stock")
    MaterialPlant.objects.create(
        material=stool, plant=other, policy="to_stock", source_plant=shop.plant, lead_time_days=2
    )
    draft = shop.draft((stool, "5"))
    draft.lines.update(plant=other, wanted_on=day(18))
    order = erp.confirm_order(order_id=draft.pk, now=NOW)
    run(other, shop.plant)
    assert at(order) == [("planned", day(32))]

"""A material's outlook: the balance day by day, pegs both ways, the chart, components, purchases, where it is used."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from erp import services as erp
from erp.material import selectors
from erp.material.chart import chart
from erp.models import PurchaseOrder, WorkOrderOperation
from masterdata import selectors as masterdata_now
from masterdata.models import Company, Currency, Material, MaterialPlant, Plant
from tests.erp.shop import NOW, Shop
from tests.pages.conftest import person

TODAY = NOW.date()  # Monday 2 March 2026


def day(count: int) -> dt.date:
    return TODAY + dt.timedelta(days=count)


@pytest.fixture
def ordered(shop: Shop) -> tuple[Material, Material]:
    """Five tables for Friday 20 March, begun on Monday 16; a top each, 2 in stock, 3 come in 4 days."""
    table, top = shop.make("TABLE"), shop.buy("TOP", cost="3")
    shop.price(top, "3", days=4)
    shop.bom(table, (top, "1"))
    shop.stock(top, "2")
    shop.order((table, "5", "100"))
    start = dt.datetime(2026, 3, 16, 8, tzinfo=dt.UTC)
    WorkOrderOperation.objects.update(planned_start_at=start)
    return table, top


def of(shop: Shop, material: Material) -> selectors.Outlook:
    found = selectors.outlooks(material_ids=[material.pk], plant_ids=[shop.plant.pk], now=NOW)
    return found[material.pk, shop.plant.pk]


def told(outlook: selectors.Outlook) -> list[tuple[str, dt.date, Decimal, Decimal]]:
    return [(event.kind, event.on, event.quantity, event.balance) for event in outlook.events]


def test_the_balance_follows_what_comes_and_goes(shop: Shop, ordered: tuple[Material, Material]) -> None:
    """2 tops now (both kept for the order), 3 come on 6 March, 5 go on the 16th: 2, 5, 0. Nothing is free."""
    found = of(shop, ordered[1])
    assert (found.on_hand, found.free) == (2, 0)
    assert told(found) == [
        ("purchase_line", day(4), Decimal(3), Decimal(5)),
        ("need", day(14), Decimal(-5), Decimal(0)),
    ]
    assert (found.lowest, found.short_on, found.next_supply) == ((day(14), Decimal(0)), None, found.events[0])
    assert found.available_on(Decimal(1)) is None
    shop.stock(ordered[1], "4")
    found = of(shop, ordered[1])
    assert found.available_on(Decimal(4)) == TODAY
    assert found.available_on(Decimal(5)) is None


def test_what_was_due_and_did_not_come_counts_today(shop: Shop, ordered: tuple[Material, Material]) -> None:
    """Ten days later the purchase of 6 March has not come: it is expected on the day, and says since when."""
    found = selectors.outlooks(
        material_ids=[ordered[1].pk], plant_ids=[shop.plant.pk], now=NOW + dt.timedelta(days=10)
    )[ordered[1].pk, shop.plant.pk]
    first = found.events[0]
    assert (first.on, first.was_on, first.is_overdue) == (day(10), day(4), True)


def test_short_stock_and_safety_stock_are_told_by_their_first_day(
    shop: Shop, ordered: tuple[Material, Material]
) -> None:
    """The supplier says 20 March: 5 go on the 16th with 2 there: 3 lack. Safety stock 1 holds till then."""
    top = ordered[1]
    MaterialPlant.objects.update_or_create(material=top, plant=shop.plant, defaults={"safety_stock": Decimal(1)})
    line = PurchaseOrder.objects.get().lines.get()
    erp.confirm_purchase_date(line_id=line.pk, confirmed_at=dt.datetime(2026, 3, 20, 12, tzinfo=dt.UTC))
    found = of(shop, top)
    assert (found.short_on, found.below_safety_on) == (day(14), day(14))
    assert found.lowest == (day(14), Decimal(-3))
    assert found.events[-1].is_firm


def test_pegs_lead_both_ways(shop: Shop, ordered: tuple[Material, Material]) -> None:
    """The work's need of 5: 2 from the stock, 3 from the purchase, which is for it. The tables: by order."""
    table, top = ordered
    events = of(shop, top).events
    bought, need = events
    links = selectors.links(events)
    assert [(link.event, link.quantity) for link in links[need.key]] == [(None, Decimal(2)), (bought, Decimal(3))]
    assert [(link.event, link.quantity) for link in links[bought.key]] == [(need, Decimal(3))]
    events = of(shop, table).events
    assert [event.kind for event in events] == ["work_order", "sales_line"]
    links = selectors.links(events)
    assert [(link.event, link.quantity) for link in links[events[1].key]] == [(events[0], Decimal(5))]
    assert need.order_number == events[0].order_number == events[1].order_number != ""


def test_the_chart_has_the_same_steps(shop: Shop, ordered: tuple[Material, Material]) -> None:
    """0 to 5 on an axis of four steps of 2, so 8 at the top: 2 is at 3/4 of the height, 5 at 3/8, 0 at the bottom.

    Two weeks and a bit (14 x 1.02) from 4 % of the width on: 6 March at 40 + 960 x 4 / 14.28 = 308.9.
    """
    drawn = chart(of(shop, ordered[1]))
    assert drawn.heights == ("8", "6", "4", "2", "0")
    assert drawn.line == "M0.0 750.0H308.9V375.0H981.2V1000.0H1000"
    assert (drawn.today, drawn.zero, drawn.short, drawn.safety) == (40.0, 1000.0, "", None)
    assert (drawn.supplies, drawn.demands) == (((308.9, 375.0),), ((981.2, 1000.0),))


def test_the_part_of_the_line_below_nothing_is_marked(shop: Shop, ordered: tuple[Material, Material]) -> None:
    """2 there, 5 go, 3 come later: between the two days the line lies at -3."""
    line = PurchaseOrder.objects.get().lines.get()
    erp.confirm_purchase_date(line_id=line.pk, confirmed_at=dt.datetime(2026, 3, 20, 12, tzinfo=dt.UTC))
    drawn = chart(of(shop, ordered[1]))
    assert drawn.heights == ("4", "2", "0", "−2", "−4")
    assert drawn.short.startswith("M")
    assert drawn.short.count("M") == 1


def test_components_say_what_lacks_and_when_it_is_there(shop: Shop, ordered: tuple[Material, Material]) -> None:
    """4 more tables take 4 tops; nothing is free, what comes is for the order: ordered today, on the 6th."""
    table, top = ordered
    rows = selectors.availability(material_id=table.pk, plant=shop.plant, quantity=Decimal(4), levels=1, now=NOW)
    assert rows is not None
    (row,) = rows
    assert (row.line.component, row.needed, row.missing, row.available_on) == (top, Decimal(4), Decimal(4), None)
    assert row.ordered_on == day(4)
    shop.stock(top, "3")
    rows = selectors.availability(material_id=table.pk, plant=shop.plant, quantity=Decimal(4), levels=1, now=NOW)
    assert rows is not None
    assert (rows[0].missing, rows[0].outlook.free) == (Decimal(1), Decimal(3))
    assert selectors.availability(material_id=top.pk, plant=shop.plant, quantity=Decimal(1), levels=1, now=NOW) is None


def test_purchases_have_their_prices_weighted(shop: Shop) -> None:
    """2 at 3.00 and 6 at 5.00: (6 + 30) / 8 = 4.50 on average."""
    top = shop.buy("TOP")
    table = shop.make("TABLE")
    shop.bom(table, (top, "1"))
    shop.price(top, "3", days=4)
    shop.order((table, "2"))
    top.supplier_prices.update(price=Decimal(5))
    shop.order((table, "6"))
    found = selectors.bought(material_id=top.pk, plant_ids=[shop.plant.pk])
    assert [(line.quantity, line.unit_price) for line in found.lines] == [
        (Decimal(6), Decimal(5)),
        (Decimal(2), Decimal(3)),
    ]
    assert (found.average, found.least, found.most) == (Decimal("4.5"), Decimal(3), Decimal(5))


def test_where_used_climbs_to_what_is_sold(shop: Shop) -> None:
    """2 screws in a leg, 4 legs and 3 screws in a table: 2 in a leg, 8 of them in a table, and 3 directly."""
    table, leg, screw = shop.make("TABLE"), shop.make("LEG"), shop.buy("SCREW")
    shop.bom(leg, (screw, "2"))
    shop.bom(table, (leg, "4"), (screw, "3"))
    used = masterdata_now.where_used_tree(screw)
    assert [(one.depth, one.parent.code, one.quantity) for one in used] == [
        (0, "LEG", Decimal(2)),
        (1, "TABLE", Decimal(8)),
        (0, "TABLE", Decimal(3)),
    ]


def test_the_parts_of_the_page_open_for_who_may_see_them(
    client: Client, shop: Shop, ordered: tuple[Material, Material]
) -> None:
    """The page reads the clock, so only what holds at any time is looked for. Another company sees an empty outlook."""
    table, top = ordered
    client.force_login(person("buyer", "buyer", shop.plant))
    page = client.get(reverse("masterdata:material", args=[table.pk])).content.decode()
    for name, material in (("outlook", top), ("components", table), ("purchases", top)):
        url = reverse(f"erp:material_{name}", args=[material.pk])
        assert reverse(f"erp:material_{name}", args=[table.pk]) in page or name != "outlook"
        text = client.get(url).content.decode()
        assert PurchaseOrder.objects.get().number in text
    money = Currency.objects.create(code="USD", name="Dollar")
    other = Company.objects.create(code="X", name="Other", currency=money)
    far = Plant.objects.create(company=other, code="FAR", name="Far away", calendar=shop.plant.calendar)
    client.force_login(person("far", "buyer", far))
    for name in ("outlook", "components", "purchases"):
        text = client.get(reverse(f"erp:material_{name}", args=[table.pk])).content.decode()
        assert PurchaseOrder.objects.get().number not in text
        assert shop.plant.name not in text


def test_more_events_take_no_more_queries(client: Client, shop: Shop, ordered: tuple[Material, Material]) -> None:
    client.force_login(person("buyer", "buyer", shop.plant))
    url = reverse("erp:material_outlook", args=[ordered[1].pk])
    client.get(url)

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            client.get(url)
        return len(found)

    before = queries()
    for _ in range(3):
        shop.order((ordered[0], "2", "100"))
    assert queries() == before


def test_a_quantity_that_cannot_be_meant_is_one(client: Client, shop: Shop, ordered: tuple[Material, Material]) -> None:
    client.force_login(person("buyer", "buyer", shop.plant))
    url = reverse("erp:material_components", args=[ordered[0].pk])
    asked: list[Any] = ["-3", "NaN", "x", "0", "1e400"]
    for text in asked:
        assert 'name="quantity" value="1"' in client.get(url, {"quantity": text, "levels": "all"}).content.decode()
    assert 'name="quantity" value="2.5"' in client.get(url, {"quantity": "2.5"}).content.decode()

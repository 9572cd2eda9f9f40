"""Several orders confirmed at once: what each gets, all or none, over REST and on a page."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from erp import services as erp
from erp.models import PurchaseOrderLine, Reservation, SalesOrder, SupplierPrice, WorkOrder
from masterdata.errors import InvalidInput
from masterdata.models import FactRecord
from suite import audit
from tests.api.conftest import make_caller
from tests.erp.sales.test_races import at_once, open_shop  # noqa: F401 (a fixture)
from tests.erp.shop import NOW, Shop
from tests.erp.test_pages import become
from tests.pages.counting import assert_query_count

D = Decimal


def drafts(shop: Shop, count: int) -> list[SalesOrder]:
    """Orders for 2 tables each, of one top each; 3 tops lie there, others are bought."""
    table, top = shop.make("TABLE"), shop.buy("TOP")
    shop.bom(table, (top, "1"))
    shop.price(top)
    shop.stock(top, "3")
    return [shop.draft((table, "2")) for _ in range(count)]


def test_stock_is_given_in_the_sequence_named_and_the_rest_is_bought_once(shop: Shop) -> None:
    """3 tops for 3 orders of 2: the second named gets 2, the first 1; 3 are bought in one line."""
    first, second, third = drafts(shop, 3)
    done = erp.confirm_orders(order_ids=[second.pk, first.pk, third.pk], now=NOW)
    assert [(order.pk, order.version) for order in done] == [(pk, 2) for pk in (second.pk, first.pk, third.pk)]
    kept = Reservation.objects.values_list("work_order_material__work_order__sales_order_line__order", "quantity")
    assert dict(kept) == {second.pk: 2, first.pk: 1}
    assert WorkOrder.objects.filter(state="firm").count() == 3
    line = PurchaseOrderLine.objects.get()
    assert (line.quantity, line.pegged_qty, line.pegs.count()) == (3, 3, 2)
    assert FactRecord.objects.filter(kind="OrderConfirmed").count() == 3
    assert [finding.invariant.name for finding in audit.findings() if not finding.holds] == []


def test_all_or_none(shop: Shop) -> None:
    one, two = drafts(shop, 2)
    erp.confirm_order(order_id=two.pk, now=NOW)
    with pytest.raises(erp.AlreadyConfirmed, match=f"{two.number} is confirmed already"):
        erp.confirm_orders(order_ids=[one.pk, two.pk], now=NOW)
    one.refresh_from_db()
    assert one.confirmed_at is None
    for ids, said in (([], "Choose the orders"), ([one.pk, one.pk], "each order once"), ([*range(1001)], "1,000")):
        with pytest.raises(InvalidInput, match=said):
            erp.confirm_orders(order_ids=ids, now=NOW)


def test_what_a_draft_holds_it_keeps(shop: Shop) -> None:
    """1 of 2 lamps is held for the second draft; the first, named first, wants 2: it gets 1, and the second its own."""
    lamp = shop.buy("LAMP")
    shop.price(lamp)
    shop.stock(lamp, "2")
    one, two = shop.draft((lamp, "2")), shop.draft((lamp, "1"))
    erp.keep_pieces(quantity=Decimal(1), sales_order_line_id=two.lines.get().pk, now=NOW)
    erp.confirm_orders(order_ids=[one.pk, two.pk], now=NOW)
    kept = Reservation.objects.filter(quantity__gt=0).values_list("sales_order_line__order", "quantity")
    assert dict(kept) == {one.pk: 1, two.pk: 1}


def test_drafts_that_hold_pieces_share_their_purchase_too(shop: Shop) -> None:
    """3 lamps are there; three drafts of 7 hold one each: 18 are bought in one line, at the price from 10 on.

    A fourth draft holds all that it wants until a moment that passes: nothing is bought for it, and it keeps them.
    """
    lamp = shop.buy("LAMP")
    shop.price(lamp)
    dear = lamp.supplier_prices.get()
    SupplierPrice.objects.create(
        supplier=dear.supplier, material=lamp, unit=dear.unit, price=D("0.5"), from_quantity=10, lead_time_days=3
    )
    shop.stock(lamp, "5")
    orders = [shop.draft((lamp, count)) for count in ("7", "7", "7", "2")]
    for order, count in zip(orders, (1, 1, 1, 2), strict=True):
        line = order.lines.get()
        erp.keep_pieces(quantity=D(count), sales_order_line_id=line.pk, now=NOW, expires_at=NOW + dt.timedelta(hours=1))
    erp.confirm_orders(order_ids=[order.pk for order in orders], now=NOW)
    bought = PurchaseOrderLine.objects.get()
    assert (bought.quantity, bought.unit_price, bought.pegged_qty) == (18, D("0.5"), 18)
    assert erp.expire_reservations(now=NOW + dt.timedelta(hours=2)) == 0
    kept = Reservation.objects.filter(quantity__gt=0).order_by("pk")
    assert [(row.quantity, row.expires_at) for row in kept] == [(1, None), (1, None), (1, None), (2, None)]
    assert orders[3].lines.get().expected_at == NOW + dt.timedelta(minutes=shop.plant.transport_min)
    assert [finding.invariant.name for finding in audit.findings() if not finding.holds] == []


def test_over_rest_with_a_key(shop: Shop) -> None:
    one, two = drafts(shop, 2)
    caller = make_caller(shop.plant.company, "sales")
    answer = caller.post("erp/sales-orders/confirm-together/", {"orders": [one.pk, two.pk]})
    assert answer.status_code == 200, answer.json()
    assert [(row["number"], row["version"]) for row in answer.json()["orders"]] == [(one.number, 2), (two.number, 2)]
    again = caller.post("erp/sales-orders/confirm-together/", {"orders": [one.pk]})
    assert (again.status_code, again.json()["code"]) == (409, "already_confirmed")
    missing = caller.post("erp/sales-orders/confirm-together/", {"orders": [two.pk + 1000]})
    assert missing.status_code == 400


def test_as_a_page(client: Client, shop: Shop) -> None:
    one, two = drafts(shop, 2)
    become(client, "sales", shop.plant)
    assert reverse("erp:orders_confirm") in client.get(reverse("erp:orders")).content.decode()
    page = client.get(reverse("erp:orders_confirm"), {"orders": one.pk}).content.decode()
    assert f'value="{one.pk}" id="order_{one.pk}" checked' in page
    assert f'value="{two.pk}" id="order_{two.pk}">' in page
    assert "Tick the orders to confirm." in client.post(reverse("erp:orders_confirm"), {}).content.decode()
    done = client.post(reverse("erp:orders_confirm"), {"orders": [one.pk, two.pk]}, follow=True)
    assert "2 confirmed: material is reserved or on its way" in done.content.decode()
    assert not SalesOrder.objects.filter(confirmed_at=None).exists()


def test_the_page_says_what_lies_there_and_takes_all_of_hundreds(client: Client, shop: Shop) -> None:
    """52 drafts on two pages. 3 lamps lie there: the first draft's 2 do, the second's 2 not any more. The box takes the
    drafts of both pages, but not one that came after the page was shown."""
    lamp = shop.buy("LAMP")
    shop.price(lamp)
    shop.stock(lamp, "3")
    known = [shop.draft((lamp, "2")) for _ in range(52)]
    become(client, "sales", shop.plant)
    url = reverse("erp:orders_confirm")
    client.get(url)
    with assert_query_count("erp:orders_confirm"):
        first = client.get(url).content.decode()
    assert first.count("All there") == 1
    assert "1 to 50 of 52" in first
    assert "All 52 drafts" in first
    assert f"order_{known[51].pk}" not in first
    assert (
        f'value="{known[51].pk}" id="order_{known[51].pk}" checked'
        in client.get(url, {"orders": known[51].pk}).content.decode()
    )
    shop.draft((lamp, "2"))
    client.post(url, {"all": "1", "all_until": known[51].pk})
    assert SalesOrder.objects.filter(confirmed_at=None).count() == 1


def test_two_clerks_with_some_of_the_same_drafts(open_shop: Shop) -> None:  # noqa: F811 (the fixture)
    """One set is confirmed, the other refused whole; no deadlock, whichever sequence they name."""
    one, two, three = drafts(open_shop, 3)
    failed = at_once(
        [
            lambda: erp.confirm_orders(order_ids=[one.pk, two.pk], now=NOW),
            lambda: erp.confirm_orders(order_ids=[three.pk, two.pk], now=NOW),
        ]
    )
    assert [type(error) for error in failed] == [erp.AlreadyConfirmed]
    confirmed = set(SalesOrder.objects.exclude(confirmed_at=None).values_list("pk", flat=True))
    assert confirmed in ({one.pk, two.pk}, {three.pk, two.pk})
    assert WorkOrder.objects.count() == 2

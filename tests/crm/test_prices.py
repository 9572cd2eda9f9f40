"""What a customer pays: price lists for it, its group and everybody, and the list price behind them.

The workshop's list prices: a stool 100.00 EUR, a table 300.00 EUR. Nordhaus is in the group of dealers.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from crm import selectors as crm_now
from crm.models import CustomerGroup, CustomerTerms, PriceList, PriceRule
from erp import selectors as erp_now
from masterdata.models import Currency, ExchangeRate
from tests.flows.workshop import Workshop

D = Decimal
DAY = dt.date(2026, 11, 23)


@pytest.fixture
def dealers(shop: Workshop) -> CustomerGroup:
    group = CustomerGroup.objects.create(code="DEAL", name="Dealers")
    CustomerTerms.objects.create(customer=shop.customer, group=group)
    return group


def a_list(shop: Workshop, name: str = "List", **more: Any) -> PriceList:
    given: dict[str, Any] = {
        "name": name,
        "company": shop.company,
        "currency": shop.company.currency,
        "valid_from": dt.date(2026, 1, 1),
    }
    return PriceList.objects.create(**given | more)


def rule(of: PriceList, **more: Any) -> PriceRule:
    return PriceRule.objects.create(price_list=of, **more)


def price(shop: Workshop, quantity: str = "1", code: str = "STOOL", on: dt.date = DAY, **more: Any) -> crm_now.Priced:
    given: dict[str, Any] = {
        "customer_id": shop.customer.pk,
        "currency_id": shop.company.currency_id,
        "plant_id": shop.plant.pk,
        "on": on,
        "wanted": [(shop.materials[code].pk, D(quantity))],
    }
    return crm_now.prices_for(**given | more)[0]


def test_without_a_price_list_the_list_price_holds(shop: Workshop) -> None:
    assert price(shop) == crm_now.Priced(D(100), "List price", None, None)


def test_the_customer_comes_before_its_group_and_the_group_before_everybody(
    shop: Workshop, dealers: CustomerGroup
) -> None:
    """Everybody 95, dealers 90, Nordhaus 85 although the others have the higher priority; Harbour pays 95."""
    stool = shop.materials["STOOL"]
    rule(a_list(shop, "All", priority=9), material=stool, fixed_price=D(95))
    assert price(shop).unit_price == D(95)
    rule(a_list(shop, "Dealers", group=dealers, priority=5), material=stool, fixed_price=D(90))
    assert (price(shop).unit_price, price(shop).source) == (D(90), "Price list Dealers, for Dealers")
    own = rule(a_list(shop, "Own", customer=shop.customer), material=stool, fixed_price=D(85))
    assert price(shop) == crm_now.Priced(D(85), "Price list Own, for Nordhaus", own.pk)
    assert price(shop, customer_id=shop.other_customer.pk).unit_price == D(95)


def test_the_more_specific_rule_and_the_highest_quantity_reached_win(shop: Workshop) -> None:
    """10 % off everything, 12 % off the category, from 10 stools on 80.00, from 50 on 75.00."""
    of, stool = a_list(shop), shop.materials["STOOL"]
    rule(of, percent_off=D(10))
    assert price(shop).unit_price == D(90)
    rule(of, category=stool.category, percent_off=D(12))
    assert price(shop) == crm_now.Priced(
        D(88), f"Price list List, {stool.category.name}, 12 % off list", PriceRule.objects.latest("pk").pk
    )
    rule(of, material=stool, from_quantity=10, fixed_price=D(80))
    rule(of, material=stool, from_quantity=50, fixed_price=D(75))
    assert [price(shop, quantity).unit_price for quantity in ("9", "10", "49.5", "50")] == [D(88), D(80), D(80), D(75)]
    assert price(shop, "10").source == "Price list List, from 10"


def test_of_two_lists_for_the_same_customers_the_priority_decides(shop: Workshop) -> None:
    """The sale (20 % off everything) is asked before the base list, although that one names the stool."""
    rule(a_list(shop, "Base"), material=shop.materials["STOOL"], fixed_price=D(95))
    rule(a_list(shop, "Sale", priority=1), percent_off=D(20))
    assert price(shop).unit_price == D(80)


def test_lists_and_rules_hold_from_their_first_day_to_their_last(shop: Workshop) -> None:
    """The list holds in November, its rule from the 10th to the 20th, both days included."""
    of = a_list(shop, valid_from=dt.date(2026, 11, 1), valid_to=dt.date(2026, 11, 30))
    rule(of, fixed_price=D(50), valid_from=dt.date(2026, 11, 10), valid_to=dt.date(2026, 11, 20))
    rule(of, from_quantity=2, fixed_price=D(40))
    days = [(10, 9), (11, 1), (11, 9), (11, 10), (11, 20), (11, 21), (11, 30), (12, 1)]
    found = [price(shop, on=dt.date(2026, month, day)).unit_price for month, day in days]
    assert found == [D(100), D(100), D(100), D(50), D(50), D(100), D(100), D(100)]
    assert [price(shop, "2", on=dt.date(2026, *at)).unit_price for at in [(10, 31), (11, 1), (11, 30), (12, 1)]] == [
        D(100), D(40), D(40), D(100)
    ]  # fmt: skip
    PriceList.objects.update(is_active=False)
    assert price(shop, "2").unit_price == D(100)


def test_another_currency_has_its_own_lists_else_the_list_price_by_the_rate_of_the_day(shop: Workshop) -> None:
    """1 EUR = 1.08375 USD. A stool: 108.375; 7 % off: 100.78875; 5 on top: 113.375. The list in EUR does not count."""
    dollar = Currency.objects.create(code="USD", name="US dollar")
    with pytest.raises(erp_now.NoRate):
        price(shop, currency_id=dollar.pk)
    ExchangeRate.objects.create(
        base=shop.company.currency, quote=dollar, valid_from=dt.date(2026, 11, 20), rate=D("1.08375")
    )
    rule(a_list(shop, "Euro"), fixed_price=D(1))
    found = price(shop, currency_id=dollar.pk)
    assert found == crm_now.Priced(D("108.375"), "List price, at 1.08375 USD for 1 EUR of 20 Nov 2026")
    of = a_list(shop, "Dollar", currency=dollar)
    rule(of, percent_off=D(7))
    assert price(shop, currency_id=dollar.pk).unit_price == D("100.78875")
    rule(of, from_quantity=2, surcharge=D(5))
    assert price(shop, "2", currency_id=dollar.pk).unit_price == D("113.375")
    rule(of, from_quantity=3, fixed_price=D(99))
    assert price(shop, "3", currency_id=dollar.pk).source == "Price list Dollar, from 3"


def test_equal_rules_do_not_overlap_in_the_database(shop: Workshop) -> None:
    of = a_list(shop)
    rule(of, fixed_price=D(1), valid_to=dt.date(2026, 6, 30))
    rule(of, fixed_price=D(2), valid_from=dt.date(2026, 7, 1))
    with pytest.raises(IntegrityError, match="equal_price_rules_do_not_overlap"), transaction.atomic():
        rule(of, fixed_price=D(3), valid_from=dt.date(2026, 6, 30), valid_to=dt.date(2026, 6, 30))


def test_many_lines_take_the_same_queries_as_one(shop: Workshop, dealers: CustomerGroup) -> None:
    rule(a_list(shop, group=dealers), percent_off=D(10))
    wanted = [(shop.materials[code].pk, D(1)) for code in ("STOOL", "TABLE", "STOOL", "TOP")]

    def queries(count: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            price(shop, wanted=wanted[:count])
        return len(captured)

    assert queries(1) == queries(4) <= 6

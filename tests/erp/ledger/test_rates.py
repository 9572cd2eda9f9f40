"""A currency's rate on a day: as written, turned, or across a third one."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from erp.ledger.rates import NoRate, in_company_currency, rate_on
from masterdata.models import Currency, ExchangeRate
from tests.factories import Factory, factory

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 23)


@pytest.fixture
def shop() -> Factory:
    """Its company keeps books in EUR."""
    return factory()


def currency(code: str, decimals: int = 2) -> Currency:
    return Currency.objects.get_or_create(code=code, defaults={"name": code, "decimals": decimals})[0]


def rate(base: str, quote: str, value: str, since: dt.date = DAY) -> None:
    ExchangeRate.objects.create(base=currency(base), quote=currency(quote), valid_from=since, rate=Decimal(value))


def worth(shop: Factory, amount: str, code: str, day: dt.date = DAY) -> Decimal:
    return in_company_currency(company=shop.company, currency_id=currency(code).pk, amount=Decimal(amount), day=day)


def test_its_own_currency_is_worth_itself(shop: Factory) -> None:
    assert worth(shop, "12.34", "EUR") == Decimal("12.34")


def test_the_rate_as_it_is_written(shop: Factory) -> None:
    """100.01 USD at 0.9255 are 92.559255, to the cent 92.56."""
    rate("USD", "EUR", "0.9255")
    assert worth(shop, "100.01", "USD") == Decimal("92.56")


def test_a_turned_rate_is_exact(shop: Factory) -> None:
    """One EUR buys 3 XTS: 0.015 XTS are exactly half a cent, which rounds up, away from zero on both sides.

    Through 1/3 = 0.333... it would be 0.00499... and round down.
    """
    rate("EUR", "XTS", "3")
    assert worth(shop, "0.015", "XTS") == Decimal("0.01")
    assert worth(shop, "-0.015", "XTS") == Decimal("-0.01")


def test_the_newest_rate_up_to_the_day_counts_whichever_way_it_is_written(shop: Factory) -> None:
    """0.90 from the 1st, turned 1.25 (0.80) from the 10th, 0.70 from the 24th, which has not come yet."""
    rate("USD", "EUR", "0.90", dt.date(2026, 11, 1))
    rate("EUR", "USD", "1.25", dt.date(2026, 11, 10))
    rate("USD", "EUR", "0.70", dt.date(2026, 11, 24))
    assert worth(shop, "10", "USD", dt.date(2026, 11, 9)) == Decimal("9.00")
    assert worth(shop, "10", "USD") == Decimal("8.00")
    assert worth(shop, "10", "USD", dt.date(2026, 11, 24)) == Decimal("7.00")


def test_across_a_third_currency(shop: Factory) -> None:
    """One GBP is 1.5 USD, one EUR is 1.2 USD: 8 GBP are 12 USD are 10 EUR. Both legs old enough: the newer pair wins.

    By CHF it would be 8 x 2 = 16, but its rate is of the year before.
    """
    rate("GBP", "CHF", "2", dt.date(2025, 1, 1))
    rate("CHF", "EUR", "1")
    rate("GBP", "USD", "1.5", dt.date(2026, 11, 1))
    rate("EUR", "USD", "1.2", dt.date(2026, 11, 2))
    assert worth(shop, "8", "GBP") == Decimal("10.00")
    found = rate_on(from_id=currency("GBP").pk, to_id=currency("EUR").pk, day=DAY)
    assert (found.value, found.valid_from) == (Decimal("1.25"), dt.date(2026, 11, 1))


def test_without_a_rate_it_says_which_one_to_enter(shop: Factory) -> None:
    """A rate that is valid from the next day on is none."""
    rate("USD", "EUR", "0.9", DAY + dt.timedelta(days=1))
    with pytest.raises(NoRate) as refused:
        worth(shop, "1", "USD")
    assert refused.value.values == {"base": "USD", "quote": "EUR", "day": "2026-11-23"}
    assert "from USD to EUR on 23 November 2026" in str(refused.value)

"""Credit: what a customer owes stops the next order, until somebody lets it pass."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from erp import services as erp
from erp.models import CreditLimit, CreditRelease, SalesOrder
from erp.sales.selectors.credit import exposures, held_orders
from masterdata.errors import InvalidInput, StaleVersion
from masterdata.models import FactRecord, Material
from suite import audit
from tests.erp.crowd import at_once
from tests.erp.sales.test_races import open_shop  # noqa: F401 (a fixture)
from tests.erp.shop import NOW, Shop

D = Decimal
TODAY = NOW.date()


def limit(shop: Shop, amount: str | None, days: int | None = None, because: str = "") -> CreditLimit:
    return erp.set_credit_limit(
        customer=shop.customer,
        company=shop.company,
        amount=None if amount is None else D(amount),
        overdue_days=days,
        held_because=because,
    )


def lamps(shop: Shop) -> Material:
    lamp = shop.buy("LAMP")
    shop.stock(lamp, "100")
    return lamp


def ship(order: SalesOrder, quantity: str | None = None, now: dt.datetime = NOW) -> None:
    pieces = None if quantity is None else [(order.lines.get().pk, D(quantity))]
    erp.ship(shipment_id=erp.pack_shipment(order_id=order.pk, lines=pieces, now=now).pk, now=now)


def test_the_figures_of_a_customer(shop: Shop) -> None:
    """10 lamps at 100, 19 % tax: 1,190. 4 shipped and invoiced, 476; 100 of that paid, 376 left. 3 more shipped, 357;
    3 not shipped, 357. In all 1,090."""
    order = shop.order((lamps(shop), "10", "100"))
    ship(order, "4")
    invoice = erp.post_invoice(order_id=order.pk, now=NOW)
    erp.receive_payment(invoice_id=invoice.pk, amount=D(100), received_on=TODAY, reference="", now=NOW)
    ship(order, "3")
    found = exposures(company=shop.company, customer_ids=[shop.customer.pk], today=TODAY)[shop.customer.pk]
    assert (found.invoiced, found.shipped, found.ordered, found.deposits) == (D(376), D(357), D(357), 0)
    assert (found.total, found.overdue_days) == (D(1090), 0)


def test_an_order_over_the_limit_is_refused_with_the_figures(shop: Shop) -> None:
    """1,190 are owed, another 119 would come: 1,309 against 1,300."""
    lamp = lamps(shop)
    shop.order((lamp, "10", "100"))
    limit(shop, "1300")
    draft = shop.draft((lamp, "1", "100"))
    with pytest.raises(erp.CreditHold) as refused:
        erp.confirm_order(order_id=draft.pk, now=NOW)
    assert refused.value.values["owed"] == "1309.00"
    assert refused.value.values["why"] == "over"
    assert "1,309.00 EUR, 1,300.00 are allowed" in refused.value.sentence
    limit(shop, "1309")
    assert erp.confirm_order(order_id=draft.pk, now=NOW).confirmed_at


def test_somebody_lets_one_order_pass(shop: Shop) -> None:
    """It is confirmed and shipped; the next one is refused again."""
    lamp = lamps(shop)
    limit(shop, "0")
    first, second = shop.draft((lamp, "1")), shop.draft((lamp, "1"))
    assert [(one.pk, one.why, one.owed) for one in held_orders(SalesOrder.objects.all(), TODAY)] == [
        (second.pk, "over", D(119)),
        (first.pk, "over", D(119)),
    ]
    with pytest.raises(InvalidInput):
        erp.release_credit(order_id=first.pk, reason=" ", by=None, now=NOW)
    erp.release_credit(order_id=first.pk, reason="He pays on Friday", by=None, now=NOW)
    with pytest.raises(erp.NotOnHold):
        erp.release_credit(order_id=first.pk, reason="Again", by=None, now=NOW)
    erp.confirm_order(order_id=first.pk, now=NOW)
    ship(first)
    with pytest.raises(erp.CreditHold):
        erp.confirm_order(order_id=second.pk, now=NOW)
    row = CreditRelease.objects.get()
    assert (row.exposure, row.limit_amount, row.reason) == (D(119), 0, "He pays on Friday")
    assert FactRecord.objects.filter(kind="CreditReleased", subject=f"order:{first.pk}").count() == 1


def test_an_invoice_overdue_too_long_stops_packing_and_shipping(shop: Shop) -> None:
    """Due on 16 March (14 days). On the 26th it is 10 days overdue: allowed; on the 27th 11: too long."""
    lamp = lamps(shop)
    paid, other = shop.order((lamp, "1")), shop.order((lamp, "2"))
    ship(paid)
    erp.post_invoice(order_id=paid.pk, now=NOW)
    limit(shop, None, 10)
    ship(other, "1", NOW + dt.timedelta(days=24))
    packed = erp.pack_shipment(order_id=other.pk, now=NOW + dt.timedelta(days=24))
    with pytest.raises(erp.CreditHold) as refused:
        erp.ship(shipment_id=packed.pk, now=NOW + dt.timedelta(days=25))
    assert refused.value.values["overdue_days"] == 11
    assert [one.why for one in held_orders(SalesOrder.objects.all(), dt.date(2026, 3, 27))] == ["overdue"]


def test_a_customer_on_hold_gets_nothing_more(shop: Shop) -> None:
    lamp = lamps(shop)
    order = shop.order((lamp, "1"))
    limit(shop, None, because="Insolvency")
    with pytest.raises(erp.CreditHold) as refused:
        erp.pack_shipment(order_id=order.pk, now=NOW)
    assert "on hold: Insolvency" in refused.value.sentence


def test_a_limit_is_not_overwritten_blindly(shop: Shop) -> None:
    first = limit(shop, "10")
    limit(shop, "20")
    with pytest.raises(StaleVersion):
        erp.set_credit_limit(
            customer=shop.customer, company=shop.company, amount=D(5), overdue_days=None, expected_version=first.version
        )
    with pytest.raises(InvalidInput):
        erp.set_credit_limit(customer=shop.supplier, company=shop.company, amount=D(5), overdue_days=None)


def test_orders_confirmed_together_count_together(shop: Shop) -> None:
    """Two of 119 against 200: neither is taken."""
    lamp = lamps(shop)
    limit(shop, "200")
    drafts = [shop.draft((lamp, "1")) for _ in range(2)]
    with pytest.raises(erp.CreditHold):
        erp.confirm_orders(order_ids=[one.pk for one in drafts], now=NOW)
    assert not SalesOrder.objects.exclude(confirmed_at=None).exists()


def test_the_last_of_the_limit_is_given_once(open_shop: Shop) -> None:  # noqa: F811 (a fixture)
    """5 drafts of 119 at once against 400: 3 are confirmed, 2 refused."""
    lamp = lamps(open_shop)
    limit(open_shop, "400")
    drafts = [open_shop.draft((lamp, "1")) for _ in range(5)]
    failed = at_once([lambda order=order: erp.confirm_order(order_id=order.pk, now=NOW) for order in drafts])
    assert [type(error) for error in failed] == [erp.CreditHold] * 2
    assert [finding.invariant.name for finding in audit.findings() if not finding.holds] == []

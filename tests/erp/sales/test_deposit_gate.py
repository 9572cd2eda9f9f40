"""Work for an order is not released or started before the deposits that its terms ask for are paid."""

from __future__ import annotations

from decimal import Decimal

import pytest

from erp import services as erp
from erp.models import SalesOrder, WorkOrder
from masterdata.models import PaymentTerm
from tests.erp.shop import NOW, Shop
from tests.erp.workbench import report

pytestmark = pytest.mark.django_db

D = Decimal


def ordered(shop: Shop, **percents: int) -> tuple[SalesOrder, WorkOrder]:
    """2 tables of 100.00, 19 % tax, at terms with deposits."""
    term = PaymentTerm.objects.create(code="PRE", name="In advance", days=14, **percents)
    shop.customer.payment_term = term
    shop.customer.save()
    sold = shop.order((shop.make("TABLE"), "2", "100"))
    return sold, WorkOrder.objects.get()


def release(work: WorkOrder) -> WorkOrder:
    return erp.release_work_order(work_order_id=work.pk, now=NOW)


def start(shop: Shop, work: WorkOrder) -> None:
    erp.start_operation(operation_id=work.operations.get().pk, machine_id=shop.saw_one.pk, now=NOW)


def test_it_waits_until_the_money_is_there(shop: Shop) -> None:
    """10 % on order and 20 % before production of 200.00 are 60.00, with tax 71.40. 50 % before shipping come later.

    Paid in two parts: after 71.39 a cent is missing.
    """
    sold, work = ordered(shop, order_percent=10, production_percent=20, shipping_percent=50)
    with pytest.raises(erp.DepositMissing, match=r"71\.40 EUR of deposits on .* before production") as refused:
        release(work)
    assert D(refused.value.values["missing"]) == D("71.40")
    with pytest.raises(erp.DepositMissing):
        start(shop, work)
    invoice = erp.post_deposit(order_id=sold.pk, stage="production", now=NOW)
    for amount, is_enough in (("71.39", False), ("0.01", True)):
        erp.receive_payment(invoice_id=invoice.pk, amount=D(amount), received_on=NOW.date(), now=NOW)
        if not is_enough:
            with pytest.raises(erp.DepositMissing, match=r"0\.01 EUR"):
                release(work)
    assert release(work).state == "released"
    start(shop, work)


def test_whoever_decides_on_credit_lets_it_pass(shop: Shop) -> None:
    sold, work = ordered(shop, production_percent=30)
    with pytest.raises(erp.DepositMissing):
        release(work)
    erp.release_credit(order_id=sold.pk, reason="Pays on the fair", by=None, now=NOW)
    assert release(work).state == "released"


def test_terms_that_ask_only_before_shipping_let_production_begin(shop: Shop) -> None:
    _, work = ordered(shop, shipping_percent=30)
    assert release(work).state == "released"


def test_what_was_made_is_booked_all_the_same(shop: Shop) -> None:
    """The floor is never refused: a report releases the work with what there is."""
    _, work = ordered(shop, production_percent=30)
    report(work, 10, "1", now=NOW)
    work.refresh_from_db()
    assert (work.state, work.good_qty) == ("released", 1)
    start(shop, work)

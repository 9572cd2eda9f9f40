"""What an order costs beside production is posted, counts as its cost, and can be undone."""

from __future__ import annotations

from decimal import Decimal

import pytest

from erp import selectors as erp_now
from erp import services as erp
from erp.models import Account, CostBooking, CostEntry
from masterdata.errors import InvalidInput
from masterdata.models import Company, Plant
from tests.erp.workbench import order_line
from tests.factories import NOW, Factory, factory, material

pytestmark = pytest.mark.django_db

Role = Account.Role


def sold() -> tuple[Factory, int]:
    """An order of 10 legs at 100.00."""
    shop = factory()
    material(shop, "LEG", standard_cost="1")
    return shop, order_line(shop, "LEG", "10").order_id


def book(shop: Factory, order_id: int, element: str, amount: str, **more) -> CostBooking:
    return erp.book_order_cost(
        order_id=order_id,
        element=element,
        amount=Decimal(amount),
        plant_id=shop.plant.pk,
        text="Van to Berlin",
        now=NOW,
        **more,
    )


def test_a_cost_is_on_the_order_and_in_the_ledger() -> None:
    """Freight 80.00 and the fitter's installation 120.00 accrued: the order has cost 200.00 of its 1,000.00."""
    shop, order_id = sold()
    book(shop, order_id, "freight", "80")
    book(shop, order_id, "installation", "120", partner=shop.supplier)
    cost = erp_now.order_cost(order_id)
    assert (cost.incurred["freight"], cost.incurred["installation"], cost.margin) == (80, 120, 800)
    company = shop.company
    assert erp_now.account_balance(company, Role.FREIGHT, order_id=order_id) == 80
    assert erp_now.account_balance(company, Role.INSTALLATION, order_id=order_id) == 120
    assert erp_now.account_balance(company, Role.ACCRUED_COST) == -200
    assert erp_now.account_balance(company, Role.ACCRUED_COST, partner_id=shop.supplier.pk) == -120
    entry = CostEntry.objects.get(element="freight")
    assert (entry.work_order, entry.journal_line.entry.kind) == (None, "order_cost")


def test_outside_work_and_other_costs_are_cost_of_goods() -> None:
    shop, order_id = sold()
    book(shop, order_id, "subcontract", "30")
    book(shop, order_id, "other", "5.50")
    assert erp_now.account_balance(shop.company, Role.COGS, order_id=order_id) == Decimal("35.50")
    assert erp_now.order_cost(order_id).incurred_total == Decimal("35.50")


def test_a_booking_is_undone_once_by_one_the_other_way() -> None:
    shop, order_id = sold()
    wrong = book(shop, order_id, "penalty", "50")
    undone = erp.reverse_order_cost(booking_id=wrong.pk, text="The customer took it back", now=NOW)
    assert (undone.amount, undone.reverses) == (-50, wrong)
    assert erp_now.order_cost(order_id).incurred_total == 0
    assert erp_now.account_balance(shop.company, Role.PENALTY) == 0
    for again in (wrong, undone):
        with pytest.raises(erp.AlreadyUndone):
            erp.reverse_order_cost(booking_id=again.pk, text="Again", now=NOW)


def test_what_cannot_be_booked_says_why() -> None:
    shop, order_id = sold()
    other = Company.objects.create(code="C2", name="Other", currency=shop.company.currency)
    far = Plant.objects.create(company=other, code="P2", name="Far", calendar=shop.day_shift)
    for field, wrong in (
        ("amount", {"amount": "0"}),
        ("amount", {"amount": "1.005"}),
        ("element", {"element": "labour"}),
        ("against", {"against": Role.PAYABLE}),
        ("against", {"against": Role.BANK}),
    ):
        given = {"element": "freight", "amount": "1"} | wrong
        with pytest.raises(InvalidInput) as refused:
            book(shop, order_id, **given)
        assert refused.value.field == field
    with pytest.raises(InvalidInput):
        erp.book_order_cost(
            order_id=order_id, element="freight", amount=Decimal(1), plant_id=far.pk, text="Van", now=NOW
        )
    assert not CostBooking.objects.exists()

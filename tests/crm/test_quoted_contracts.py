"""A quotation at a contract's price takes from the contract when it is accepted, or is refused when nothing is left."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from crm import services as crm
from crm.models import CallOff, Quotation
from crm.selectors.contracts import uses_of
from erp.models import SalesOrder
from tests.crm.agreed import WANTED, active, line_of, take
from tests.crm.orders import NOW
from tests.flows.workshop import Workshop

D = Decimal


def quoted(shop: Workshop, quantity: str, price: str | None = None) -> Quotation:
    line = crm.QuotationLineInput(
        plant_id=shop.plant.pk,
        material_id=shop.materials["STOOL"].pk,
        quantity=D(quantity),
        wanted_on=WANTED,
        unit_price=None if price is None else D(price),
    )
    return crm.write_quotation(customer_id=shop.customer.pk, lines=[line], now=NOW)


def test_an_accepted_quotation_takes_from_the_contract_that_gave_its_price(shop: Workshop) -> None:
    """25 stools at 85.00 from 20 on; 75 of 100 are left."""
    contract = active(shop)
    quotation = quoted(shop, "25")
    row = quotation.lines.get()
    assert (row.unit_price, row.contract_line, row.price_source) == (D(85), line_of(contract), "Contract CO-2026-00001")
    order = crm.accept_quotation(quotation_id=quotation.pk, now=NOW + dt.timedelta(hours=1))
    assert CallOff.objects.get().order_line == order.lines.get()
    assert uses_of([contract])[contract.pk][0].left == 75


def test_a_price_that_was_typed_takes_from_no_contract(shop: Workshop) -> None:
    active(shop)
    quotation = quoted(shop, "25", "99")
    assert quotation.lines.get().contract_line is None


def test_what_others_called_off_meanwhile_stops_the_yes(shop: Workshop) -> None:
    contract = active(shop)
    quotation = quoted(shop, "25")
    take(contract, "80")
    with pytest.raises(crm.NotEnoughLeft):
        crm.accept_quotation(quotation_id=quotation.pk, now=NOW + dt.timedelta(hours=1))
    quotation.refresh_from_db()
    assert quotation.state != "accepted"
    assert SalesOrder.objects.count() == 1

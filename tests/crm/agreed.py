"""A contract of the workshop with Nordhaus, for tests of call-offs."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from crm import services as crm
from crm.models import Contract, ContractLine
from tests.crm.orders import NOW
from tests.flows.workshop import Workshop

D = Decimal
WANTED = dt.date(2026, 12, 1)


def agreed(shop: Workshop, code: str = "STOOL", quantity: str | None = "100", **more: Any) -> crm.ContractLineInput:
    """100 stools at 90.00, from 20 at once 85.00; at least 5 in a call-off."""
    given: dict[str, Any] = {
        "plant_id": shop.plant.pk,
        "material_id": shop.materials[code].pk,
        "agreed_qty": None if quantity is None else D(quantity),
        "unit_price": D(90),
        "min_call_qty": D(5),
        "prices": [(D(20), D(85))],
    }
    return crm.ContractLineInput(**(given | more))


def terms(**more: Any) -> crm.ContractTerms:
    """From 1 November 2026 to the end of January 2027."""
    given = {"valid_from": dt.date(2026, 11, 1), "valid_to": dt.date(2027, 1, 31)}
    return crm.ContractTerms(**(given | more))


def draft(shop: Workshop, *lines: crm.ContractLineInput, now: dt.datetime = NOW, **more: Any) -> Contract:
    return crm.write_contract(customer_id=shop.customer.pk, terms=terms(**more), lines=lines or [agreed(shop)], now=now)


def active(shop: Workshop, *lines: crm.ContractLineInput, now: dt.datetime = NOW, **more: Any) -> Contract:
    contract = draft(shop, *lines, now=now, **more)
    return crm.release_contract(contract_id=contract.pk, now=now)


def line_of(contract: Contract, line_no: int = 1) -> ContractLine:
    return ContractLine.objects.get(contract=contract, line_no=line_no)


def take(contract: Contract, quantity: str, *, confirm: bool = True, line_no: int = 1, **more: Any) -> Any:
    """A call-off of one line, wanted on 1 December unless said."""
    given = {"contract_line_id": line_of(contract, line_no).pk, "quantity": D(quantity), "wanted_on": WANTED} | more
    return crm.call_off(contract_id=contract.pk, lines=[crm.CallOffLine(**given)], now=NOW, confirm=confirm)

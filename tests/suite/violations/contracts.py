"""A contract with a row of everything, and cases of contracts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from crm import services as crm
from tests.flows.workshop import Workshop
from tests.suite.violations import case

D = Decimal

CASES = [
    case(
        "called_off_within_agreed",
        "UPDATE crm_contractline SET agreed_qty = 1 WHERE line_no = 1 RETURNING id",
    ),
    case(
        "call_off_is_its_contracts",
        """UPDATE crm_contract SET customer_id = (SELECT id FROM masterdata_partner WHERE code = 'HARB')
        RETURNING number""",
    ),
    case(
        "planned_call_off_became_one_order_line",
        "UPDATE crm_plannedcalloff SET state = 'called' RETURNING id",
    ),
    case("amendments_count_from_one", "UPDATE crm_contract SET amendment_no = 2 RETURNING number"),
]


def agree(shop: Workshop, now: dt.datetime) -> None:
    """50 stools, amended to 60, of which two are called off as a draft and four are planned."""
    stool = {"plant_id": shop.plant.pk, "material_id": shop.materials["STOOL"].pk, "prices": [(D(20), D(85))]}
    contract = crm.write_contract(
        customer_id=shop.customer.pk,
        terms=crm.ContractTerms(valid_from=now.date(), valid_to=now.date() + dt.timedelta(days=300)),
        lines=[crm.ContractLineInput(agreed_qty=D(50), **stool)],
        now=now,
    )
    crm.release_contract(contract_id=contract.pk, now=now)
    more = crm.ContractLineInput(agreed_qty=D(60), line_no=1, **stool)
    crm.amend_contract(contract_id=contract.pk, reason="More", lines=[more], now=now)
    line, day = contract.lines.get(), now.date() + dt.timedelta(days=30)
    asked = crm.CallOffLine(line.pk, D(2), day)
    crm.call_off(contract_id=contract.pk, lines=[asked], now=now, confirm=False)
    crm.plan_call_offs(contract_id=contract.pk, lines=[crm.PlannedLine(line.pk, day, D(4))], now=now)

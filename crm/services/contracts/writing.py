"""Contracts as drafts: written, rewritten, released."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal

from django.db import transaction

from crm import facts as crm_facts
from crm.models import Contract, ContractLine, ContractPrice
from crm.services.contracts.held import held, refuse_unless_draft, today
from erp import services as erp
from masterdata import facts, live
from masterdata.errors import InvalidInput
from masterdata.models import Company, Currency, Material, Partner, Plant, User
from masterdata.numbering import next_numbers
from masterdata.numbers import ZERO
from masterdata.units import check_quantity

MOST_MONTHS = 120
MOST_LINES = 500
MOST_UNITS = Decimal(100_000_000)


@dataclass(frozen=True)
class ContractLineInput:
    """A line as agreed: a quantity or a value. `prices` are steps: from so many in one call-off, this price.

    Without a price the list price is taken. `line_no` names the line that an amendment changes.
    """

    plant_id: int
    material_id: int
    agreed_qty: Decimal | None = None
    agreed_value: Decimal | None = None
    unit_price: Decimal | None = None
    min_call_qty: Decimal = ZERO
    prices: Sequence[tuple[Decimal, Decimal]] = ()
    line_no: int | None = None


@dataclass(frozen=True, kw_only=True)
class ContractTerms:
    """Everything but the lines. See `Contract`."""

    valid_from: dt.date
    valid_to: dt.date
    title: str = ""
    customer_reference: str = ""
    notice_days: int = 0
    renewal: str = Contract.Renewal.ASK
    renewal_months: int = 12
    renewal_percent: Decimal = ZERO
    remind_days: int = 30
    tolerance_percent: Decimal = ZERO
    call_ahead_days: int = 14
    confirms_planned: bool = True
    owner_id: int | None = None


@transaction.atomic
def write_contract(
    *,
    customer_id: int,
    terms: ContractTerms,
    lines: Sequence[ContractLineInput],
    now: dt.datetime,
    by: User | None = None,
    currency_id: int | None = None,
) -> Contract:
    """A draft, in the company's currency unless said. Raises InvalidInput naming the field."""
    customer = Partner.objects.filter(pk=customer_id, is_customer=True, is_active=True).first()
    if customer is None:
        raise InvalidInput("Choose a customer from the list.", field="customer")
    plants, company = plants_of(lines)
    check_terms(terms)
    currency = Currency.objects.filter(pk=currency_id or company.currency_id).first()
    if currency is None:
        raise InvalidInput("Choose a currency from the list.", field="currency")
    contract = Contract.objects.create(
        number=next_numbers(company=company, kind="CO", year=now.year)[0],
        company=company,
        customer=customer,
        currency=currency,
        made_at=now,
        made_by=by,
        **asdict(terms),
    )
    write_lines(contract, lines, plants)
    live.publish("contract", contract.pk, contract.version)
    return contract


@transaction.atomic
def rewrite_contract(
    *,
    contract_id: int,
    terms: ContractTerms,
    lines: Sequence[ContractLineInput],
    now: dt.datetime,
    expected_version: int | None = None,
) -> Contract:
    """Replace terms and lines of a draft. Locks it. Raises ContractNotDraft, StaleVersion, InvalidInput."""
    contract, _old = held(contract_id, expected_version)
    refuse_unless_draft(contract)
    plants, company = plants_of(lines)
    if company != contract.company:
        raise InvalidInput("These plants belong to another company: write a contract of its own.", field="lines")
    check_terms(terms)
    contract.lines.all().delete()
    for name, value in asdict(terms).items():
        setattr(contract, name, value)
    contract.version += 1
    contract.save()
    write_lines(contract, lines, plants)
    live.publish("contract", contract.pk, contract.version)
    return contract


@transaction.atomic
def release_contract(
    *, contract_id: int, now: dt.datetime, by: User | None = None, expected_version: int | None = None
) -> Contract:
    """From now on it is called off, and changed by amendments only. Locks it. States ContractReleased.

    Raises ContractNotDraft, StaleVersion, InvalidInput when its last day has passed.
    """
    contract, lines = held(contract_id, expected_version)
    refuse_unless_draft(contract)
    if not lines:
        raise InvalidInput(f"{contract.number} has no line yet: add one first.", field="lines")
    if contract.valid_to < today(lines, now):
        raise InvalidInput(
            f"{contract.number} ended on {contract.valid_to:%d %b %Y}: give it a later last day.", field="valid_to"
        )
    contract.state = Contract.State.ACTIVE
    contract.released_at, contract.released_by = now, by
    contract.version += 1
    contract.save(update_fields=["state", "released_at", "released_by", "version"])
    facts.state(crm_facts.ContractReleased(contract_id=contract.pk, customer_id=contract.customer_id))
    live.publish("contract", contract.pk, contract.version)
    return contract


def check_terms(terms: ContractTerms) -> None:
    """Raises InvalidInput for what cannot be meant."""
    if terms.valid_to < terms.valid_from:
        raise InvalidInput("The last day comes before the first: enter a later one.", field="valid_to")
    if not ZERO <= terms.tolerance_percent <= 100:
        raise InvalidInput("A tolerance is between 0 and 100 percent.", field="tolerance_percent")
    if not -100 < terms.renewal_percent <= 1000:
        raise InvalidInput("A change of prices is more than -100 percent.", field="renewal_percent")
    if not 1 <= terms.renewal_months <= MOST_MONTHS:
        raise InvalidInput(f"Renew for 1 to {MOST_MONTHS} months.", field="renewal_months")
    if terms.renewal not in Contract.Renewal.values:
        raise InvalidInput("Choose what happens at the end from the list.", field="renewal")
    for name in ("notice_days", "remind_days", "call_ahead_days"):
        if not 0 <= getattr(terms, name) <= 3650:
            raise InvalidInput("Enter a number of days from 0 to 3,650.", field=name)


def plants_of(lines: Sequence[ContractLineInput]) -> tuple[dict[int, Plant], Company]:
    """Raises InvalidInput unless there are lines, all from plants of one company."""
    if not lines:
        raise InvalidInput("Add at least one line: a material and a quantity or a value.", field="lines")
    if len(lines) > MOST_LINES:
        raise InvalidInput(f"A contract takes at most {MOST_LINES} lines.", field="lines")
    plants = Plant.objects.select_related("company__currency").in_bulk({line.plant_id for line in lines})
    for index, line in enumerate(lines):
        if line.plant_id not in plants:
            raise InvalidInput("Choose a plant from the list.", field=f"lines.{index}.plant")
    companies = {plant.company for plant in plants.values()}
    if len(companies) > 1:
        raise InvalidInput("One contract is with one company: split it by company.", field="lines.0.plant")
    return plants, companies.pop()


def write_lines(contract: Contract, lines: Sequence[ContractLineInput], plants: dict[int, Plant]) -> None:
    """New lines with their price steps, numbered as they stand."""
    materials = Material.objects.select_related("unit").in_bulk({line.material_id for line in lines})
    checked = [
        (checked_line(line, materials.get(line.material_id), f"lines.{index}."), line)
        for index, line in enumerate(lines)
    ]
    rows = []
    for line_no, (row, _line) in enumerate(checked, start=1):
        row.contract, row.line_no = contract, line_no
        rows.append(row)
    ContractLine.objects.bulk_create(rows)
    write_steps([(row, line.prices) for row, line in checked])


def write_steps(steps: Sequence[tuple[ContractLine, Sequence[tuple[Decimal, Decimal]]]]) -> None:
    """The price steps of lines that have none yet."""
    ContractPrice.objects.bulk_create(
        ContractPrice(line=row, from_qty=from_qty, unit_price=price)
        for row, prices in steps
        for from_qty, price in prices
    )


def checked_line(line: ContractLineInput, material: Material | None, where: str) -> ContractLine:
    """The line as a row, not written. Raises InvalidInput, NotSold, PartOfStep, TooLarge naming the field."""
    if (line.agreed_qty is None) == (line.agreed_value is None):
        raise InvalidInput("Agree a quantity or a value, one of them.", field=f"{where}agreed_qty")
    if line.agreed_value is not None and line.agreed_value <= 0:
        raise InvalidInput("An agreed value is more than zero.", field=f"{where}agreed_value")
    price = (material.list_price if material else ZERO) if line.unit_price is None else line.unit_price
    sold = erp.check_sold(material, where=where)
    if line.agreed_qty is not None:
        check_quantity(material=sold, quantity=line.agreed_qty, field=f"{where}agreed_qty")
        if line.agreed_qty > MOST_UNITS:
            raise InvalidInput(f"Agree at most {MOST_UNITS:,f} {sold.unit.code}.", field=f"{where}agreed_qty")
    erp.check_price(price, quantity=Decimal(1), field=f"{where}unit_price")
    if line.min_call_qty < 0 or (line.agreed_qty is not None and line.min_call_qty > line.agreed_qty):
        raise InvalidInput("The least call-off is between zero and what is agreed.", field=f"{where}min_call_qty")
    _check_steps(line, where)
    return ContractLine(
        plant_id=line.plant_id,
        material_id=line.material_id,
        agreed_qty=line.agreed_qty,
        agreed_value=line.agreed_value,
        unit_price=price,
        min_call_qty=line.min_call_qty,
    )


def _check_steps(line: ContractLineInput, where: str) -> None:
    starts = [from_qty for from_qty, _price in line.prices]
    if len(set(starts)) < len(starts) or any(start <= 0 for start in starts):
        raise InvalidInput("Each price step begins at a quantity of its own, above zero.", field=f"{where}prices")
    if any(price < 0 for _from, price in line.prices):
        raise InvalidInput("A price can't be below zero.", field=f"{where}prices")

"""Quotations: written, rewritten, lost; accepting one is in acceptance.py."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction

from crm.models import Quotation, QuotationLine
from crm.services.pipeline import opportunity_for
from crm.services.stages import reason_of
from erp import services as erp
from masterdata import live, numbers
from masterdata.days import check_day_ahead
from masterdata.errors import InvalidInput, Refusal, StaleVersion
from masterdata.models import Company, Currency, Material, Partner, Plant, User
from masterdata.numbering import next_numbers

VALID_FOR = dt.timedelta(days=30)


class QuotationNotOpen(Refusal):
    """Accepted or lost already."""

    code = "quotation_not_open"


class QuotationEmpty(Refusal):
    """A quotation needs a line."""

    code = "quotation_empty"
    status = 400


@dataclass(frozen=True)
class QuotationLineInput:
    """A line as typed; without a price the list price is taken. What `ask_offer` answered is stored as it was shown.

    An `offered_at` that is not later than the writing is refused.
    """

    plant_id: int
    material_id: int
    quantity: Decimal
    wanted_on: dt.date
    unit_price: Decimal | None = None
    offered_at: dt.datetime | None = None
    offered_cost: Decimal | None = None
    offered_cause: str = ""
    plan_no: int | None = None


@transaction.atomic
def write_quotation(
    *,
    customer_id: int,
    lines: Sequence[QuotationLineInput],
    now: dt.datetime,
    by: User | None = None,
    company_id: int | None = None,
    currency_id: int | None = None,
    valid_until: dt.date | None = None,
    customer_reference: str = "",
    opportunity_id: int | None = None,
) -> Quotation:
    """A new quotation in the company's currency, valid for 30 days unless said; prices default to the list."""
    customer = _customer(customer_id)
    plants, company = _plants(lines)
    if company_id not in (None, company.pk):
        raise InvalidInput(f"Choose a plant of the company that quotes, not of {company.name}.", field="lines.0.plant")
    currency = _currency(currency_id, company)
    _check_validity(valid_until, plants, now)
    quotation = Quotation.objects.create(
        number=next_numbers(company=company, kind="Q", year=_today(plants, now).year)[0],
        company=company,
        customer=customer,
        currency=currency,
        customer_reference=customer_reference,
        opportunity=opportunity_for(opportunity_id, customer=customer, company=company),
        valid_until=valid_until or _today(plants, now) + VALID_FOR,
        made_at=now,
        made_by=by,
    )
    _write_lines(quotation, lines, plants, now)
    live.publish("quotation", quotation.pk, quotation.version)
    return quotation


@transaction.atomic
def rewrite_quotation(
    *,
    quotation_id: int,
    lines: Sequence[QuotationLineInput],
    now: dt.datetime,
    valid_until: dt.date | None = None,
    customer_reference: str | None = None,
    expected_version: int | None = None,
) -> Quotation:
    """Replace the lines (and what else is given) of a draft. Locks the quotation."""
    quotation = open_quotation(quotation_id, expected_version)
    plants, company = _plants(lines)
    if company != quotation.company:
        raise InvalidInput("These plants belong to another company: write a quotation of its own.", field="plant")
    _check_validity(valid_until, plants, now)
    quotation.lines.all().delete()
    _write_lines(quotation, lines, plants, now)
    if valid_until is not None:
        quotation.valid_until = valid_until
    if customer_reference is not None:
        quotation.customer_reference = customer_reference
    quotation.version += 1
    quotation.save(update_fields=["valid_until", "customer_reference", "version"])
    live.publish("quotation", quotation.pk, quotation.version)
    return quotation


@transaction.atomic
def lose_quotation(
    *,
    quotation_id: int,
    now: dt.datetime,
    expected_version: int | None = None,
    lost_reason_id: int | None = None,
    lost_note: str = "",
) -> Quotation:
    """The customer said no, for a reason. Its opportunity stays: another quotation may win it. Locks the quotation."""
    quotation = open_quotation(quotation_id, expected_version)
    quotation.state = Quotation.State.LOST
    quotation.lost_reason = reason_of(lost_reason_id) if lost_reason_id is not None else None
    quotation.lost_note = lost_note.strip()
    quotation.version += 1
    quotation.save(update_fields=["state", "lost_reason", "lost_note", "version"])
    live.publish("quotation", quotation.pk, quotation.version)
    return quotation


def open_quotation(quotation_id: int, expected_version: int | None) -> Quotation:
    """The draft, locked. Raises StaleVersion, QuotationNotOpen."""
    quotation = (
        Quotation.objects.select_for_update(of=("self",))
        .select_related("company", "customer", "currency", "order")
        .order_by("pk")
        .get(pk=quotation_id)
    )
    if expected_version is not None and quotation.version != expected_version:
        raise StaleVersion(
            f"{quotation.number} was changed meanwhile. Look at it again, then decide.", version=quotation.version
        )
    if quotation.state == Quotation.State.ACCEPTED:
        order = quotation.order.number if quotation.order else ""
        raise QuotationNotOpen(
            f"{quotation.number} is accepted already, as order {order}.", order_id=quotation.order_id
        )
    if quotation.state == Quotation.State.LOST:
        raise QuotationNotOpen(f"{quotation.number} is lost: write a new quotation for this customer.")
    return quotation


def _customer(customer_id: int) -> Partner:
    customer = Partner.objects.select_related("currency").filter(pk=customer_id, is_customer=True).first()
    if customer is None:
        raise InvalidInput("Choose a customer from the list.", field="customer")
    if not customer.is_active:
        raise InvalidInput(f"{customer.name} is no longer active: activate the customer first.", field="customer")
    return customer


def _plants(lines: Sequence[QuotationLineInput]) -> tuple[dict[int, Plant], Company]:
    if not lines:
        raise QuotationEmpty("Add at least one line: a material, a quantity and the day it is wanted.", field="lines")
    plants = Plant.objects.select_related("company__currency").in_bulk({line.plant_id for line in lines})
    if len(plants) < len({line.plant_id for line in lines}):
        raise InvalidInput("Choose a plant from the list.", field="plant")
    companies = {plant.company for plant in plants.values()}
    if len(companies) > 1:
        raise InvalidInput("One quotation is from one company: split it by company.", field="plant")
    return plants, companies.pop()


def _currency(currency_id: int | None, company: Company) -> Currency:
    if currency_id is not None and currency_id != company.currency_id:
        raise InvalidInput(f"{company.name} sells in {company.currency.code} only for now.", field="currency")
    return company.currency


def _today(plants: dict[int, Plant], now: dt.datetime) -> dt.date:
    plant = min(plants.values(), key=lambda one: one.pk)
    return now.astimezone(ZoneInfo(plant.time_zone)).date()


def _check_validity(valid_until: dt.date | None, plants: dict[int, Plant], now: dt.datetime) -> None:
    """Raises DayPassed when nobody could accept it any more."""
    if valid_until is not None:
        plant = min(plants.values(), key=lambda one: one.pk)
        check_day_ahead(valid_until, time_zone=plant.time_zone, now=now, field="valid_until")


def _write_lines(
    quotation: Quotation, lines: Sequence[QuotationLineInput], plants: dict[int, Plant], now: dt.datetime
) -> None:
    materials = Material.objects.select_related("unit").in_bulk({line.material_id for line in lines})
    QuotationLine.objects.bulk_create(
        [
            _line(quotation, line_no, line, plants[line.plant_id], materials.get(line.material_id), now)
            for line_no, line in enumerate(lines, start=1)
        ]
    )


def _line(
    quotation: Quotation,
    line_no: int,
    line: QuotationLineInput,
    plant: Plant,
    material: Material | None,
    now: dt.datetime,
) -> QuotationLine:
    where = f"lines.{line_no - 1}"
    if material is None:
        raise InvalidInput("Choose a material that is in use.", field=f"{where}.material")
    price = material.list_price if line.unit_price is None else line.unit_price
    erp.check_wish(
        material=material,
        quantity=line.quantity,
        unit_price=price,
        wanted_on=line.wanted_on,
        time_zone=plant.time_zone,
        now=now,
        where=f"{where}.",
    )
    if line.offered_at is not None and line.offered_at <= now:
        raise InvalidInput(
            f"The date offered for line {line_no} has passed: ask for a new one.", field=f"{where}.offered_at"
        )
    return QuotationLine(
        quotation=quotation,
        line_no=line_no,
        plant_id=line.plant_id,
        material=material,
        quantity=line.quantity,
        unit_price=price,
        net_amount=numbers.money(price * line.quantity, quotation.currency.decimals),
        wanted_on=line.wanted_on,
        offered_at=line.offered_at,
        offered_cost=line.offered_cost,
        offered_cause=line.offered_cause[:240],
        plan_no=line.plan_no,
    )

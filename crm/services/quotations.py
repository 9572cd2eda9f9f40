"""Quotations written, rewritten and lost; revising.py sends them, approvals.py lets them pass."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction

from crm.models import Incoterm, Quotation
from crm.services.approvals import judge
from crm.services.opened import draft_of, open_quotation
from crm.services.pipeline import opportunity_for
from crm.services.pricing import QuotationLineInput, check_percent, write_lines
from crm.services.stages import reason_of
from erp import selectors as erp_now
from masterdata import live
from masterdata.days import check_day_ahead
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Company, Currency, Partner, PaymentTerm, Plant, User
from masterdata.models.languages import Language
from masterdata.numbering import next_numbers
from masterdata.numbers import ZERO

VALID_FOR = dt.timedelta(days=30)


class QuotationEmpty(Refusal):
    """A quotation needs a line."""

    code = "quotation_empty"
    status = 400


@dataclass(frozen=True)
class QuotationTerms:
    """What holds for the whole quotation. Without a payment term or a language the customer's."""

    discount_percent: Decimal = ZERO
    incoterm: str = ""
    incoterm_place: str = ""
    payment_term_id: int | None = None
    language: str = ""
    note: str = ""


@transaction.atomic
def write_quotation(
    *,
    customer_id: int,
    lines: Sequence[QuotationLineInput],
    now: dt.datetime,
    by: User | None = None,
    company_id: int | None = None,
    currency_id: int | None = None,
    rate: Decimal | None = None,
    valid_until: dt.date | None = None,
    customer_reference: str = "",
    opportunity_id: int | None = None,
    terms: QuotationTerms | None = None,
) -> Quotation:
    """A new quotation, valid for 30 days unless said; prices default to price lists and contracts, else the list.

    Without a currency the customer's, else the company's. `rate`: the company's currency for one of the quotation's,
    else that of the day. Terms default to the customer's. Raises InvalidInput naming the field, NoRate.
    """
    customer = _customer(customer_id)
    plants, company = _plants(lines)
    if company_id not in (None, company.pk):
        raise InvalidInput(f"Choose a plant of the company that quotes, not of {company.name}.", field="lines.0.plant")
    _check_validity(valid_until, plants, now)
    today = _today(plants, now)
    currency = _currency(currency_id, customer, company)
    quotation = Quotation(
        company=company,
        customer=customer,
        currency=currency,
        rate=erp_now.conversion(company=company, currency=currency, day=today, rate=rate).value,
        customer_reference=customer_reference,
        opportunity=opportunity_for(opportunity_id, customer=customer, company=company),
        valid_until=valid_until or today + VALID_FOR,
        made_at=now,
        made_by=by,
        changed_by=by,
    )
    _set_terms(quotation, _completed(terms or QuotationTerms(), customer))
    quotation.number = next_numbers(company=company, kind="Q", year=today.year)[0]
    quotation.save(force_insert=True)
    rows = write_lines(quotation, lines, plants, today, now)
    judge(quotation, rows, now)
    live.publish("quotation", quotation.pk, quotation.version)
    return quotation


@transaction.atomic
def rewrite_quotation(
    *,
    quotation_id: int,
    lines: Sequence[QuotationLineInput],
    now: dt.datetime,
    by: User | None = None,
    valid_until: dt.date | None = None,
    customer_reference: str | None = None,
    terms: QuotationTerms | None = None,
    rate: Decimal | None = None,
    expected_version: int | None = None,
) -> Quotation:
    """Replace the lines (and what else is given) of a draft; an approval of other figures falls. Locks it."""
    quotation = draft_of(quotation_id, expected_version)
    plants, company = _plants(lines)
    if company != quotation.company:
        raise InvalidInput("These plants belong to another company: write a quotation of its own.", field="plant")
    _check_validity(valid_until, plants, now)
    if terms is not None:
        _set_terms(quotation, terms)
    if valid_until is not None:
        quotation.valid_until = valid_until
    if customer_reference is not None:
        quotation.customer_reference = customer_reference
    today = _today(plants, now)
    if rate is not None:
        found = erp_now.conversion(company=company, currency=quotation.currency, day=today, rate=rate)
        quotation.rate = found.value
    quotation.changed_by = by or quotation.changed_by
    quotation.version += 1
    quotation.lines.all().delete()
    rows = write_lines(quotation, lines, plants, today, now)
    judge(quotation, rows, now)
    quotation.save()
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


def _customer(customer_id: int) -> Partner:
    rows = Partner.objects.select_related("currency", "terms").filter(pk=customer_id, is_customer=True)
    customer = rows.first()
    if customer is None:
        raise InvalidInput("Choose a customer from the list.", field="customer")
    if not customer.is_active:
        raise InvalidInput(f"{customer.name} is no longer active: activate the customer first.", field="customer")
    return customer


def _completed(terms: QuotationTerms, customer: Partner) -> QuotationTerms:
    """With how this customer is usually delivered to, unless said otherwise."""
    own = getattr(customer, "terms", None)
    if own is None or terms.incoterm or terms.incoterm_place:
        return terms
    return replace(terms, incoterm=own.incoterm, incoterm_place=own.incoterm_place)


def _set_terms(quotation: Quotation, terms: QuotationTerms) -> None:
    check_percent(terms.discount_percent, "discount_percent")
    if terms.incoterm and terms.incoterm not in Incoterm.values:
        raise InvalidInput("Choose delivery terms from the list.", field="incoterm")
    if terms.incoterm_place and not terms.incoterm:
        raise InvalidInput("Choose delivery terms for this place.", field="incoterm")
    if terms.language and terms.language not in Language.values:
        raise InvalidInput("Choose a language from the list.", field="language")
    if terms.payment_term_id and not PaymentTerm.objects.filter(pk=terms.payment_term_id).exists():
        raise InvalidInput("Choose a payment term from the list.", field="payment_term")
    quotation.discount_percent = terms.discount_percent
    quotation.incoterm, quotation.incoterm_place = terms.incoterm, terms.incoterm_place.strip()[:80]
    quotation.payment_term_id, quotation.language = terms.payment_term_id, terms.language
    quotation.note = terms.note.strip()


def _plants(lines: Sequence[QuotationLineInput]) -> tuple[dict[int, Plant], Company]:
    if not lines or all(line.is_option for line in lines):
        raise QuotationEmpty("Add at least one line: a material, a quantity and the day it is wanted.", field="lines")
    plants = Plant.objects.select_related("company__currency").in_bulk({line.plant_id for line in lines})
    if len(plants) < len({line.plant_id for line in lines}):
        raise InvalidInput("Choose a plant from the list.", field="plant")
    companies = {plant.company for plant in plants.values()}
    if len(companies) > 1:
        raise InvalidInput("One quotation is from one company: split it by company.", field="plant")
    return plants, companies.pop()


def _currency(currency_id: int | None, customer: Partner, company: Company) -> Currency:
    if currency_id is None:
        return customer.currency or company.currency
    currency = Currency.objects.filter(pk=currency_id).first()
    if currency is None:
        raise InvalidInput("Choose a currency from the list.", field="currency")
    return currency


def _today(plants: Mapping[int, Plant], now: dt.datetime) -> dt.date:
    plant = min(plants.values(), key=lambda one: one.pk)
    return now.astimezone(ZoneInfo(plant.time_zone)).date()


def _check_validity(valid_until: dt.date | None, plants: Mapping[int, Plant], now: dt.datetime) -> None:
    """Raises DayPassed when nobody could accept it any more."""
    if valid_until is not None:
        plant = min(plants.values(), key=lambda one: one.pk)
        check_day_ahead(valid_until, time_zone=plant.time_zone, now=now, field="valid_until")

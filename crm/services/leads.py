"""Leads: taken, changed, made customers with an opportunity, or let go for a reason."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from django.db import transaction

from crm import facts as crm_facts
from crm.models import Activity, Lead, Opportunity
from crm.selectors.owners import owners
from crm.services.pipeline import OpportunityInput, open_opportunity
from crm.services.stages import lay_down_stages, reason_of
from masterdata import facts, live
from masterdata.errors import InvalidInput, Refusal, StaleVersion
from masterdata.models import Company, Contact, Partner, User
from masterdata.numbering import next_numbers

WRITE = "crm.write_lead"
LONGEST_CODE = 12


class LeadIsClosed(Refusal):
    """It became a customer, or was let go."""

    code = "lead_is_closed"


@dataclass(frozen=True, kw_only=True)
class LeadInput:
    """Who it is and where it came from; a firm or a person is needed."""

    organisation: str = ""
    person: str = ""
    email: str = ""
    phone: str = ""
    source: str = Lead.Source.OTHER
    note: str = ""
    owner_id: int | None = None


@transaction.atomic
def take_lead(*, company_id: int, lead: LeadInput, now: dt.datetime, by: User | None = None) -> Lead:
    """Somebody may become a customer. Raises InvalidInput."""
    company = Company.objects.filter(pk=company_id).first()
    if company is None:
        raise InvalidInput("Choose the company that they asked.", field="company")
    lay_down_stages()  # with the reasons for which it may be let go
    row = Lead(
        number=next_numbers(company=company, kind="LD", year=now.year)[0], company=company, made_at=now, made_by=by
    )
    _fill(row, lead)
    row.save()
    live.publish("lead", row.pk, row.version)
    return row


@transaction.atomic
def change_lead(*, lead_id: int, lead: LeadInput, expected_version: int | None = None) -> Lead:
    """What is known of it. Locks the lead. Raises LeadIsClosed, StaleVersion, InvalidInput."""
    row = _open(lead_id, expected_version)
    _fill(row, lead)
    return _changed(row)


@transaction.atomic
def convert_lead(
    *,
    lead_id: int,
    opportunity: OpportunityInput,
    now: dt.datetime,
    by: User | None = None,
    customer_id: int | None = None,
    expected_version: int | None = None,
) -> Opportunity:
    """It becomes a customer (an existing one, or a new one with its contact) and an opportunity, or nothing happens.

    Its activities go with it. Locks the lead. Raises LeadIsClosed, StaleVersion, InvalidInput.
    """
    row = _open(lead_id, expected_version)
    customer = _existing(customer_id) if customer_id else _new_customer(row)
    contact = _contact_of(row, customer)
    given = OpportunityInput(**{**opportunity.__dict__, "contact_id": contact.pk if contact else None})
    made = open_opportunity(customer_id=customer.pk, company_id=row.company_id, opportunity=given, now=now, by=by)
    row.state, row.customer, row.opportunity, row.closed_at = Lead.State.CONVERTED, customer, made, now
    _changed(row)
    Activity.objects.filter(lead=row).update(customer=customer, opportunity=made)
    facts.state(crm_facts.LeadConverted(lead_id=row.pk, customer_id=customer.pk, opportunity_id=made.pk))
    return made


@transaction.atomic
def disqualify_lead(
    *,
    lead_id: int,
    lost_reason_id: int,
    now: dt.datetime,
    note: str = "",
    expected_version: int | None = None,
) -> Lead:
    """Nothing will come of it, for a reason. Locks the lead. Raises LeadIsClosed, StaleVersion, InvalidInput."""
    row = _open(lead_id, expected_version)
    row.state, row.lost_reason, row.lost_note = Lead.State.DISQUALIFIED, reason_of(lost_reason_id), note.strip()
    row.closed_at = now
    return _changed(row)


@transaction.atomic
def reopen_lead(*, lead_id: int, expected_version: int | None = None) -> Lead:
    """Something may come of it after all. Locks the lead. Raises LeadIsClosed (converted), StaleVersion."""
    row = _locked(lead_id, expected_version)
    if row.state == Lead.State.CONVERTED:
        raise LeadIsClosed(f"{row.number} is a customer already: open a new opportunity.")
    row.state, row.lost_reason, row.lost_note, row.closed_at = Lead.State.NEW, None, "", None
    return _changed(row)


def _locked(lead_id: int, expected_version: int | None) -> Lead:
    row = (
        Lead.objects.select_for_update(of=("self",))
        .select_related("company", "customer", "opportunity")
        .order_by("pk")
        .get(pk=lead_id)
    )
    if expected_version is not None and row.version != expected_version:
        raise StaleVersion(f"{row.number} was changed meanwhile. Look at it again, then decide.", version=row.version)
    return row


def _open(lead_id: int, expected_version: int | None) -> Lead:
    row = _locked(lead_id, expected_version)
    if row.state == Lead.State.CONVERTED:
        raise LeadIsClosed(
            f"{row.number} became {row.customer} already: go on with {row.opportunity}.",
            opportunity_id=row.opportunity_id,
        )
    if row.state == Lead.State.DISQUALIFIED:
        raise LeadIsClosed(f"{row.number} was let go: open it again first.")
    return row


def _changed(row: Lead) -> Lead:
    row.version += 1
    row.save()
    live.publish("lead", row.pk, row.version)
    return row


def _fill(row: Lead, given: LeadInput) -> None:
    row.organisation, row.person = given.organisation.strip(), given.person.strip()
    if not row.name:
        raise InvalidInput("Say who it is: a firm or a person.", field="organisation")
    if given.source not in Lead.Source.values:
        raise InvalidInput("Choose where it came from.", field="source")
    row.email, row.phone = given.email.strip().lower(), given.phone.strip()
    row.source, row.note = given.source, given.note.strip()
    owner = owners(row.company, WRITE).filter(pk=given.owner_id).first() if given.owner_id else None
    if given.owner_id and owner is None:
        raise InvalidInput("Choose somebody who sells for this company.", field="owner")
    row.owner = owner


def _existing(customer_id: int) -> Partner:
    customer = Partner.objects.order_by("pk").select_for_update().filter(pk=customer_id, is_active=True).first()
    if customer is None:
        raise InvalidInput("Choose a partner that is in use.", field="customer")
    if not customer.is_customer:
        customer.is_customer = True
        customer.version += 1
        customer.save(update_fields=["is_customer", "version"])
    return customer


def _new_customer(lead: Lead) -> Partner:
    """Named like the firm, else the person; its code is made of the name."""
    kind = Partner.Kind.COMPANY if lead.organisation else Partner.Kind.PERSON
    return Partner.objects.create(
        code=_free_code(lead.name), name=lead.name, kind=kind, is_customer=True, email=lead.email, phone=lead.phone
    )


def _free_code(name: str) -> str:
    base = re.sub(r"[^A-Z0-9]+", "-", name.upper()).strip("-")[:LONGEST_CODE].strip("-") or "CUSTOMER"
    taken = set(Partner.objects.filter(code__startswith=base).values_list("code", flat=True))
    number = 1
    while (code := base if number == 1 else f"{base}-{number}") in taken:
        number += 1
    return code


def _contact_of(lead: Lead, customer: Partner) -> Contact | None:
    """The person of the lead at the customer: who is known by that address or name, else new."""
    if not lead.person:
        return None
    known = Contact.objects.filter(partner=customer).order_by("pk")
    found = known.filter(email__iexact=lead.email).first() if lead.email else None
    found = found or known.filter(name__iexact=lead.person).first()
    return found or Contact.objects.create(partner=customer, name=lead.person, email=lead.email, phone=lead.phone)

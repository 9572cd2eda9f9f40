"""Leads: taken, found to be known already, converted whole or not at all, let go for a reason."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from crm import services as crm
from crm.models import Lead, LostReason, Opportunity
from crm.selectors import duplicates
from masterdata.errors import InvalidInput
from masterdata.models import Contact, FactRecord, Partner
from tests.flows.workshop import Workshop
from tests.pages.conftest import person

HOPED = crm.OpportunityInput(title="Reception desk", value=Decimal(8000), expected_on=dt.date(2027, 2, 1))


def lead(shop: Workshop, **given: str) -> Lead:
    who = {"organisation": "Café Linde", "person": "Ines Linde", "email": "Ines@Linde.example", "phone": "0761 234567"}
    return crm.take_lead(company_id=shop.company.pk, lead=crm.LeadInput(**(who | given)), now=timezone.now())


def test_a_lead_becomes_customer_contact_and_opportunity_at_once(shop: Workshop) -> None:
    row, now = lead(shop), timezone.now()
    sara = person("sara", "sales", shop.plant)
    call = crm.ActivityInput(kind="call", subject="Measure", due_at=now, owner_id=sara.pk)
    activity = crm.plan_activity(about=crm.About(lead_id=row.pk), activity=call, now=now)
    made = crm.convert_lead(lead_id=row.pk, opportunity=HOPED, now=now)
    customer = Partner.objects.get(name="Café Linde")
    assert (customer.is_customer, customer.email, customer.code) == (True, "ines@linde.example", "CAF-LINDE")
    assert made.contact == Contact.objects.get(partner=customer, name="Ines Linde")
    row.refresh_from_db(), activity.refresh_from_db()
    assert (row.state, row.customer, row.opportunity) == ("converted", customer, made)
    assert (activity.customer, activity.opportunity) == (customer, made)
    assert FactRecord.objects.get(kind="LeadConverted").subject == f"customer:{customer.pk}"
    with pytest.raises(crm.LeadIsClosed, match="became Café Linde"):
        crm.convert_lead(lead_id=row.pk, opportunity=HOPED, now=now)


def test_a_conversion_that_is_refused_leaves_nothing_behind(shop: Workshop) -> None:
    row = lead(shop)
    wrong = crm.OpportunityInput(title=" ", value=Decimal(1), expected_on=dt.date(2027, 2, 1))
    with pytest.raises(InvalidInput):
        crm.convert_lead(lead_id=row.pk, opportunity=wrong, now=timezone.now())
    assert not Partner.objects.filter(name="Café Linde").exists()
    assert not Opportunity.objects.exists()
    assert Lead.objects.get().state == "new"


def test_a_known_customer_and_contact_are_not_made_twice(shop: Workshop) -> None:
    known = Contact.objects.create(partner=shop.customer, name="I. Linde", email="ines@linde.example")
    made = crm.convert_lead(lead_id=lead(shop).pk, customer_id=shop.customer.pk, opportunity=HOPED, now=timezone.now())
    assert (made.customer, made.contact) == (shop.customer, known)
    assert Contact.objects.count() == 1


def test_names_that_make_the_same_code_get_numbers(shop: Workshop) -> None:
    Partner.objects.create(code="CAF-LINDE", name="Another")
    made = crm.convert_lead(lead_id=lead(shop).pk, opportunity=HOPED, now=timezone.now())
    assert made.customer.code == "CAF-LINDE-2"


def test_duplicates_are_found_by_address_number_and_name(shop: Workshop) -> None:
    """+49 761 23 45 67 and 0761 234567 end in the same nine digits."""
    sara = person("sara", "sales", shop.plant)
    first = lead(shop)
    partner = Partner.objects.create(code="X", name="Someone", phone="+49 (0)761 / 23 45 67", is_customer=True)
    contact = Contact.objects.create(partner=shop.customer, name="Ines", email="INES@linde.example")
    found = duplicates(sara, organisation="CAFÉ LINDE", email="ines@linde.example", phone="+49 761 234567")
    assert [(one.kind, one.pk, one.same) for one in found] == [
        ("customer", partner.pk, "phone"),
        ("contact", contact.pk, "email"),
        ("lead", first.pk, "email"),
    ]
    assert duplicates(sara, organisation="café linde", but=first.pk) == []
    assert duplicates(sara, phone="12") == [], "too short to be a number"


def test_a_lead_is_let_go_for_a_reason_and_taken_up_again(shop: Workshop) -> None:
    row = lead(shop)
    crm.lay_down_stages()
    reason = LostReason.objects.get(code="NO-NEED")
    crm.disqualify_lead(lead_id=row.pk, lost_reason_id=reason.pk, note="moves abroad", now=timezone.now())
    with pytest.raises(crm.LeadIsClosed, match="open it again"):
        crm.change_lead(lead_id=row.pk, lead=crm.LeadInput(organisation="Linde"))
    assert crm.reopen_lead(lead_id=row.pk).lost_reason is None


def test_a_lead_names_a_firm_or_a_person(shop: Workshop) -> None:
    with pytest.raises(InvalidInput, match="a firm or a person"):
        lead(shop, organisation="", person=" ")

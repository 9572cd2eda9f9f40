"""Leads, and who they may be already: other leads, customers and contacts with the same address, number or name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Func, Q, QuerySet, Value
from django.db.models.functions import Lower

from crm.models import Lead
from masterdata.models import Contact, Partner
from masterdata.rights import visible_to

FEWEST_DIGITS = 6
MOST = 8


@dataclass(frozen=True)
class Duplicate:
    """Somebody known already; `same` says by what: "email", "phone" or "name"."""

    kind: str
    pk: int
    name: str
    same: str
    code: str = ""
    customer_id: int | None = None


def visible_leads(user: Any) -> QuerySet[Lead]:
    """Leads of companies in which the user works, the newest first."""
    return (
        visible_to(user, Lead.objects.all())
        .select_related("owner", "customer", "opportunity", "lost_reason", "company")
        .order_by("-pk")
    )


def duplicates(
    user: Any, *, organisation: str = "", person: str = "", email: str = "", phone: str = "", but: int | None = None
) -> list[Duplicate]:
    """Who has the same address, phone number (digits only) or name, the customers first. Three queries."""
    sought = _Sought(organisation.strip().lower(), person.strip().lower(), email.strip().lower(), digits(phone))
    if not any((sought.organisation, sought.person, sought.email, sought.phone)):
        return []
    partners = visible_to(user, Partner.objects.filter(is_active=True))
    contacts = visible_to(user, Contact.objects.filter(partner__is_active=True)).select_related("partner")
    leads = visible_leads(user).exclude(pk=but or 0)
    names = [name for name in (sought.organisation, sought.person) if name]
    found = [
        Duplicate("customer", one.pk, one.name, sought.same(one.name, one.email, one.phone), one.code, one.pk)
        for one in _alike(partners, sought, "name", names)
    ]
    found += [
        Duplicate(
            "contact",
            one.pk,
            f"{one.name}, {one.partner.name}",
            sought.same(one.name, one.email, one.phone),
            one.partner.code,
            one.partner_id,
        )
        for one in _alike(contacts, sought, "name", [sought.person] if sought.person else [])
    ]
    found += [
        Duplicate(
            "lead", one.pk, one.name, sought.same(one.organisation, one.email, one.phone), one.number, one.customer_id
        )
        for one in _alike(leads, sought, "organisation", names)
    ]
    return found


def digits(phone: str) -> str:
    """A phone number without spaces and signs; international and national forms end alike."""
    return re.sub(r"\D", "", phone)[-9:]


@dataclass(frozen=True)
class _Sought:
    organisation: str
    person: str
    email: str
    phone: str

    def same(self, name: str, email: str, phone: str) -> str:
        if self.email and email.lower() == self.email:
            return "email"
        if len(self.phone) >= FEWEST_DIGITS and digits(phone) == self.phone:
            return "phone"
        return "name"


def _alike(rows: QuerySet[Any], sought: _Sought, name: str, names: list[str]) -> list[Any]:
    condition = Q(pk=None)
    rows = rows.annotate(low_name=Lower(name), low_email=Lower("email"), digits=_digits("phone"))
    if names:
        condition |= Q(low_name__in=names)
    if sought.email:
        condition |= Q(low_email=sought.email)
    if len(sought.phone) >= FEWEST_DIGITS:
        condition |= Q(digits=sought.phone)
    return list(rows.filter(condition).order_by("-pk")[:MOST])


def _digits(field: str) -> Func:
    stripped = Func(field, Value(r"\D"), Value(""), Value("g"), function="regexp_replace", output_field=CharField())
    return Func(stripped, Value(9), function="right", output_field=CharField())

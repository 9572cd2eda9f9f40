"""Templates of messages, and the words that they become for a row."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Max, Min, QuerySet, Sum
from django.utils import timezone

from crm import placeholders
from crm.models import Case, MessageTemplate, Quotation
from erp.models import SalesOrder
from masterdata.documents.wording import Wording, wording
from masterdata.models import Company, Contact, Partner, User
from masterdata.models.languages import DEFAULT
from masterdata.rights import visible_to


@dataclass(frozen=True)
class Filled:
    """A template as it reads for one row."""

    subject: str
    body: str
    language: str


@dataclass(frozen=True)
class About:
    """What is written about: a customer of a company, at most one document of theirs, and who writes."""

    customer: Partner
    company: Company
    document: Quotation | SalesOrder | Case | None = None
    contact: Contact | None = None
    writer: User | None = None

    @property
    def purpose(self) -> str:
        """Which templates fit."""
        for model, purpose in ((Quotation, "quotation"), (SalesOrder, "order"), (Case, "case")):
            if isinstance(self.document, model):
                return purpose
        return "customer"

    @property
    def language(self) -> str:
        """The customer's, else the company's."""
        return self.customer.language or self.company.language or DEFAULT


def active_templates(purpose: str) -> QuerySet[MessageTemplate]:
    """Those that are offered for a purpose, and those for any customer."""
    return MessageTemplate.objects.filter(is_active=True, purpose__in={purpose, "customer"}).order_by(
        "name", "language"
    )


def offered_templates(about: About) -> list[MessageTemplate]:
    """One of each code: in the customer's language, else the company's, else in English, else whichever there is."""
    wanted = [about.customer.language, about.company.language, DEFAULT]
    best: dict[str, MessageTemplate] = {}
    for row in active_templates(about.purpose):
        if row.code not in best or _rank(row, wanted) < _rank(best[row.code], wanted):
            best[row.code] = row
    return sorted(best.values(), key=lambda row: row.name)


def _rank(row: MessageTemplate, wanted: list[str]) -> int:
    return wanted.index(row.language) if row.language in wanted else len(wanted)


def template_named(code: str, about: About) -> MessageTemplate | None:
    """The template of this code in the language that fits best."""
    return next((row for row in offered_templates(about) if row.code == code), None)


def newest_about(user: Any, purpose: str) -> About | None:
    """The newest row that a template of this purpose can be shown with, of those that the user may see."""
    models: dict[str, Any] = {"quotation": Quotation, "order": SalesOrder, "case": Case}
    if (model := models.get(purpose)) is not None:
        rows = visible_to(user, model.objects.select_related("customer", "company"))
        row = rows.order_by("-pk").first()
        return About(row.customer, row.company, row, writer=user) if row else None
    company = visible_to(user, Company.objects.order_by("pk")).first()
    customer = visible_to(user, Partner.objects.filter(is_customer=True).order_by("name")).first()
    return About(customer, company, writer=user) if customer and company else None


def filled_template(template: MessageTemplate, about: About, now: dt.datetime) -> Filled:
    """Its words for this row, days and numbers as its language writes them."""
    with timezone.override(_zone(about)):
        values = values_of(about, wording(template.language), now)
    return Filled(
        " ".join(placeholders.filled(template.subject, values).split()),
        placeholders.filled(template.body, values),
        template.language,
    )


def values_of(about: About, say: Wording, now: dt.datetime) -> dict[str, str]:
    """Placeholder -> value, for all that the purpose allows."""
    writer = about.writer
    values = {
        "customer.name": about.customer.name,
        "customer.code": about.customer.code,
        "contact.name": about.contact.name if about.contact else about.customer.name,
        "company.name": about.company.name,
        "company.phone": about.company.phone,
        "company.email": about.company.email,
        "writer.name": (writer.get_full_name() or writer.username) if writer else about.company.name,
        "today": say.day(now),
    }
    document = about.document
    if isinstance(document, Quotation):
        return values | _of_quotation(document, say)
    if isinstance(document, SalesOrder):
        return values | _of_order(document, say)
    return values | _of_case(document, say) if isinstance(document, Case) else values


def _of_quotation(row: Quotation, say: Wording) -> dict[str, str]:
    sums = row.lines.aggregate(net=Sum("net_amount"), at=Max("offered_at"))
    return {
        "quotation.number": row.number,
        "quotation.reference": row.customer_reference,
        "quotation.valid_until": say.day(row.valid_until),
        "quotation.delivery_on": _day(sums["at"], say),
        "quotation.total": say.money(sums["net"] or Decimal(0), row.currency),
    }


def _of_order(row: SalesOrder, say: Wording) -> dict[str, str]:
    sums = row.lines.aggregate(
        net=Sum("net_amount"), wanted=Min("wanted_on"), promised=Max("promised_at"), expected=Max("expected_at")
    )
    return {
        "order.number": row.number,
        "order.reference": row.customer_reference,
        "order.ordered_on": say.day(row.ordered_on),
        "order.wanted_on": _day(sums["wanted"], say),
        "order.promised_on": _day(sums["promised"], say),
        "order.expected_on": _day(sums["expected"], say),
        "order.total": say.money(sums["net"] or Decimal(0), row.currency),
    }


def _of_case(row: Case, say: Wording) -> dict[str, str]:
    return {
        "case.number": row.number,
        "case.subject": row.subject,
        "case.opened_on": say.day(row.opened_at),
        "case.order": row.order.number if row.order else "",
    }


def _day(value: Any, say: Wording) -> str:
    return say.day(value) if value else ""


def _zone(about: About) -> ZoneInfo:
    """That of the plant of the document's first line, else of the company's first plant."""
    lines: Any = getattr(about.document, "lines", None)
    line = lines.select_related("plant").order_by("line_no").first() if lines is not None else None
    plant = line.plant if line else about.company.plants.order_by("pk").first()
    return ZoneInfo(plant.time_zone if plant else "UTC")

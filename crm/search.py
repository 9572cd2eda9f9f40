"""Quotations, rush requests and customers in the global search."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.selectors import visible_contracts, visible_quotations, visible_rush_requests
from masterdata import search
from masterdata.models import Partner
from masterdata.rights import visible_to


def register() -> None:
    """Found by number, customer and what they call it."""
    quotations = search.among(
        lambda user: visible_quotations(user).order_by("-pk"),
        ["number", "customer__name", "customer_reference"],
        lambda row: _hit(row.number, row.customer.name, "crm:quotation", row.pk),
    )
    contracts = search.among(
        lambda user: visible_contracts(user).order_by("-pk"),
        ["number", "customer__name", "title", "customer_reference"],
        lambda row: _hit(row.number, f"{row.customer.name} {row.title}".strip(), "crm:contract", row.pk),
    )
    rushes = search.among(
        lambda user: visible_rush_requests(user).order_by("-pk"),
        ["number", "customer__name", "material__name"],
        lambda row: _hit(row.number, f"{row.customer.name}, {row.material.name}", "crm:rush_request", row.pk),
    )
    customers = search.among(
        lambda user: visible_to(user, Partner.objects.filter(is_customer=True)),
        ["name", "code"],
        lambda row: _hit(row.name, row.code, "crm:customer", row.pk),
    )
    search.register(search.Provider("quotations", _("Quotations"), "file-text", "crm.view", quotations))
    search.register(search.Provider("contracts", _("Contracts"), "writing-sign", "crm.view", contracts))
    search.register(search.Provider("rush", _("Rush requests"), "bolt", "crm.view", rushes))
    search.register(search.Provider("customers", _("Customers"), "users-group", "crm.view", customers))


def _hit(title: str, detail: str, url_name: str, pk: Any) -> search.Hit:
    return search.Hit(title, detail, reverse(url_name, args=[pk]))

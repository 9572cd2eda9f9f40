"""Cases as pages and integrations read them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from crm.models import Case, Message
from masterdata.rights import visible_to


def visible_cases(user: Any) -> QuerySet[Case]:
    """Cases of companies in which the user works, with whom and what they are about, the newest first."""
    return (
        visible_to(user, Case.objects.all())
        .select_related("customer", "contact", "order", "order_line__material", "owner", "company")
        .order_by("-pk")
    )


def address_of_case(case: Case) -> str:
    """Where an answer goes: the case's person, else the customer, else who wrote last in it; empty: nowhere.

    What a machine wrote (out of office, it came back) says nothing.
    """
    if known := (case.contact.email if case.contact else "") or case.customer.email:
        return known
    written = Message.objects.filter(
        case=case, kind=Message.Kind.MAIL, direction=Message.Direction.IN, is_automatic=False
    )
    return (
        written.exclude(from_address="").order_by("-made_at", "-pk").values_list("from_address", flat=True).first()
        or ""
    )

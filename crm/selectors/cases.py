"""Cases as pages and integrations read them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from crm.models import Case
from masterdata.rights import visible_to


def visible_cases(user: Any) -> QuerySet[Case]:
    """Cases of companies in which the user works, with whom and what they are about, the newest first."""
    return (
        visible_to(user, Case.objects.all())
        .select_related("customer", "contact", "order", "order_line__material", "owner", "company")
        .order_by("-pk")
    )

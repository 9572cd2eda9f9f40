"""The plant switch and the companies of a person, as lists use them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from masterdata.access import visible_to
from masterdata.models import Company


def in_chosen_plant(request: HttpRequest, rows: QuerySet[Any], path: str = "plant") -> QuerySet[Any]:
    """The rows of the plant chosen in the switch; all of them when none is."""
    chosen = getattr(request, "plant", None)
    return rows.filter(**{path: chosen}) if chosen else rows


def own_currency(user: Any) -> str:
    """The currency of the user's companies, when there is only one."""
    codes = set(visible_to(user, Company.objects.all()).values_list("currency__code", flat=True))
    return codes.pop() if len(codes) == 1 else ""

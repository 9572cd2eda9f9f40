"""The plant switch as lists use it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest


def in_chosen_plant(request: HttpRequest, rows: QuerySet[Any], path: str = "plant") -> QuerySet[Any]:
    """The rows of the plant chosen in the switch; all of them when none is."""
    chosen = getattr(request, "plant", None)
    return rows.filter(**{path: chosen}) if chosen else rows

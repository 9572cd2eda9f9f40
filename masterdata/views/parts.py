"""What the pages of master data share: states in words, parts of other apps by address, the version sent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from masterdata.access import may
from masterdata.forms import WEEKDAYS
from masterdata.models import Shift


def active(row: Any) -> tuple[str, Any]:
    """The state of a row that can be put aside."""
    return ("active", _("Active")) if row.is_active else ("inactive", _("Put aside"))


def part_url(user: Any, permission: str, name: str, *args: Any) -> str:
    """Where another app shows its part of a row; empty when there is none or the user may not see it."""
    if not may(user, permission):
        return ""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def with_day_names(shifts: Iterable[Shift]) -> list[Any]:
    """The shifts, each with the name of its weekday as `day_name`."""
    rows: list[Any] = list(shifts)
    for row in rows:
        row.day_name = WEEKDAYS[row.weekday]
    return rows

"""Activities: what is to be done by whom, what is overdue, and what rings."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from crm.models import Activity
from masterdata.rights import visible_to


def visible_activities(user: Any) -> QuerySet[Activity]:
    """Activities of companies in which the user works, what is due first first, with what they are about."""
    return (
        visible_to(user, Activity.objects.all())
        .select_related("owner", "lead", "customer", "opportunity", "quotation", "order", "case", "company")
        .order_by("due_at", "pk")
    )


def to_do(user: Any) -> QuerySet[Activity]:
    """The user's own, still to be done."""
    return visible_activities(user).filter(owner=user, done_at__isnull=True)


def rung(user: Any) -> QuerySet[Activity]:
    """What rings at the user's bell: reminders of what is still to be done, the latest first."""
    return (
        visible_activities(user)
        .filter(owner=user, done_at__isnull=True, rung_at__isnull=False)
        .order_by("-rung_at", "-pk")
    )

"""Who may own a case, a lead, an opportunity or an activity: the people whose role has the deed in the company."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from masterdata import rights
from masterdata.models import Company, User


def owners(company: Company, deed: str) -> QuerySet[User]:
    """Active people who may do `deed` in the company, or in one of its plants, by name."""
    return owners_in([company], deed)


def owners_in(companies: Iterable[Company], deed: str) -> QuerySet[User]:
    """Active people who may do `deed` in one of the companies, by name."""
    roles = [role for role, deeds in rights.roles().items() if deed in deeds]
    mine = User.objects.filter(memberships__company__in=companies, memberships__role__in=roles).values("pk")
    return User.objects.filter(is_active=True, pk__in=mine).order_by("first_name", "last_name", "username")

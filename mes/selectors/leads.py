"""Who may allow at a plant's tablets what a rule forbids."""

from __future__ import annotations

from django.db.models import Q

from masterdata import rights
from masterdata.models import Employee, Membership, Plant

ALLOW = "mes.override_skill"


def leads_of(plant: Plant) -> list[int]:
    """Employees of the plant who may let somebody work without a skill and have a PIN to say so, by name."""
    roles = [role for role, deeds in rights.roles().items() if ALLOW in deeds]
    theirs = Membership.objects.filter(Q(plant=plant) | Q(plant=None), role__in=roles, company=plant.company_id)
    rows = Employee.objects.filter(plant=plant, is_active=True, user__in=theirs.values("user")).exclude(pin_hash="")
    return list(rows.order_by("name").values_list("pk", flat=True))

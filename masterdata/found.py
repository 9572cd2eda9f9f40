"""What the global search finds of master data: partners, materials, machines."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from masterdata import search
from masterdata.models import Machine, Material, Partner
from masterdata.rights import visible_to

SEE = "masterdata.view"


def register() -> None:
    """Tell the search."""
    search.register(
        search.Provider(
            "partners",
            _("Partners"),
            "users",
            SEE,
            search.among(
                lambda user: visible_to(user, Partner.objects.order_by("name")),
                ["code", "name"],
                lambda row: search.Hit(row.code, row.name, reverse("masterdata:partner", args=[row.pk])),
            ),
        )
    )
    search.register(
        search.Provider(
            "materials",
            _("Materials"),
            "box",
            SEE,
            search.among(
                lambda user: visible_to(user, Material.objects.order_by("code")),
                ["code", "name"],
                lambda row: search.Hit(row.code, row.name, reverse("masterdata:material", args=[row.pk])),
            ),
        )
    )
    search.register(
        search.Provider(
            "machines",
            _("Machines"),
            "tool",
            SEE,
            search.among(
                lambda user: visible_to(user, Machine.objects.order_by("code")),
                ["code", "name"],
                lambda row: search.Hit(row.code, row.name, reverse("masterdata:machine", args=[row.pk])),
            ),
        )
    )

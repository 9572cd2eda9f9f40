"""What the global search finds of work orders."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from erp.production.models import WorkOrder
from masterdata import search
from masterdata.rights import visible_to

SEE = "erp.view_work_order"


def register() -> None:
    """Tell the search."""
    search.register(
        search.Provider(
            "work_orders",
            _("Work orders"),
            "list-check",
            SEE,
            search.among(
                lambda user: visible_to(user, WorkOrder.objects.select_related("material").order_by("-id"), SEE),
                ["number", "material__name"],
                lambda row: search.Hit(row.number, row.material.name, reverse("erp:work_order", args=[row.pk])),
            ),
        )
    )

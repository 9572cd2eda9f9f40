"""What the global search finds of the stockroom's papers: transfers and count sheets."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from erp.stock.models import CountSheet, Transfer
from masterdata import search
from masterdata.rights import visible_to

SEE, MOVE = "erp.view_stock", "erp.move_stock"


def register() -> None:
    """Tell the search."""
    search.register(
        search.Provider(
            "transfers",
            _("Transfers"),
            "truck",
            MOVE,
            search.among(
                lambda user: visible_to(
                    user, Transfer.objects.select_related("plant", "to_plant").order_by("-id"), MOVE
                ),
                ["number", "note"],
                lambda row: search.Hit(
                    row.number, f"{row.plant.name} → {row.to_plant.name}", reverse("erp:transfer", args=[row.pk])
                ),
            ),
        )
    )
    search.register(
        search.Provider(
            "count_sheets",
            _("Counts"),
            "clipboard-check",
            SEE,
            search.among(
                lambda user: visible_to(user, CountSheet.objects.select_related(*_OF).order_by("-id"), SEE),
                ["number", "location__name", "material__code"],
                _counted,
            ),
        )
    )


_OF = "plant", "location", "material"


def _counted(row: Any) -> search.Hit:
    told = [row.plant.name, row.location and row.location.name, row.material and row.material.code]
    return search.Hit(row.number, " · ".join(part for part in told if part), reverse("erp:count_sheet", args=[row.pk]))

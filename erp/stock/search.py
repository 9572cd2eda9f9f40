"""What the global search finds of stock: lots and serial numbers, by our number or the supplier's."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from erp.stock.models import Lot, StockBalance
from masterdata import search
from masterdata.access import scope_of

SEE = "erp.view_stock"


def register() -> None:
    """Tell the search."""
    search.register(
        search.Provider(
            "lots",
            _("Lots and serial numbers"),
            "barcode",
            SEE,
            search.among(_lots, ["number", "supplier_lot", "material__code"], _hit),
        )
    )


def _lots(user: Any) -> QuerySet[Lot]:
    """Lots that lie, or have lain, in a plant where the user sees stock; the newest first."""
    here = StockBalance.objects.filter(lot=OuterRef("pk"), plant__in=sorted(scope_of(user, SEE).plants))
    return Lot.objects.filter(Exists(here)).select_related("material").order_by("-pk")


def _hit(row: Lot) -> search.Hit:
    told = [row.material.code, row.material.name, row.supplier_lot]
    return search.Hit(
        row.number,
        " · ".join(part for part in told if part),
        reverse("erp:lot", args=[row.pk]),
    )

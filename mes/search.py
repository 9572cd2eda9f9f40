"""What the global search finds for the floor: work instructions, and what is scanned beside lots and work orders."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from erp.models import Package
from masterdata import search
from masterdata.access import visible_to
from masterdata.models import Location
from mes.models import WorkInstruction


def register() -> None:
    """Tell the search."""
    search.register(
        search.Provider(
            "instructions", _("Work instructions"), "notes", "mes.view_instructions",
            search.among(_instructions, ["operation__name", "operation__routing__material__code"], _instruction),
        )
    )  # fmt: skip
    search.register(
        search.Provider(
            "packages", _("Packages"), "package", "erp.view_order", search.among(_packages, ["number"], _package)
        )
    )
    search.register(
        search.Provider(
            "places", _("Places"), "map-pin", "erp.view_stock", search.among(_places, ["code", "name"], _place)
        )
    )


def _instructions(user: Any) -> Any:
    rows = WorkInstruction.objects.filter(state="released").select_related("operation__routing__material")
    return visible_to(user, rows.order_by("-pk"), "mes.view_instructions")


def _instruction(row: Any) -> search.Hit:
    material = row.operation.routing.material
    title = f"{material.code} · {row.operation.sequence} {row.operation.name}"
    return search.Hit(title, material.name, reverse("mes:instruction", args=[row.pk]))


def _packages(user: Any) -> Any:
    return visible_to(user, Package.objects.select_related("shipment").order_by("-pk"), "erp.view_order")


def _package(row: Any) -> search.Hit:
    return search.Hit(row.number, row.shipment.number, reverse("erp:shipment", args=[row.shipment_id]))


def _places(user: Any) -> Any:
    rows = Location.objects.filter(kind__in=["stock", "quarantine"]).select_related("plant")
    return visible_to(user, rows.order_by("code"), "erp.view_stock")


def _place(row: Any) -> search.Hit:
    return search.Hit(row.code, f"{row.name} · {row.plant.name}", f"{reverse('erp:stock')}?q={row.code}")

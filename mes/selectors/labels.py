"""What labels are printed for: lots, work orders, packages, places, machines, badges; and what stands on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.models import Package, WorkOrder
from masterdata import search, shown
from masterdata.access import may, visible_to
from masterdata.models import Employee, Location, Machine
from mes.selectors.tracing import lots_seen
from mes.zpl import Tag

PRINT = "mes.print_labels"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing with a label; `permission` is what it takes to see it, beside printing."""

    key: str
    word: Any
    icon: str
    permission: str
    rows: Callable[[Any], QuerySet[Any]]
    fields: Sequence[str]
    tag: Callable[[Any], Tag]

    def found(self, user: Any, text: str = "") -> QuerySet[Any]:
        """Rows that the user may see and whose words are found, the newest first."""
        rows = self.rows(user)
        return (rows.filter(search.words_in(self.fields, text)) if text.strip() else rows).order_by("-pk")


def _lot(row: Any) -> Tag:
    facts = [(_("Material"), row.material.code)]
    if row.supplier_lot:
        facts.append((_("Supplier's number"), row.supplier_lot))
    if row.expires_on:
        facts.append((_("Usable until"), shown.day(row.expires_on)))
    if row.length_mm and row.width_mm:
        facts.append((_("Size in mm"), f"{row.length_mm} x {row.width_mm}"))
    return Tag(row.number, row.material.name, row.number, facts)


def _work(row: Any) -> Tag:
    line = row.sales_order_line
    facts = [
        (_("Material"), row.material.code),
        (_("Pieces"), f"{row.quantity.normalize():f} {row.material.unit.code}"),
    ]
    if line is not None:
        facts.append((_("Order"), line.order.number))
    return Tag(row.number, row.material.name, row.number, facts)


def _package(row: Any) -> Tag:
    shipment = row.shipment
    facts = [(_("Shipment"), shipment.number), (_("Order"), shipment.order.number)]
    return Tag(row.number, shipment.order.customer.name, row.number, facts)


def _place(row: Any) -> Tag:
    return Tag(row.name, row.plant.name, row.code, [(_("Place"), row.code)])


def _machine(row: Any) -> Tag:
    return Tag(row.code, row.name, row.code, [(_("Work centre"), row.work_centre.name)])


def _badge(row: Any) -> Tag:
    return Tag(row.name, row.plant.name, row.badge, [(_("Number"), row.code)])


def _visible(model: Any, deed: str, *related: str, **chosen: Any) -> Callable[[Any], QuerySet[Any]]:
    def rows(user: Any) -> QuerySet[Any]:
        return visible_to(user, model.objects.filter(**chosen).select_related(*related), deed)

    return rows


KINDS: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind(
            "lots", _l("Lots and serial numbers"), "barcode", "erp.view_stock",
            lambda user: lots_seen(user, "erp.view_stock"), ["number", "supplier_lot", "material__code"], _lot,
        ),
        Kind(
            "work-orders", _l("Work orders"), "list-check", "erp.view_work_order",
            _visible(
                WorkOrder, "erp.view_work_order", "material__unit", "sales_order_line__order",
                state__in=["firm", "released"],
            ),
            ["number", "material__code", "material__name", "sales_order_line__order__number"], _work,
        ),
        Kind(
            "packages", _l("Packages"), "package", "erp.view_order",
            _visible(Package, "erp.view_order", "shipment__order__customer"),
            ["number", "shipment__number", "shipment__order__number"], _package,
        ),
        Kind(
            "places", _l("Places"), "map-pin", "erp.view_stock",
            _visible(Location, "erp.view_stock", "plant", kind__in=["stock", "quarantine"]), ["code", "name"], _place,
        ),
        Kind(
            "machines", _l("Machines"), "tool", "masterdata.view",
            _visible(Machine, "masterdata.view", "work_centre", is_active=True), ["code", "name"], _machine,
        ),
        Kind(
            "badges", _l("Badges"), "id-badge-2", "masterdata.edit_employee",
            _visible(Employee, "masterdata.edit_employee", "plant", is_active=True), ["code", "name"], _badge,
        ),
    )
}  # fmt: skip


def kinds_for(user: Any) -> list[Kind]:
    """What of it the user may print."""
    return [kind for kind in KINDS.values() if may(user, kind.permission)]


def tags_of(kind: Kind, user: Any, ids: Sequence[int]) -> list[Tag]:
    """Labels of rows that the user may see, in the order asked for."""
    rows = kind.rows(user).in_bulk(ids)
    return [kind.tag(rows[pk]) for pk in ids if pk in rows]

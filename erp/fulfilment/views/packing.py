"""Packing and loading with a scanner: choose a package, scan what goes in; scan each package on to the lorry."""

from __future__ import annotations

from abc import abstractmethod
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from erp.fulfilment import services
from erp.fulfilment.models import Package, Shipment
from erp.sales.models import SalesOrder
from erp.sales.selectors import visible_orders
from erp.sales.selectors.ready import ready_lines
from masterdata import shown
from masterdata.access import visible_to
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Plant
from masterdata.numbers import ZERO
from masterdata.pages import DeedView, go_to
from masterdata.pages.details import OneRow
from masterdata.pages.once import FIELD, new_key, once
from masterdata.pages.zones import plant_time

PACK, SHIP = "erp.pack_shipment", "erp.ship"


class StartPacking(DeedView):
    """Begin to pack an order by scan; go on when somebody has begun."""

    permission = PACK

    def get_rows(self) -> QuerySet[SalesOrder]:
        return visible_orders(self.request.user)

    def perform(self, row: Any) -> str:
        ready = [one for one in ready_lines(row.pk) if one.quantity > 0 or one.packed > 0]
        chosen = getattr(self.request, "plant", None)
        ids = [one.plant_id for one in ready] or list(row.lines.values_list("plant_id", flat=True))
        plant_id = chosen.pk if chosen is not None and chosen.pk in ids else ids[0]
        plant = Plant.objects.get(pk=plant_id)
        shipment = services.start_packing(order_id=row.pk, plant=plant, now=timezone.now())
        return reverse("erp:shipment_pack", args=[shipment.pk])


class Scanning(OneRow):
    """What the pages of a shipment with a scanner share: one input, deeds by the button that was pressed."""

    permission = PACK
    address = ""
    template = ""

    def get_rows(self) -> QuerySet[Shipment]:
        rows = Shipment.objects.select_related("order__customer", "plant").filter(is_scanned=True)
        return visible_to(self.request.user, rows, self.permission)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self._page()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return go_to(request, once(request, lambda: self.do(request.POST.get("deed", ""))))
        except Refusal as refusal:
            return self._page(refusal.sentence, 422)

    @abstractmethod
    def do(self, deed: str) -> str:
        """What the button says, with what was scanned; where it leads."""

    @cached_property
    def packages(self) -> list[Any]:
        """With what lies in each; what stands on a pallet under it."""
        rows = list(
            self.get_object()
            .packages.prefetch_related("contents__line__order_line__material__unit", "contents__lot")
            .order_by("pk")
        )
        top = [one for one in rows if one.parent_id is None]
        return [one for each in top for one in (each, *(row for row in rows if row.parent_id == each.pk))]

    @property
    def here(self) -> str:
        return reverse(self.address, args=[self.get_object().pk])

    def more(self) -> dict[str, Any]:
        return {}

    def _page(self, wrong: str = "", status: int = 200) -> HttpResponseBase:
        shipment = self.get_object()
        context = {
            "page_title": shipment.number,
            "subtitle": f"{shipment.order.number} · {shipment.order.customer.name}",
            "back": (_("Shipments"), reverse("erp:shipment", args=[shipment.pk])),
            "object": shipment,
            "packages": self.packages,
            "wrong": wrong,
            "field": FIELD,
            "key": new_key(),
        }
        with plant_time(self.request, shipment.plant_id):
            return render(self.request, self.template, context | self.more(), status=status)


class Packing(Scanning):
    """Scan what goes into the package at hand."""

    address, template = "erp:shipment_pack", "erp/fulfilment/packing.html"

    @cached_property
    def at_hand(self) -> Package | None:
        wanted = self.request.POST.get("package") or self.request.GET.get("package", "")
        found = next((one for one in self.packages if str(one.pk) == wanted), None)
        cartons = [one for one in self.packages if one.loaded_at is None]
        return found or (cartons[-1] if cartons else None)

    def do(self, deed: str) -> str:
        deeds = {"carton": self._add, "pallet": self._add, "take_out": self._take_out, "drop": self._drop}
        return deeds.get(deed, self._put_in)(deed)

    def _add(self, deed: str) -> str:
        on = self.request.POST.get("on", "")
        parent = int(on) if on.isdecimal() else None
        package = services.add_package(shipment_id=self.get_object().pk, kind=deed, parent_id=parent)
        return f"{self.here}?package={package.pk}"

    def _take_out(self, _deed: str) -> str:
        wanted = self.request.POST.get("content", "")
        ids = {str(one.pk): one.pk for package in self.packages for one in package.contents.all()}
        if wanted not in ids:
            raise InvalidInput(_("This does not lie in a package any more."))
        services.take_out(content_id=ids[wanted])
        return self.here

    def _drop(self, _deed: str) -> str:
        if self.at_hand is not None:
            services.drop_package(package_id=self.at_hand.pk)
        return self.here

    def _put_in(self, _deed: str) -> str:
        package, given = self.at_hand, self.request.POST
        if package is None:
            raise InvalidInput(_("Take a package first."))
        try:
            quantity = Decimal(given["quantity"].strip()) if given.get("quantity", "").strip() else None
        except InvalidOperation:
            raise InvalidInput(_("Enter how much goes in, as a number.")) from None
        content = services.pack_into(
            package_id=package.pk, goods=given.get("scan", ""), lot=given.get("lot", ""), quantity=quantity
        )
        material = content.line.order_line.material
        words = {"quantity": shown.quantity(content.quantity, material.unit.code), "code": material.code}
        messages.success(self.request, _("%(quantity)s of %(code)s in this package.") % words)
        return f"{self.here}?package={package.pk}"

    def more(self) -> dict[str, Any]:
        shipment = self.get_object()
        ready = {one.line_id: one for one in ready_lines(shipment.order_id) if one.plant_id == shipment.plant_id}
        lines = list(shipment.order.lines.filter(pk__in=ready).select_related("material__unit").order_by("line_no"))
        rows = [(line, ready[line.pk].quantity, ready[line.pk].packed) for line in lines]
        return {
            "package": self.at_hand,
            "rows": rows,
            "left": sum((left for _line, left, _packed in rows), ZERO),
            "scan": self.request.POST.get("scan", ""),
        }


class Loading(Scanning):
    """Scan each package when it goes on to the lorry; then it leaves."""

    permission = SHIP
    address, template = "erp:shipment_load", "erp/fulfilment/loading.html"

    def do(self, deed: str) -> str:
        shipment = self.get_object()
        if deed == "ship":
            services.ship(shipment_id=shipment.pk, now=timezone.now())
            messages.success(self.request, _("Shipped."))
            return reverse("erp:shipment", args=[shipment.pk])
        package = services.load_package(
            shipment_id=shipment.pk, number=self.request.POST.get("scan", ""), now=timezone.now()
        )
        messages.success(self.request, _("%(number)s is loaded.") % {"number": package.number})
        return self.here

    def more(self) -> dict[str, Any]:
        waiting = sum(1 for one in self.packages if one.loaded_at is None)
        return {"waiting": waiting, "can_ship": bool(self.packages) and not waiting}

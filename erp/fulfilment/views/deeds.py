"""What is done with an order's goods and shipments: pack, ship, carrier, delivery, how it is shipped, cancelling."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from erp.fulfilment import services
from erp.fulfilment.forms import CancelForm, CarrierForm, DeliveryForm, ShippingForm
from erp.fulfilment.models import Delivery, OrderShipping, Shipment
from erp.fulfilment.services.delivering import LARGEST_PROOF
from erp.sales import services as sales
from erp.sales.models import SalesOrder
from erp.sales.selectors import visible_orders
from masterdata import shown
from masterdata.access import person, visible_to
from masterdata.pages import DeedView, EditPage
from masterdata.pages.details import OneRow
from masterdata.pages.zones import plant_time


class Pack(DeedView):
    permission, done_message = "erp.pack_shipment", _("Packed.")

    def get_rows(self) -> QuerySet[SalesOrder]:
        return visible_orders(self.request.user)

    def perform(self, row: Any) -> str:
        services.pack_shipment(order_id=row.pk, now=timezone.now())
        return reverse("erp:order", args=[row.pk])


class Ship(DeedView):
    permission, done_message = "erp.ship", _("Shipped.")

    def get_rows(self) -> QuerySet[Shipment]:
        return visible_to(self.request.user, Shipment.objects.all())

    def perform(self, row: Any) -> str:
        services.ship(shipment_id=row.pk, now=timezone.now())
        return reverse("erp:shipment", args=[row.pk])


class Unpack(DeedView):
    permission, done_message = "erp.pack_shipment", _("Given up: its goods may be packed anew.")

    def get_rows(self) -> QuerySet[Shipment]:
        return visible_to(self.request.user, Shipment.objects.all(), self.permission)

    def perform(self, row: Any) -> str:
        services.unpack_shipment(shipment_id=row.pk)
        return reverse("erp:order", args=[row.order_id])


class SetCarrier(EditPage):
    """Who brings it, under which number."""

    permission, form_class, version_field = "erp.ship", CarrierForm, ""
    done_message = _("Written down.")

    def get_rows(self) -> QuerySet[Shipment]:
        return visible_to(self.request.user, Shipment.objects.all(), self.permission)

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().number, reverse("erp:shipment", args=[self.get_object().pk])

    def perform(self, form: Any) -> str:
        given = form.cleaned_data
        carrier = given.pop("carrier")
        pk = self.get_object().pk
        services.set_carrier(shipment_id=pk, carrier_id=carrier.pk if carrier else None, **given)
        return reverse("erp:shipment", args=[pk])


class Deliver(EditPage):
    """The goods were handed over."""

    permission, form_class, version_field = "erp.record_delivery", DeliveryForm, ""
    done_message, submit_label = _("Delivered."), _("Delivered")

    def get_rows(self) -> QuerySet[Shipment]:
        rows = Shipment.objects.filter(shipped_at__isnull=False).select_related("plant")
        return visible_to(self.request.user, rows, self.permission)

    def get_title(self) -> Any:
        return _t("Delivery of %(number)s") % {"number": self.get_object().number}

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().number, reverse("erp:shipment", args=[self.get_object().pk])

    def get_initial(self) -> dict[str, Any]:
        zone = ZoneInfo(self.get_object().plant.time_zone)
        return {"delivered_at": timezone.localtime(timezone.now(), zone).strftime("%Y-%m-%dT%H:%M")}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"lines": list(self.get_object().lines.select_related("order_line__material").order_by("pk"))}

    def perform(self, form: Any) -> str:
        row, given = self.get_object(), form.cleaned_data
        proof = given["proof"].read(LARGEST_PROOF + 1) if given["proof"] else None
        services.record_delivery(
            shipment_id=row.pk, delivered_at=given["delivered_at"], received_by=given["received_by"],
            note=given["note"], proof=proof, refused=form.pieces("refused"), damaged=form.pieces("damaged"),
            by=person(self.request), now=timezone.now(),
        )  # fmt: skip
        return reverse("erp:shipment", args=[row.pk])

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        with plant_time(request, self.get_object().plant_id):
            return super().get(request, *args, **kwargs)

    def post(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        with plant_time(request, self.get_object().plant_id):
            return super().post(request, *args, **kwargs)


class Proof(OneRow):
    """The signature or photograph itself."""

    permission = "erp.view_order"

    def get_rows(self) -> QuerySet[Delivery]:
        return visible_to(self.request.user, Delivery.objects.exclude(proof=None), self.permission)

    def get_object(self) -> Any:
        return get_object_or_404(self.get_rows(), shipment=self.kwargs["pk"])

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        row = self.get_object()
        name = f"proof.{row.proof_type.removeprefix('image/')}"
        headers = {"Content-Disposition": f'inline; filename="{name}"', "X-Content-Type-Options": "nosniff"}
        return HttpResponse(bytes(row.proof), content_type=row.proof_type, headers=headers)


class SetShipping(EditPage):
    """How an order is shipped."""

    permission, form_class = "erp.set_shipping", ShippingForm
    done_message = _("Written down. Shipments begun before stay as they are.")

    def get_rows(self) -> QuerySet[SalesOrder]:
        return visible_orders(self.request.user)

    @property
    def now(self) -> OrderShipping:
        return OrderShipping.objects.filter(order=self.get_object()).first() or OrderShipping()

    def get_title(self) -> Any:
        return _t("How %(number)s is shipped") % {"number": self.get_object().number}

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().number, reverse("erp:order", args=[self.get_object().pk])

    def get_version(self) -> str:
        return str(self.now.version) if self.now.pk else ""

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"order": self.get_object()}

    def get_initial(self) -> dict[str, Any]:
        now = self.now
        return {
            "complete": now.complete, "address": now.address_id, "carrier": now.carrier_id,
            "delivery_terms": now.delivery_terms, "over_percent": shown.plain(now.over_percent),
            "under_percent": shown.plain(now.under_percent), "ship_from": now.ship_from_id,
        }  # fmt: skip

    def perform(self, form: Any) -> str:
        version = int(self.request.POST.get("version") or 0) or None
        pk = self.get_object().pk
        services.set_shipping(order_id=pk, expected_version=version, **form.cleaned_data)
        return reverse("erp:order", args=[pk])


class CancelOrder(EditPage):
    """Cancel what has not left of an order, or of a line of it."""

    permission, form_class, version_field = "erp.cancel_order", CancelForm, ""
    done_message, submit_label = _("Cancelled: what was kept and not begun for it is free."), _("Cancel it")

    def get_rows(self) -> QuerySet[SalesOrder]:
        return visible_orders(self.request.user)

    def get_title(self) -> Any:
        return _t("Cancel %(number)s") % {"number": self.get_object().number}

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().number, reverse("erp:order", args=[self.get_object().pk])

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"order": self.get_object()}

    def get_initial(self) -> dict[str, Any]:
        return {}

    def perform(self, form: Any) -> str:
        order, given = self.get_object(), form.cleaned_data
        line, quantity = given.pop("line"), given.pop("quantity")
        by, now = person(self.request), timezone.now()
        if line is None:
            sales.cancel_order(order_id=order.pk, by=by, now=now, **given)
        else:
            sales.cancel_line(line_id=line.pk, quantity=quantity, by=by, now=now, **given)
        return reverse("erp:order", args=[order.pk])


class BringTogether(DeedView):
    """What is ready in other plants goes to the one that ships the order."""

    permission, done_message = "erp.move_stock", _("Sent: the lines wait for it in the plant that ships.")

    def get_rows(self) -> QuerySet[SalesOrder]:
        return visible_orders(self.request.user)

    def perform(self, row: Any) -> str:
        services.bring_together(order_id=row.pk, now=timezone.now())
        return reverse("erp:order", args=[row.pk]) + "?tab=papers"

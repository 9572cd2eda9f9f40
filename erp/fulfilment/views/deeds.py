"""What is done from an order's page with its goods: pack, ship."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from erp.fulfilment import services
from erp.fulfilment.models import Shipment
from erp.sales.models import SalesOrder
from erp.sales.selectors import visible_orders
from masterdata.access import visible_to
from masterdata.pages import DeedView


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
        return reverse("erp:order", args=[row.order_id])

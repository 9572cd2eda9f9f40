"""Labels of packages, to be printed and stuck on."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from erp.fulfilment.models import Shipment
from masterdata import barcode
from masterdata.access import visible_to
from masterdata.pages.details import OneRow


class PackageLabels(OneRow):
    """One label for each package of a shipment: to whom, the number as text, what lies in it."""

    permission = "erp.view_order"

    def get_rows(self) -> QuerySet[Shipment]:
        rows = Shipment.objects.select_related("order__customer", "plant__company", "address", "carrier")
        return visible_to(self.request.user, rows, self.permission)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        shipment = self.get_object()
        rows = shipment.packages.prefetch_related("contents__line__order_line__material__unit", "contents__lot")
        packages: list[Any] = list(rows.order_by("pk"))
        for one in packages:
            one.barcode = barcode.drawn(one.number)
        back = reverse("erp:shipment", args=[shipment.pk])
        context = {"object": shipment, "packages": packages, "page_title": shipment.number, "back": back}
        return render(request, "erp/fulfilment/labels.html", context)

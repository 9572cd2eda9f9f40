"""Shipments as lists show them."""

from __future__ import annotations

from django.db.models import Count, OuterRef, QuerySet, Sum

from erp.fulfilment.models import Shipment, ShipmentLine


def listed_shipments() -> QuerySet[Shipment]:
    """Shipments with order, customer and plant, `pieces` and `line_count`."""
    lines = ShipmentLine.objects.filter(shipment=OuterRef("pk")).order_by().values("shipment")
    return (
        Shipment.objects.select_related("order__customer", "plant", "delivery")
        .defer("delivery__proof")
        .annotate(
            pieces=lines.annotate(figure=Sum("quantity")).values("figure"),
            line_count=lines.annotate(figure=Count("pk")).values("figure"),
        )
    )

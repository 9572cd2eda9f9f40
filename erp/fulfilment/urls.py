"""Addresses of fulfilment."""

from django.urls import path

from erp.fulfilment.views import deeds, shipments

urlpatterns = [
    path("orders/<int:pk>/pack/", deeds.Pack.as_view(), name="order_pack"),
    path("shipments/", shipments.Shipments.as_view(), name="shipments"),
    path("shipments/<int:pk>/ship/", deeds.Ship.as_view(), name="shipment_ship"),
]

"""Addresses of shipments and order profit."""

from django.urls import path

from erp.sales.views import papers

urlpatterns = [
    path("shipments/", papers.Shipments.as_view(), name="shipments"),
    path("order-profit/", papers.OrderProfit.as_view(), name="order_profit"),
]

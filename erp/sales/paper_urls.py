"""Addresses of shipments, invoices and order profit."""

from django.urls import path

from erp.sales.views import papers

urlpatterns = [
    path("shipments/", papers.Shipments.as_view(), name="shipments"),
    path("invoices/", papers.Invoices.as_view(), name="invoices"),
    path("invoices/<int:pk>/", papers.InvoicePage.as_view(), name="invoice"),
    path("order-profit/", papers.OrderProfit.as_view(), name="order_profit"),
]

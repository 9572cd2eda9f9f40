"""Addresses of receivables."""

from django.urls import path

from erp.receivables.views import deeds, invoices

urlpatterns = [
    path("invoices/", invoices.Invoices.as_view(), name="invoices"),
    path("invoices/<int:pk>/", invoices.InvoicePage.as_view(), name="invoice"),
    path("invoices/<int:pk>/payment/", deeds.RecordPayment.as_view(), name="invoice_pay"),
    path("orders/<int:pk>/invoice/", deeds.PostInvoice.as_view(), name="order_invoice"),
]

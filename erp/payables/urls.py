"""Addresses of payables."""

from django.urls import path

from erp.payables.views import invoices, landed

urlpatterns = [
    path("supplier-invoices/", invoices.SupplierInvoices.as_view(), name="supplier_invoices"),
    path("supplier-invoices/<int:pk>/", invoices.SupplierInvoicePage.as_view(), name="supplier_invoice"),
    path("supplier-invoices/<int:pk>/release/", invoices.ReleaseInvoice.as_view(), name="supplier_invoice_release"),
    path("supplier-invoices/<int:pk>/withdraw/", invoices.WithdrawInvoice.as_view(), name="supplier_invoice_withdraw"),
    path("supplier-invoices/<int:pk>/pay/", invoices.PayInvoice.as_view(), name="supplier_invoice_pay"),
    path("supplier-invoices/enter/", invoices.OrdersToInvoice.as_view(), name="orders_to_invoice"),
    path("supplier-invoices/enter/<int:pk>/", invoices.EnterInvoice.as_view(), name="supplier_invoice_enter"),
    path("landed-costs/", landed.LandedCosts.as_view(), name="landed_costs"),
    path("landed-costs/new/", landed.PostLandedCost.as_view(), name="landed_cost_post"),
]

"""Addresses of payables."""

from django.urls import path

from erp.payables.views import deeds, invoices, landed, tolerances

urlpatterns = [
    path("supplier-invoices/", invoices.SupplierInvoices.as_view(), name="supplier_invoices"),
    path("supplier-invoices/<int:pk>/", invoices.SupplierInvoicePage.as_view(), name="supplier_invoice"),
    path("supplier-invoices/<int:pk>/release/", deeds.ReleaseInvoice.as_view(), name="supplier_invoice_release"),
    path("supplier-invoices/<int:pk>/withdraw/", deeds.WithdrawInvoice.as_view(), name="supplier_invoice_withdraw"),
    path("supplier-invoices/<int:pk>/pay/", deeds.PayInvoice.as_view(), name="supplier_invoice_pay"),
    path("supplier-invoices/enter/", deeds.OrdersToInvoice.as_view(), name="orders_to_invoice"),
    path("supplier-invoices/enter/<int:pk>/", deeds.EnterInvoice.as_view(), name="supplier_invoice_enter"),
    path("supplier-invoices/tolerances/<int:pk>/", tolerances.Tolerances.as_view(), name="match_tolerances"),
    path("landed-costs/", landed.LandedCosts.as_view(), name="landed_costs"),
    path("landed-costs/new/", landed.PostLandedCost.as_view(), name="landed_cost_post"),
]

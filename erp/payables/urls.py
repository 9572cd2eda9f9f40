"""Addresses of payables."""

from django.urls import path

from erp.payables.views import deeds, invoices, landed, proposals, tolerances

urlpatterns = [
    path("supplier-invoices/", invoices.SupplierInvoices.as_view(), name="supplier_invoices"),
    path("supplier-invoices/<int:pk>/", invoices.SupplierInvoicePage.as_view(), name="supplier_invoice"),
    path("supplier-invoices/<int:pk>/release/", deeds.ReleaseInvoice.as_view(), name="supplier_invoice_release"),
    path("supplier-invoices/<int:pk>/withdraw/", deeds.WithdrawInvoice.as_view(), name="supplier_invoice_withdraw"),
    path("supplier-invoices/<int:pk>/pay/", deeds.PayInvoice.as_view(), name="supplier_invoice_pay"),
    path("supplier-invoices/enter/", deeds.OrdersToInvoice.as_view(), name="orders_to_invoice"),
    path("supplier-invoices/enter/<int:pk>/", deeds.EnterInvoice.as_view(), name="supplier_invoice_enter"),
    path("supplier-invoices/tolerances/<int:pk>/", tolerances.Tolerances.as_view(), name="match_tolerances"),
    path("supplier-invoices/<int:pk>/hold/", proposals.HoldPayment.as_view(), name="supplier_invoice_hold"),
    path("supplier-invoices/<int:pk>/lift-hold/", proposals.LiftHold.as_view(), name="supplier_invoice_lift"),
    path("payment-proposals/", proposals.PaymentProposals.as_view(), name="proposals"),
    path("payment-proposals/new/", proposals.NewProposal.as_view(), name="proposal_new"),
    path("payment-proposals/<int:pk>/", proposals.ProposalPage.as_view(), name="proposal"),
    path("payment-proposals/<int:pk>/approve/", proposals.ApproveProposal.as_view(), name="proposal_approve"),
    path("payment-proposals/<int:pk>/pay/", proposals.PayProposal.as_view(), name="proposal_pay"),
    path("payment-proposals/<int:pk>/drop/", proposals.DropProposal.as_view(), name="proposal_drop"),
    path("payment-proposals/<int:pk>/pain-001/", proposals.proposal_pain, name="proposal_pain"),
    path("payment-proposals/<int:pk>/csv/", proposals.proposal_csv, name="proposal_csv"),
    path("landed-costs/", landed.LandedCosts.as_view(), name="landed_costs"),
    path("landed-costs/new/", landed.PostLandedCost.as_view(), name="landed_cost_post"),
]

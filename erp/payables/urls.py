"""Addresses of payables."""

from django.urls import path

from erp.payables.views import changing, deeds, free, invoices, landed, paying, proposals, tolerances

urlpatterns = [
    path("supplier-invoices/", invoices.SupplierInvoices.as_view(), name="supplier_invoices"),
    path("supplier-invoices/<int:pk>/", invoices.SupplierInvoicePage.as_view(), name="supplier_invoice"),
    path("supplier-invoices/<int:pk>/release/", deeds.ReleaseInvoice.as_view(), name="supplier_invoice_release"),
    path("supplier-invoices/<int:pk>/withdraw/", deeds.WithdrawInvoice.as_view(), name="supplier_invoice_withdraw"),
    path("supplier-invoices/<int:pk>/pay/", deeds.PayInvoice.as_view(), name="supplier_invoice_pay"),
    path("supplier-invoices/enter/", deeds.OrdersToInvoice.as_view(), name="orders_to_invoice"),
    path("supplier-invoices/enter/<int:pk>/", deeds.EnterInvoice.as_view(), name="supplier_invoice_enter"),
    path("supplier-invoices/enter-free/", free.EnterFreeInvoice.as_view(), name="supplier_invoice_free"),
    path("supplier-invoices/tolerances/<int:pk>/", tolerances.Tolerances.as_view(), name="match_tolerances"),
    path("supplier-invoices/<int:pk>/hold/", proposals.HoldPayment.as_view(), name="supplier_invoice_hold"),
    path("supplier-invoices/<int:pk>/lift-hold/", proposals.LiftHold.as_view(), name="supplier_invoice_lift"),
    path("supplier-payments/", paying.SupplierPayments.as_view(), name="supplier_payments"),
    path("supplier-payments/new/", paying.PayInAdvance.as_view(), name="supplier_payment_new"),
    path("supplier-payments/<int:pk>/", paying.SupplierPaymentPage.as_view(), name="supplier_payment"),
    path("supplier-payments/<int:pk>/allocate/", paying.UseAdvance.as_view(), name="supplier_payment_use"),
    path(
        "supplier-allocations/<int:pk>/undo/",
        paying.UndoSupplierAllocation.as_view(),
        name="supplier_allocation_undo",
    ),
    path("payment-proposals/<int:pk>/change/", changing.ChangeProposal.as_view(), name="proposal_change"),
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

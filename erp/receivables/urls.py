"""Addresses of receivables."""

from django.urls import path

from erp.receivables.views import deeds, dunning, holds, invoices, payments, printed, returned

urlpatterns = [
    path("reminders/", dunning.Notices.as_view(), name="dunning"),
    path("reminders/propose/", dunning.ProposeReminders.as_view(), name="dunning_run"),
    path("reminders/levels/", dunning.Levels.as_view(), name="dunning_levels"),
    path("reminders/levels/set/", dunning.SetLevel.as_view(), name="dunning_level_set"),
    path("reminders/levels/<int:pk>/", dunning.EditLevel.as_view(), name="dunning_level"),
    path("reminders/holds/", holds.Holds.as_view(), name="dunning_holds"),
    path("reminders/holds/new/", holds.HoldCustomer.as_view(), name="dunning_hold_new"),
    path("reminders/<int:pk>/", dunning.NoticePage.as_view(), name="dunning_notice"),
    path("reminders/<int:pk>/pdf/", printed.ReminderPdf.as_view(), name="dunning_pdf"),
    path("account-statements/<int:pk>/", printed.StatementPdf.as_view(), name="account_statement"),
    path("reminders/<int:pk>/send/", dunning.SendNotice.as_view(), name="dunning_send"),
    path("reminders/<int:pk>/drop/", dunning.DropNotice.as_view(), name="dunning_drop"),
    path("invoices/<int:pk>/hold-reminders/", dunning.HoldReminders.as_view(), name="invoice_hold_reminders"),
    path("invoices/", invoices.Invoices.as_view(), name="invoices"),
    path("invoices/collective/", deeds.PostCollective.as_view(), name="invoice_collective"),
    path("invoices/<int:pk>/", invoices.InvoicePage.as_view(), name="invoice"),
    path("invoices/<int:pk>/pdf/", printed.InvoicePdf.as_view(), name="invoice_pdf"),
    path("invoices/<int:pk>/payment/", deeds.RecordPayment.as_view(), name="invoice_pay"),
    path("invoices/<int:pk>/credit/", deeds.CreditInvoice.as_view(), name="invoice_credit"),
    path("invoices/<int:pk>/write-off/", deeds.WriteOff.as_view(), name="invoice_write_off"),
    path("orders/<int:pk>/invoice/", deeds.PostInvoice.as_view(), name="order_invoice"),
    path("orders/<int:pk>/deposit/", deeds.AskForDeposit.as_view(), name="order_deposit"),
    path("returns/<int:pk>/credit/", returned.CreditReturn.as_view(), name="return_credit"),
    path("payments/", payments.Payments.as_view(), name="payments"),
    path("payments/new/", payments.NewPayment.as_view(), name="payment_new"),
    path("payments/<int:pk>/", payments.PaymentPage.as_view(), name="payment"),
    path("payments/<int:pk>/allocate/", payments.AllocatePayment.as_view(), name="payment_allocate"),
    path("payments/<int:pk>/refund/", payments.RefundPayment.as_view(), name="payment_refund"),
    path("allocations/<int:pk>/undo/", payments.UndoAllocation.as_view(), name="allocation_undo"),
]

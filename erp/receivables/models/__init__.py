"""Invoices and credit notes, payments of customers, what settles what, and reminders."""

from erp.receivables.models.dunning import DunningHold, DunningLevel, DunningNotice, DunningNoticeLine, DunningText
from erp.receivables.models.invoices import Invoice, InvoiceInstalment, InvoiceLine, InvoiceQuerySet
from erp.receivables.models.payments import Allocation, Payment, PaymentQuerySet

__all__ = [
    "Allocation",
    "DunningHold",
    "DunningLevel",
    "DunningNotice",
    "DunningNoticeLine",
    "DunningText",
    "Invoice",
    "InvoiceInstalment",
    "InvoiceLine",
    "InvoiceQuerySet",
    "Payment",
    "PaymentQuerySet",
]

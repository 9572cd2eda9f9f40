"""Invoices and credit notes, payments of customers, and what settles what."""

from erp.receivables.models.invoices import Invoice, InvoiceLine, InvoiceQuerySet
from erp.receivables.models.payments import Allocation, Payment, PaymentQuerySet

__all__ = ["Allocation", "Invoice", "InvoiceLine", "InvoiceQuerySet", "Payment", "PaymentQuerySet"]

"""Supplier invoices with what holds them, payments, match tolerances and landed costs."""

from erp.payables.models.invoices import InvoiceHold, MatchTolerance, SupplierInvoice, SupplierInvoiceLine
from erp.payables.models.landed import LandedCost, LandedCostLine
from erp.payables.models.payments import SupplierAllocation, SupplierPayment

__all__ = [
    "InvoiceHold",
    "LandedCost",
    "LandedCostLine",
    "MatchTolerance",
    "SupplierAllocation",
    "SupplierInvoice",
    "SupplierInvoiceLine",
    "SupplierPayment",
]

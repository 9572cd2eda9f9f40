"""Supplier invoices with what holds them, payments and proposals of them, match tolerances and landed costs."""

from erp.payables.models.invoices import (
    InvoiceHold,
    MatchTolerance,
    PaymentHold,
    SupplierInvoice,
    SupplierInvoiceLine,
)
from erp.payables.models.landed import LandedCost, LandedCostLine
from erp.payables.models.payments import SupplierAllocation, SupplierPayment, SupplierPaymentQuerySet
from erp.payables.models.proposals import PaymentProposal, PaymentProposalLine

__all__ = [
    "InvoiceHold",
    "LandedCost",
    "LandedCostLine",
    "MatchTolerance",
    "PaymentHold",
    "PaymentProposal",
    "PaymentProposalLine",
    "SupplierAllocation",
    "SupplierInvoice",
    "SupplierInvoiceLine",
    "SupplierPayment",
    "SupplierPaymentQuerySet",
]

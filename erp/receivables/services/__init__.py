"""Deeds of receivables: invoice, receive money."""

from erp.receivables.services.invoicing import NothingToInvoice as NothingToInvoice
from erp.receivables.services.invoicing import post_invoice as post_invoice
from erp.receivables.services.payments import OverPayment as OverPayment
from erp.receivables.services.payments import WrongPaymentDay as WrongPaymentDay
from erp.receivables.services.payments import receive_payment as receive_payment

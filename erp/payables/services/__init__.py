"""Deeds of payables."""

from erp.payables.services.invoices import DuplicateReference as DuplicateReference
from erp.payables.services.invoices import InvoiceLineInput as InvoiceLineInput
from erp.payables.services.invoices import NotHeld as NotHeld
from erp.payables.services.invoices import enter_supplier_invoice as enter_supplier_invoice
from erp.payables.services.invoices import release_supplier_invoice as release_supplier_invoice
from erp.payables.services.invoices import set_match_tolerance as set_match_tolerance
from erp.payables.services.invoices import withdraw_supplier_invoice as withdraw_supplier_invoice
from erp.payables.services.landed import post_landed_cost as post_landed_cost
from erp.payables.services.payments import PaidTooMuch as PaidTooMuch
from erp.payables.services.payments import pay_supplier as pay_supplier

"""Deeds of payables."""

from erp.payables.services.invoices import DuplicateReference as DuplicateReference
from erp.payables.services.invoices import InvoiceLineInput as InvoiceLineInput
from erp.payables.services.invoices import NotHeld as NotHeld
from erp.payables.services.invoices import OwnInvoice as OwnInvoice
from erp.payables.services.invoices import enter_supplier_invoice as enter_supplier_invoice
from erp.payables.services.invoices import release_supplier_invoice as release_supplier_invoice
from erp.payables.services.invoices import set_match_tolerance as set_match_tolerance
from erp.payables.services.invoices import withdraw_supplier_invoice as withdraw_supplier_invoice
from erp.payables.services.landed import post_landed_cost as post_landed_cost
from erp.payables.services.payments import allocate_supplier_payment as allocate_supplier_payment
from erp.payables.services.payments import pay_supplier as pay_supplier
from erp.payables.services.proposals import AlreadyProposed as AlreadyProposed
from erp.payables.services.proposals import NothingToPay as NothingToPay
from erp.payables.services.proposals import OwnProposal as OwnProposal
from erp.payables.services.proposals import ProposalIsOver as ProposalIsOver
from erp.payables.services.proposals import approve_proposal as approve_proposal
from erp.payables.services.proposals import change_proposal as change_proposal
from erp.payables.services.proposals import drop_proposal as drop_proposal
from erp.payables.services.proposals import hold_payment as hold_payment
from erp.payables.services.proposals import lift_payment_hold as lift_payment_hold
from erp.payables.services.proposals import pay_proposal as pay_proposal
from erp.payables.services.proposals import propose_payments as propose_payments
from erp.payables.services.settling import NoDiscountLeft as NoDiscountLeft
from erp.payables.services.settling import PaidPart as PaidPart
from erp.payables.services.settling import PaidTooMuch as PaidTooMuch
from erp.payables.services.settling import undo_supplier_allocation as undo_supplier_allocation

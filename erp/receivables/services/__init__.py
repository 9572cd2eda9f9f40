"""Deeds of receivables: invoice, credit, receive money, settle."""

from erp.receivables.services.crediting import Credit as Credit
from erp.receivables.services.crediting import DepositDeducted as DepositDeducted
from erp.receivables.services.crediting import NothingToCredit as NothingToCredit
from erp.receivables.services.crediting import OverCredit as OverCredit
from erp.receivables.services.crediting import credit_invoice as credit_invoice
from erp.receivables.services.deposits import DepositTooLarge as DepositTooLarge
from erp.receivables.services.deposits import NoDeposit as NoDeposit
from erp.receivables.services.deposits import post_deposit as post_deposit
from erp.receivables.services.invoicing import NothingToInvoice as NothingToInvoice
from erp.receivables.services.invoicing import post_collective_invoice as post_collective_invoice
from erp.receivables.services.invoicing import post_invoice as post_invoice
from erp.receivables.services.payments import WrongPaymentDay as WrongPaymentDay
from erp.receivables.services.payments import allocate_payment as allocate_payment
from erp.receivables.services.payments import receive_money as receive_money
from erp.receivables.services.payments import receive_payment as receive_payment
from erp.receivables.services.refunds import refund_payment as refund_payment
from erp.receivables.services.rests import TooMuchToWriteOff as TooMuchToWriteOff
from erp.receivables.services.rests import write_off as write_off
from erp.receivables.services.settling import NoDiscount as NoDiscount
from erp.receivables.services.settling import OverPayment as OverPayment
from erp.receivables.services.settling import PaymentPart as PaymentPart
from erp.receivables.services.settling import undo_allocation as undo_allocation

"""Questions to payables: invoices with what is open of them, and the match as a person reads it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, DecimalField, Exists, F, OuterRef, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from erp.payables.grni import LineAccount, line_accounts
from erp.payables.models import (
    InvoiceHold,
    LandedCost,
    PaymentHold,
    PaymentProposal,
    SupplierAllocation,
    SupplierInvoice,
    SupplierInvoiceLine,
    SupplierPayment,
)
from erp.supply.models import PurchaseOrder, PurchaseOrderLine
from masterdata import shown
from masterdata.access import visible_to
from masterdata.numbers import ZERO, money

SEE = "erp.view_supplier_invoice"
MONEY: DecimalField = DecimalField(max_digits=20, decimal_places=4)


@dataclass(frozen=True, slots=True)
class MatchedLine:
    """A line of the paper beside its order: what was ordered, came and was invoiced, and what the price should be."""

    line: SupplierInvoiceLine
    account: LineAccount | None
    expected: Decimal | None
    holds: list[InvoiceHold]

    @property
    def difference(self) -> Decimal | None:
        return None if self.expected is None else self.line.own_net - self.expected


def with_open(rows: QuerySet[SupplierInvoice]) -> Any:
    """Add `open_amount` and `open_own`: what is owed of each in both currencies, below zero: a credit note's rest."""
    sign = Case(When(kind="credit_note", then=Value(-1)), default=Value(1))
    settled = SupplierAllocation.objects.filter(invoice=OuterRef("pk")).order_by().values("invoice")

    def left(amount: str, taken: str) -> Case:
        paid = Coalesce(settled.annotate(x=Sum(taken)).values("x"), ZERO, output_field=MONEY)
        return Case(When(state="posted", then=F(amount) * sign - paid), default=Value(ZERO), output_field=MONEY)

    return rows.annotate(open_amount=left("gross_amount", "amount"), open_own=left("own_gross", "own_amount"))


def visible_supplier_invoices(user: Any) -> Any:
    """Invoices of the companies where the user may see them, with what is open of each, and whether one is held."""
    rows = with_open(SupplierInvoice.objects.select_related("supplier", "currency", "company"))
    holds = PaymentHold.objects.filter(invoice=OuterRef("pk"), lifted_at=None)
    return visible_to(user, rows.annotate(is_on_hold=Exists(holds)), SEE)


def visible_proposals(user: Any) -> Any:
    """Payment proposals of the companies where the user may see supplier invoices, with their total and line count."""
    rows = PaymentProposal.objects.select_related("company", "currency", "bank_account", "made_by", "approved_by")
    return visible_to(user, rows.annotate(total=Sum("lines__amount"), parts=Count("lines")), SEE)


def visible_supplier_payments(user: Any) -> Any:
    """Payments of the companies where the user may see supplier invoices, with what was sent in advance."""
    rows = SupplierPayment.objects.with_open().select_related("supplier", "currency", "company", "bank_account")
    return visible_to(user, rows, SEE)


def stage(invoice: Any, today: dt.date) -> tuple[str, str]:
    """Where an invoice is, as a chip and its word."""
    if invoice.state != SupplierInvoice.State.POSTED:
        return ("late", _("Held")) if invoice.state == "held" else ("cancelled", _("Withdrawn"))
    if not invoice.open_amount:
        return "done", _("Settled")
    if invoice.open_amount > 0 and invoice.due_on < today:
        return "late", _("Overdue")
    return "open", _("To pay") if invoice.open_amount > 0 else _("Credit left")


def matched_lines(invoice: SupplierInvoice) -> list[MatchedLine]:
    """The lines of an invoice with the match of each."""
    lines = list(
        invoice.lines.select_related("order_line__order", "order_line__material__unit", "tax_code").order_by("line_no")
    )
    accounts = line_accounts([line.order_line_id for line in lines if line.order_line_id])
    holds: dict[int | None, list[InvoiceHold]] = {}
    for hold in invoice.holds.order_by("id"):
        holds.setdefault(hold.line_id, []).append(hold)
    found = []
    for line in lines:
        account = accounts.get(line.order_line_id or 0)
        expected = money(line.quantity * account.unit_price, invoice.company.currency.decimals) if account else None
        found.append(MatchedLine(line, account, expected, holds.get(line.pk, [])))
    return found


def hold_words(hold: InvoiceHold, unit: str, currency: str) -> str:
    """A reason as a sentence with its figures."""
    quantity = {"expected": shown.quantity(hold.expected, unit), "found": shown.quantity(hold.found, unit)}
    amount = {"expected": shown.money(hold.expected, currency), "found": shown.money(hold.found, currency)}
    sentences = {
        InvoiceHold.Reason.PRICE: _("%(found)s instead of %(expected)s as ordered") % amount,
        InvoiceHold.Reason.QUANTITY: _("%(found)s invoiced, %(expected)s came and are not invoiced yet") % quantity,
        InvoiceHold.Reason.CREDIT: _("%(found)s credited, %(expected)s were sent back") % quantity,
        InvoiceHold.Reason.NO_ORDER: _("%(found)s without a purchase order") % amount,
        InvoiceHold.Reason.TOTAL: _("The paper says %(found)s, its lines make %(expected)s") % amount,
        InvoiceHold.Reason.APPROVAL: _("%(found)s without an order, up to %(expected)s need no approval") % amount,
        InvoiceHold.Reason.CORRECTION: _("%(found)s on top of what was invoiced before") % amount,
    }
    return sentences[InvoiceHold.Reason(hold.reason)]


def orders_to_invoice(user: Any) -> QuerySet[PurchaseOrder]:
    """Purchase orders of which something came that is not invoiced, the oldest first."""
    waiting = PurchaseOrderLine.objects.filter(received_qty__gt=F("invoiced_qty")).values("order")
    rows = PurchaseOrder.objects.filter(pk__in=waiting).select_related("supplier", "plant__company__currency")
    return visible_to(user, rows, SEE).annotate(
        open_lines=Count("lines", filter=Q(lines__received_qty__gt=F("lines__invoiced_qty")))
    )


def listed_landed_costs(user: Any) -> QuerySet[LandedCost]:
    """Landed costs of the plants where the user may see cost, with the number of receipts that bear them."""
    rows = LandedCost.objects.select_related("plant__company__currency", "partner").annotate(parts=Count("lines"))
    return visible_to(user, rows, "erp.view_cost")

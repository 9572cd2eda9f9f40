"""The three-way match: what an invoice says against what was ordered and what was received, within tolerances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from erp.payables.grni import LineAccount
from erp.payables.models import InvoiceHold, MatchTolerance, SupplierInvoice, SupplierInvoiceLine
from masterdata.numbers import ZERO

Reason = InvoiceHold.Reason


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is off beyond tolerance. `line` is empty when it is the whole paper."""

    reason: str
    line: SupplierInvoiceLine | None
    expected: Decimal
    found: Decimal


def differences(
    *,
    invoice: SupplierInvoice,
    lines: Sequence[SupplierInvoiceLine],
    accounts: Mapping[int, LineAccount],
    tolerance: MatchTolerance | None,
    decimals: int,
    limit: Decimal,
) -> list[Difference]:
    """What of the invoice is off beyond the company's tolerance, line by line; empty when it may be posted.

    Lines to accounts and orders need approval when they come to more than `limit` net. Prices are compared in the
    company's currency.
    """
    limits = tolerance or MatchTolerance(price_percent=ZERO, quantity_percent=ZERO)
    found = [
        difference
        for line in lines
        for difference in _of_line(line, accounts.get(line.order_line_id or 0), limits, invoice, decimals)
    ]
    without = sum((line.own_net for line in lines if line.account_id or line.sales_order_id), ZERO)
    if without > limit:
        found.append(Difference(Reason.APPROVAL, None, limit, without))
    if invoice.stated_gross is not None and invoice.stated_gross != invoice.gross_amount:
        found.append(Difference(Reason.TOTAL, None, invoice.gross_amount, invoice.stated_gross))
    return found


def _of_line(
    line: SupplierInvoiceLine,
    account: LineAccount | None,
    limits: MatchTolerance,
    invoice: SupplierInvoice,
    decimals: int,
) -> list[Difference]:
    if account is None:
        if line.account_id or line.sales_order_id:  # who bears it is said: above the limit somebody else agrees
            return []
        return [Difference(Reason.NO_ORDER, line, ZERO, line.own_net)]
    if not line.quantity:
        return [Difference(Reason.CORRECTION, line, ZERO, line.own_net)]
    found = []
    is_credit = invoice.kind == SupplierInvoice.Kind.CREDIT_NOTE
    expected = account.worth(line.quantity, decimals, is_credit=is_credit)
    if not is_price_within(expected, line.own_net, limits):
        found.append(Difference(Reason.PRICE, line, expected, line.own_net))
    if is_credit:
        most = max(ZERO, -account.open_qty)
        if line.quantity > most:
            found.append(Difference(Reason.CREDIT, line, most, line.quantity))
    else:
        most = account.received_qty * (1 + limits.quantity_percent / 100) - account.invoiced_qty
        if line.quantity > most:
            found.append(Difference(Reason.QUANTITY, line, max(ZERO, account.open_qty), line.quantity))
    return found


def is_price_within(expected: Decimal, found: Decimal, limits: MatchTolerance) -> bool:
    """Within the percentage of the expected amount, and within the amount when there is one. Lower counts as higher."""
    off = abs(found - expected)
    within_amount = limits.price_amount is None or off <= limits.price_amount
    return off <= expected * limits.price_percent / 100 and within_amount

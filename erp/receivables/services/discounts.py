"""A cash discount in the journal: what it takes off revenue, and the tax that it takes back, code by code."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Sum

from erp.ledger.models import Account
from erp.ledger.services import LedgerLine
from erp.receivables.models import Invoice
from masterdata.models import Plant
from masterdata.numbers import ZERO, allocate, money


def discount_lines(
    invoice: Invoice, *, amount: Decimal, own: Decimal, plant: Plant
) -> tuple[list[LedgerLine], Decimal]:
    """The lines of a discount of `amount` (gross, in the invoice's currency; `own` in the company's), and its tax.

    The tax is in the discount as it is in the invoice: discount x tax / gross, spread to the codes by largest
    remainder; so it is in the company's currency.
    """
    decimals, own_decimals = invoice.currency.decimals, invoice.company.currency.decimals
    codes = list(
        invoice.lines.exclude(tax_code=None).values_list("tax_code")
        .annotate(Sum("tax_amount"), Sum("own_tax"), Sum("own_net")).order_by("tax_code")
    )  # fmt: skip
    tax = money(amount * invoice.tax_amount / invoice.gross_amount, decimals)
    own_tax = money(own * invoice.own_tax / invoice.own_gross, own_decimals)
    side: dict[str, Any] = {"plant": plant, "partner": invoice.customer, "sales_order_id": invoice.order_id}
    is_foreign = invoice.currency_id != invoice.company.currency_id

    def beside(part: Decimal) -> dict[str, Any]:
        return {"currency_id": invoice.currency_id, "currency_amount": part} if is_foreign else {}

    lines = [
        LedgerLine(role=Account.Role.DISCOUNT_GRANTED, amount=own - own_tax, **side, **beside(amount - tax)),
        LedgerLine(role=Account.Role.RECEIVABLE, amount=-own, **side, **beside(-amount)),
    ]
    if codes:
        parts = allocate(tax, [code[1] for code in codes], decimals)
        own_parts = allocate(own_tax, [code[2] for code in codes], own_decimals)
        bases = allocate(own - own_tax, [code[3] for code in codes], own_decimals)
        lines += [
            LedgerLine(
                role=Account.Role.TAX_PAYABLE, amount=own_part, tax_code_id=code[0], tax_base=base, **side,
                **beside(part),
            )
            for code, part, own_part, base in zip(codes, parts, own_parts, bases, strict=True)
        ]  # fmt: skip
    return lines, tax if codes else ZERO

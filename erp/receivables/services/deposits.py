"""Deposit invoices: what an order's terms ask for before goods leave."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import ClassVar

from django.db import transaction

from erp.ledger.models import Account
from erp.receivables.models import Invoice
from erp.receivables.services.deductions import deposit_lines
from erp.receivables.services.documents import Charge, Paper, post_document, taxed
from erp.sales.models import SalesOrder
from erp.sales.selectors.deposits import STAGES, term_of
from erp.treasury.conversion import conversion
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import User
from masterdata.numbers import ZERO, allocate, money


class NoDeposit(Refusal):
    """The terms ask for no deposit now, or it is invoiced."""

    code: ClassVar[str] = "no_deposit"


class DepositTooLarge(Refusal):
    """Deposits are more than what of the order is not invoiced."""

    code: ClassVar[str] = "deposit_too_large"


@transaction.atomic
def post_deposit(
    *,
    order_id: int,
    now: dt.datetime,
    stage: str = "shipping",
    net: Decimal | None = None,
    rate: Decimal | None = None,
    by: User | None = None,
) -> Invoice:
    """Ask for what the order's terms want until `stage` (order, production, shipping) and no deposit invoice did.

    `net` instead: so much, in the order's currency. Receivable against deposits and tax: the tax of a deposit is owed
    at once, per tax code of the order's lines in proportion to their net. The final invoice deducts both. Locks the
    order, the number series last. Raises NoDeposit, DepositTooLarge, InvalidInput, NoRate, PeriodClosed.
    """
    rows = SalesOrder.objects.select_for_update(no_key=True, of=("self",)).order_by("pk")
    order = rows.select_related("company__currency", "customer__payment_term", "payment_term", "currency").get(
        pk=order_id
    )
    if not order.confirmed_at or order.cancelled_at:
        raise InvalidInput(f"{order.number} is not confirmed: confirm it, then ask for a deposit.", field="order")
    decimals = order.currency.decimals
    lines = list(order.lines.select_related("plant").order_by("line_no"))
    total = sum((line.net_amount for line in lines), ZERO)
    asked = sum((one.given["net_amount"] for one in deposit_lines([order_id])), ZERO)
    wanted = net if net is not None else money(total * _percent(order, stage) / 100, decimals) - asked
    if wanted <= 0:
        raise NoDeposit(f"The terms of {order.number} ask for no deposit now that is not invoiced.", order_id=order.pk)
    if money(wanted, decimals) != wanted:
        raise InvalidInput("Enter an amount to the smallest coin.", field="net")
    if asked + wanted > total:
        left = money(total - asked, decimals)
        raise DepositTooLarge(
            f"{order.number} comes to {money(total, decimals)}, of which {left} is not asked for: enter at most that.",
            field="net",
            left=str(left),
        )
    codes = sorted({line.tax_code_id for line in lines}, key=lambda code: code or 0)
    weights = [sum((line.net_amount for line in lines if line.tax_code_id == code), ZERO) for code in codes]
    charges = [
        Charge(
            net=part,
            role=Account.Role.DEPOSIT,
            plant=lines[0].plant,
            order_id=order.pk,
            tax_code_id=code,
            text=f"Deposit on {order.number}",
        )
        for code, part in zip(codes, allocate(wanted, weights, decimals), strict=True)
        if part
    ]
    paper = Paper(
        kind=Invoice.Kind.DEPOSIT,
        company=order.company,
        customer=order.customer,
        conversion=conversion(company=order.company, currency=order.currency, day=now.date(), rate=rate),
        order=order,
        term=term_of(order),
        by=by,
    )
    return post_document(paper, taxed(charges, decimals), now)


def ask_first_deposit(*, order_id: int, now: dt.datetime) -> Invoice | None:
    """The deposit that an order's terms ask for at once; nothing when they ask for none or it was asked for."""
    try:
        return post_deposit(order_id=order_id, stage="order", now=now)
    except NoDeposit:
        return None


def _percent(order: SalesOrder, stage: str) -> Decimal:
    """What the terms want until the stage, in percent of the order."""
    if stage not in STAGES:
        raise InvalidInput("Choose when: on order, before production or before shipping.", field="stage")
    term = term_of(order)
    if term is None:
        return ZERO
    return sum((getattr(term, f"{one}_percent") for one in STAGES[: STAGES.index(stage) + 1]), ZERO)

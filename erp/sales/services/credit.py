"""Credit: a customer who owes too much, or too long, gets nothing more unless somebody lets the order pass."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

from django.db import transaction
from django.utils import timezone

from erp.facts import CreditReleased
from erp.sales.models import CreditLimit, CreditRelease, SalesOrder
from erp.sales.selectors.credit import Exposure, exposures, order_gross, wrong_with
from erp.sales.selectors.deposits import deposit_missing
from masterdata import facts, live
from masterdata.errors import InvalidInput, Refusal, StaleVersion
from masterdata.models import Company, Partner, User
from masterdata.numbers import ZERO, money


class CreditHold(Refusal):
    """The customer is on hold, overdue, or would owe more than the limit."""

    code: ClassVar[str] = "credit_hold"


class NotOnHold(Refusal):
    """Credit does not stop the order: there is nothing to release."""

    code: ClassVar[str] = "not_on_credit_hold"


class DepositMissing(Refusal):
    """The terms want a deposit before goods leave, and it is not paid."""

    code: ClassVar[str] = "deposit_missing"


@transaction.atomic(savepoint=False)
def check_credit(*, orders: Sequence[SalesOrder], now: dt.datetime) -> None:
    """May these orders (of one company, locked) be confirmed, or go on being shipped? Released ones may.

    Drafts are added to what their customers owe, in the sequence given. Locks the customers' limits, by id: two orders
    of one customer are checked one after the other. Goods of a confirmed order wait for its deposits. Raises CreditHold
    with the figures, DepositMissing with what is not paid.
    """
    _check_deposits(orders)
    limits = hold_limits(orders)
    if not limits:
        return
    company, today = orders[0].company, timezone.localdate(now)
    figures = exposures(company=company, customer_ids=limits, today=today)
    free = set(CreditRelease.objects.filter(order__in=orders).values_list("order_id", flat=True))
    more: dict[int, Decimal] = dict.fromkeys(limits, ZERO)
    for order in orders:
        limit = limits.get(order.customer_id)
        if limit is None:
            continue
        if order.confirmed_at is None:
            more[order.customer_id] += order_gross(order, today)
        exposure = figures[order.customer_id]
        if order.pk not in free and (why := wrong_with(limit, exposure, more[order.customer_id])):
            raise _hold(order, limit, exposure, more[order.customer_id], why)


def _check_deposits(orders: Sequence[SalesOrder]) -> None:
    """What the terms want before shipping is paid, or somebody has released the order."""
    for order in orders:
        missing = deposit_missing(order) if order.confirmed_at is not None else ZERO
        if missing and not CreditRelease.objects.filter(order=order).exists():
            said = f"{money(missing, order.currency.decimals)} {order.currency.code}"
            raise DepositMissing(
                f"{said} of deposits on {order.number} are not paid. Wait for the money, or have the order released.",
                order_id=order.pk,
                missing=str(missing),
            )


def hold_limits(orders: Sequence[SalesOrder]) -> dict[int, CreditLimit]:
    """Lock the limits of the orders' customers; per customer."""
    rows = CreditLimit.objects.select_for_update(no_key=True, of=("self",)).filter(
        customer__in={order.customer_id for order in orders}, company=orders[0].company_id
    )
    return {row.customer_id: row for row in rows.select_related("customer", "company__currency").order_by("pk")}


def _hold(order: SalesOrder, limit: CreditLimit, exposure: Exposure, more: Decimal, why: str) -> CreditHold:
    code, name = limit.company.currency.code, limit.customer.name
    owed = exposure.total + more
    is_quote = order.quoted_at is not None and order.confirmed_at is None  # gone again with this refusal
    this = "this order" if is_quote else order.number
    sentences = {
        "held": f"{name} is on hold: {limit.held_because}.",
        "overdue": f"{name} has an invoice that is {exposure.overdue_days} days overdue, {limit.overdue_days} are "
        "allowed.",
        "over": f"With {this} {name} would owe {_shown(owed, limit)} {code}, "
        f"{_shown(limit.amount or ZERO, limit)} are allowed.",
    }
    release = "Have the quotation accepted by somebody who may let it pass" if is_quote else f"Have {this} released"
    return CreditHold(
        f"{sentences[why]} {release}, or the limit raised.",
        order_id=order.pk,
        why=why,
        owed=str(owed),
        invoiced=str(exposure.invoiced),
        shipped=str(exposure.shipped),
        ordered=str(exposure.ordered + more),
        deposits=str(exposure.deposits),
        limit=None if limit.amount is None else str(limit.amount),
        overdue_days=exposure.overdue_days,
    )


def _shown(amount: Decimal, limit: CreditLimit) -> str:
    return f"{money(amount, limit.company.currency.decimals):,.{limit.company.currency.decimals}f}"


@transaction.atomic
def release_credit(*, order_id: int, reason: str, by: User | None, now: dt.datetime) -> CreditRelease:
    """Let one order pass, whatever its customer owes or has not paid in advance, with a reason that stays.

    Locks the order, then the limit. Raises NotOnHold when nothing stops it, InvalidInput without a reason.
    """
    if not reason.strip():
        raise InvalidInput("Say why it is let pass.", field="reason")
    held = SalesOrder.objects.select_for_update(no_key=True, of=("self",)).select_related("company__currency")
    order = held.order_by("pk").get(pk=order_id)
    limit = hold_limits([order]).get(order.customer_id)
    today = timezone.localdate(now)
    exposure, more = Exposure(), ZERO
    if limit is not None:
        exposure = exposures(company=order.company, customer_ids=[order.customer_id], today=today)[order.customer_id]
        more = order_gross(order, today) if order.confirmed_at is None else ZERO
    is_free = CreditRelease.objects.filter(order=order).exists()
    is_stopped = limit is not None and bool(wrong_with(limit, exposure, more))
    waits = order.confirmed_at is not None and bool(deposit_missing(order))
    if is_free or order.cancelled_at or not (is_stopped or waits):
        raise NotOnHold(f"Credit does not stop {order.number}: confirm or ship it.", order_id=order_id)
    release = CreditRelease.objects.create(
        order=order,
        reason=reason.strip()[:200],
        exposure=exposure.total + more,
        limit_amount=limit.amount if limit else None,
        released_by=by,
        released_at=now,
    )
    facts.state(CreditReleased(order_id=order_id, release_id=release.pk, reason=release.reason))
    live.publish("order", order_id)
    return release


@transaction.atomic
def set_credit_limit(
    *,
    customer: Partner,
    company: Company,
    amount: Decimal | None,
    overdue_days: int | None,
    held_because: str = "",
    expected_version: int | None = None,
) -> CreditLimit:
    """What the customer may owe the company. Locks the row. Raises InvalidInput, StaleVersion."""
    if not customer.is_customer:
        raise InvalidInput(f"{customer.name} is no customer.", field="customer")
    if amount is not None and amount < 0:
        raise InvalidInput("A limit is not below zero. Nothing at all: 0.", field="amount")
    row, is_new = CreditLimit.objects.select_for_update(no_key=True).get_or_create(customer=customer, company=company)
    if not is_new:
        if expected_version is not None and expected_version != row.version:
            raise StaleVersion(f"The limit of {customer.name} was changed meanwhile: look at it again.")
        row.version += 1
    row.amount, row.overdue_days, row.held_because = amount, overdue_days, held_because.strip()[:200]
    row.save()
    return row

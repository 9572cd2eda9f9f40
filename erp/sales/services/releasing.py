"""Releasing and starting work that is made for an order: not before the deposits that its terms ask for are paid."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from erp.production import services as production
from erp.production.models import WorkOrder, WorkOrderOperation
from erp.sales.models import CreditRelease, SalesOrder
from erp.sales.selectors.deposits import deposit_missing
from erp.sales.services.credit import DepositMissing
from masterdata import statements
from masterdata.models import User
from masterdata.numbers import money

# The order of firm work whose payment terms (its own, else its customer's) want money before production.
_ASKS_FOR_DEPOSIT = """
    SELECT s.id FROM erp_workorder w JOIN erp_salesorderline l ON l.id = w.sales_order_line_id
    JOIN erp_salesorder s ON s.id = l.order_id JOIN masterdata_partner c ON c.id = s.customer_id
    JOIN masterdata_paymentterm t ON t.id = coalesce(s.payment_term_id, c.payment_term_id)
    WHERE w.id = %s AND w.state = 'firm' AND t.order_percent + t.production_percent > 0
"""


@transaction.atomic
def release_work_order(
    *,
    work_order_id: int,
    now: dt.datetime,
    by: User | None = None,
    despite_shortage: bool = False,
    reason: str = "",
    expected_version: int | None = None,
) -> WorkOrder:
    """`production.release_work_order`, when the deposits that the order's terms ask for before production are paid.

    An order that somebody released (`release_credit`) passes. Raises DepositMissing, and as production does.
    """
    check_deposit(work_order_id)
    return production.release_work_order(
        work_order_id=work_order_id,
        now=now,
        by=by,
        despite_shortage=despite_shortage,
        reason=reason,
        expected_version=expected_version,
    )


@transaction.atomic
def start_operation(*, operation_id: int, machine_id: int, now: dt.datetime) -> WorkOrderOperation:
    """`production.start_operation`; what would be released by it waits for its deposits as well.

    What is made is never refused: only the start is. Raises DepositMissing, and as production does.
    """
    check_deposit(production.work_order_of(operation_id))
    return production.start_operation(operation_id=operation_id, machine_id=machine_id, now=now)


def check_deposit(work_order_id: int) -> None:
    """Raises DepositMissing for firm work of an order whose deposits before production are not paid."""
    order = waits_for_deposit(work_order_id)
    if order is None:
        return
    missing = deposit_missing(order, "production")
    said = f"{money(missing, order.currency.decimals)} {order.currency.code}"
    raise DepositMissing(
        f"{said} of deposits on {order.number} are not paid: its terms want them before production. Wait for the "
        "money, or have the order released by whoever decides on credit.",
        order_id=order.pk,
        work_order_id=work_order_id,
        missing=str(missing),
    )


def waits_for_deposit(work_order_id: int) -> SalesOrder | None:
    """The order, when deposits keep firm work of it from being released and nobody has let it pass."""
    found = statements.run(_ASKS_FOR_DEPOSIT, [work_order_id])
    if not found:
        return None
    order = SalesOrder.objects.select_related("currency", "payment_term", "customer__payment_term").get(pk=found[0][0])
    if not deposit_missing(order, "production"):
        return None
    return None if CreditRelease.objects.filter(order=order).exists() else order

"""Releasing and starting work that is made for an order: not before the deposits that its terms ask for are paid."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from erp.production import services as production
from erp.production.models import WorkOrder, WorkOrderOperation
from erp.sales.models import CreditRelease, SalesOrder
from erp.sales.selectors.deposits import deposit_missing
from erp.sales.services.credit import DepositMissing
from masterdata.models import User
from masterdata.numbers import money


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
    check_deposit(WorkOrderOperation.objects.values_list("work_order", flat=True).get(pk=operation_id))
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
    work = WorkOrder.objects.filter(state=WorkOrder.State.FIRM, sales_order_line__isnull=False)
    related = "currency", "payment_term", "customer__payment_term"
    orders = SalesOrder.objects.filter(lines__work_orders__in=work.filter(pk=work_order_id)).select_related(*related)
    order = orders.first()
    if order is None or not deposit_missing(order, "production"):
        return None
    return None if CreditRelease.objects.filter(order=order).exists() else order

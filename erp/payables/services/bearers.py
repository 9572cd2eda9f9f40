"""Who bears a line without goods: an account of the company, or a sales order as cost by an element."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from erp.cost.services.bookings import EXPENSE
from erp.ledger.models import Account
from masterdata.errors import InvalidInput
from masterdata.models import Company, Plant

# Accounts with a role are posted by their own documents; of those only these may bear a supplier's charge.
OPEN_ROLES = frozenset({"", *EXPENSE.values(), Account.Role.BANK_FEE, Account.Role.ACCRUED_COST})
_ORDERS = "SELECT id FROM erp_salesorder WHERE id = ANY(%s) AND company_id = %s AND cancelled_at IS NULL"


def check_bearers(company: Company, lines: Sequence[Any]) -> None:
    """Each line has at most one bearer, of the company. Raises InvalidInput at its field."""
    accounts = Account.objects.filter(company=company).in_bulk([line.account_id for line in lines if line.account_id])
    plants = set(Plant.objects.filter(company=company).values_list("pk", flat=True))
    orders = _orders(company, [line.sales_order_id for line in lines if line.sales_order_id])
    for index, line in enumerate(lines):
        where = f"lines.{index}."
        if (line.account_id or line.sales_order_id) and line.order_line_id:
            raise InvalidInput("Goods of an order go to stock: leave account and order.", field=f"{where}account")
        if line.account_id and line.sales_order_id:
            raise InvalidInput("A charge is borne by an account or by an order.", field=f"{where}account")
        if line.account_id and (line.account_id not in accounts or accounts[line.account_id].role not in OPEN_ROLES):
            raise InvalidInput(f"Choose an account of {company.name} for charges.", field=f"{where}account")
        if line.plant_id and line.plant_id not in plants:
            raise InvalidInput(f"Choose a plant of {company.name}.", field=f"{where}plant")
        if line.sales_order_id and line.sales_order_id not in orders:
            raise InvalidInput(f"Choose an order of {company.name}.", field=f"{where}sales_order")
        if bool(line.sales_order_id) != bool(line.element) or (line.element and line.element not in EXPENSE):
            raise InvalidInput(
                "Choose freight, installation, penalty, subcontracting or other.", field=f"{where}element"
            )


def _orders(company: Company, order_ids: Sequence[int]) -> set[int]:
    """Those of the orders that may bear cost; their table stands above payables and is read by name."""
    if not order_ids:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_ORDERS, [sorted(set(order_ids)), company.pk])
        return {pk for (pk,) in cursor.fetchall()}

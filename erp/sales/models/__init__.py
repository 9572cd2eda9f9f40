"""Rows of sales, by subject."""

from erp.sales.models.changes import LineChange
from erp.sales.models.credit import CreditLimit, CreditRelease
from erp.sales.models.orders import SalesOrder, SalesOrderLine

__all__ = ["CreditLimit", "CreditRelease", "LineChange", "SalesOrder", "SalesOrderLine"]

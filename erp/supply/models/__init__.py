"""Supplier prices, purchase orders, receipts, planned orders and pegs."""

from erp.supply.models.pegs import Peg
from erp.supply.models.planned import PlannedOrder
from erp.supply.models.prices import SupplierPrice
from erp.supply.models.purchases import PurchaseOrder, PurchaseOrderLine
from erp.supply.models.receipts import Receipt, ReceiptLine

__all__ = [
    "Peg",
    "PlannedOrder",
    "PurchaseOrder",
    "PurchaseOrderLine",
    "Receipt",
    "ReceiptLine",
    "SupplierPrice",
]

"""Rows of the hub, gathered from its packages."""

from erp.cost.models import CostEntry, CostEstimate, Element
from erp.ledger.models import Account, JournalEntry, JournalLine, Period
from erp.production.models import WorkOrder, WorkOrderMaterial, WorkOrderOperation
from erp.sales.models import (
    Allocation,
    Invoice,
    InvoiceLine,
    Payment,
    SalesOrder,
    SalesOrderLine,
    Shipment,
    ShipmentLine,
)
from erp.stock.models import (
    LayerUse,
    Lot,
    MaterialValue,
    OwedIssue,
    Reservation,
    StockBalance,
    StockMove,
    ValueChange,
    ValueLayer,
)
from erp.supply.models import Peg, PlannedOrder, PurchaseOrder, PurchaseOrderLine, Receipt, ReceiptLine, SupplierPrice

__all__ = [
    "Account",
    "Allocation",
    "CostEntry",
    "CostEstimate",
    "Element",
    "Invoice",
    "InvoiceLine",
    "JournalEntry",
    "JournalLine",
    "LayerUse",
    "Lot",
    "MaterialValue",
    "OwedIssue",
    "Payment",
    "Peg",
    "Period",
    "PlannedOrder",
    "PurchaseOrder",
    "PurchaseOrderLine",
    "Receipt",
    "ReceiptLine",
    "Reservation",
    "SalesOrder",
    "SalesOrderLine",
    "Shipment",
    "ShipmentLine",
    "StockBalance",
    "StockMove",
    "SupplierPrice",
    "ValueChange",
    "ValueLayer",
    "WorkOrder",
    "WorkOrderMaterial",
    "WorkOrderOperation",
]

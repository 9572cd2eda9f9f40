"""Supplier prices, purchase orders, receipts, planned orders and pegs."""

from erp.supply.models.limits import BuyingLimit
from erp.supply.models.pegs import Peg
from erp.supply.models.planned import PlannedOrder
from erp.supply.models.prices import DeliveryTolerance, SupplierPrice
from erp.supply.models.purchases import PurchaseOrder, PurchaseOrderLine
from erp.supply.models.quotations import (
    QuotationInvitation,
    QuotationRequest,
    QuotationRequestLine,
    SupplierAnswer,
)
from erp.supply.models.receipts import Receipt, ReceiptLine, SupplierReturn, SupplierReturnLine
from erp.supply.models.requisitions import ApprovalLimit, Requisition, RequisitionLine
from erp.supply.models.subcontracts import (
    ComponentDemand,
    ComponentUse,
    PlannedComponent,
    SubcontractNote,
    SubcontractNoteLine,
    SubcontractPlace,
    SuppliedComponent,
)

__all__ = [
    "ApprovalLimit",
    "BuyingLimit",
    "ComponentDemand",
    "ComponentUse",
    "DeliveryTolerance",
    "Peg",
    "PlannedComponent",
    "PlannedOrder",
    "PurchaseOrder",
    "PurchaseOrderLine",
    "QuotationInvitation",
    "QuotationRequest",
    "QuotationRequestLine",
    "Receipt",
    "ReceiptLine",
    "Requisition",
    "RequisitionLine",
    "SubcontractNote",
    "SubcontractNoteLine",
    "SubcontractPlace",
    "SuppliedComponent",
    "SupplierAnswer",
    "SupplierPrice",
    "SupplierReturn",
    "SupplierReturnLine",
]

"""Rows of fulfilment, by subject."""

from erp.fulfilment.models.packages import Package, PackageContent
from erp.fulfilment.models.picking import PickLine, PickList, StagingPlace
from erp.fulfilment.models.returns import CustomerReturn, CustomerReturnLine, ReturnReceipt
from erp.fulfilment.models.shipments import Delivery, OrderShipping, Shipment, ShipmentLine

__all__ = [
    "CustomerReturn",
    "CustomerReturnLine",
    "Delivery",
    "OrderShipping",
    "Package",
    "PackageContent",
    "PickLine",
    "PickList",
    "ReturnReceipt",
    "Shipment",
    "ShipmentLine",
    "StagingPlace",
]

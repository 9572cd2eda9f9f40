"""Rows of fulfilment, by subject."""

from erp.fulfilment.models.shipments import Shipment, ShipmentLine

__all__ = ["Shipment", "ShipmentLine"]

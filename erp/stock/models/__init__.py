"""Rows of stock: moves (append-only), balances, lots, material values, reservations and owed issues.

Order stock: what is made for a sales order is kept, valued and shipped under that order (`sales_order` set on balance
and value), so that its cost reaches no other order. `sales_order` empty is free stock, valued per plant by the
method of the material's category.
"""

from erp.stock.models.balances import StockBalance
from erp.stock.models.changes import ValueChange
from erp.stock.models.counts import CountLimit, CountLine, CountSheet
from erp.stock.models.homes import HomeLocation
from erp.stock.models.layers import LayerUse, ValueLayer
from erp.stock.models.legs import StockLeg
from erp.stock.models.lots import Lot
from erp.stock.models.moves import StockMove
from erp.stock.models.owed import OwedIssue
from erp.stock.models.reservations import Reservation, ReservationCut
from erp.stock.models.transfers import Transfer, TransferLine
from erp.stock.models.values import MaterialValue

__all__ = [
    "CountLimit",
    "CountLine",
    "CountSheet",
    "HomeLocation",
    "LayerUse",
    "Lot",
    "MaterialValue",
    "OwedIssue",
    "Reservation",
    "ReservationCut",
    "StockBalance",
    "StockLeg",
    "StockMove",
    "Transfer",
    "TransferLine",
    "ValueChange",
    "ValueLayer",
]

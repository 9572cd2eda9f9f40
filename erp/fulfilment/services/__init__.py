"""Deeds of fulfilment: pack, ship."""

from erp.fulfilment.services.shipping import AlreadyShipped as AlreadyShipped
from erp.fulfilment.services.shipping import NothingToPack as NothingToPack
from erp.fulfilment.services.shipping import OverShip as OverShip
from erp.fulfilment.services.shipping import pack_shipment as pack_shipment
from erp.fulfilment.services.shipping import ship as ship

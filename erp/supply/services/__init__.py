"""Deeds of supply: buy and receive."""

from erp.supply.netting import NoRouting as NoRouting
from erp.supply.services.ordering import Left as Left
from erp.supply.services.ordering import Ordered as Ordered
from erp.supply.services.ordering import convert_within_limits as convert_within_limits
from erp.supply.services.ordering import order_planned_together as order_planned_together
from erp.supply.services.purchases import AlreadyOrdered as AlreadyOrdered
from erp.supply.services.purchases import PurchaseLineInput as PurchaseLineInput
from erp.supply.services.purchases import confirm_purchase_date as confirm_purchase_date
from erp.supply.services.purchases import create_purchase_order as create_purchase_order
from erp.supply.services.purchases import order_planned as order_planned
from erp.supply.services.purchases import write_supply as write_supply
from erp.supply.services.receipts import OverReceipt as OverReceipt
from erp.supply.services.receipts import receive_purchase as receive_purchase

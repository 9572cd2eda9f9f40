"""Questions about supply: read only."""

from erp.supply.selectors.explosion import Supply as Supply
from erp.supply.selectors.explosion import explode as explode
from erp.supply.selectors.explosion import explode_lines as explode_lines
from erp.supply.selectors.explosion import explode_together as explode_together
from erp.supply.selectors.explosion import supply_for as supply_for
from erp.supply.selectors.pledged import Taking as Taking
from erp.supply.selectors.pledged import takings as takings
from erp.supply.selectors.punctuality import Punctuality as Punctuality
from erp.supply.selectors.punctuality import punctuality as punctuality
from erp.supply.selectors.purchases import WaitingDemand as WaitingDemand
from erp.supply.selectors.purchases import open_planned_orders as open_planned_orders
from erp.supply.selectors.purchases import open_purchase_orders as open_purchase_orders
from erp.supply.selectors.purchases import purchase_line_words as purchase_line_words
from erp.supply.selectors.purchases import purchase_order_detail as purchase_order_detail
from erp.supply.selectors.purchases import receipt_number as receipt_number
from erp.supply.selectors.purchases import visible_purchase_orders as visible_purchase_orders
from erp.supply.selectors.purchases import waiting_demands as waiting_demands
from erp.supply.selectors.quoted import compare as compare
from erp.supply.selectors.waits import MaterialWait as MaterialWait
from erp.supply.selectors.waits import material_wait as material_wait

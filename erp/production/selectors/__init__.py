"""Questions to production: what is open, what an operation needs, what a product would cost."""

from erp.production.selectors.expected import expected_costs as expected_costs
from erp.production.selectors.floor import components_of as components_of
from erp.production.selectors.floor import operation_for_floor as operation_for_floor
from erp.production.selectors.floor import work_order_number as work_order_number
from erp.production.selectors.floor import work_orders as work_orders
from erp.production.selectors.open_board import OpenBoard as OpenBoard
from erp.production.selectors.open_board import OpenStep as OpenStep
from erp.production.selectors.open_board import open_board as open_board
from erp.production.selectors.open_work import OpenOperation as OpenOperation
from erp.production.selectors.open_work import open_operations as open_operations
from erp.production.selectors.prices import PriceEstimate as PriceEstimate
from erp.production.selectors.prices import price_of as price_of
from erp.production.selectors.prices import prices_together as prices_together
from erp.production.selectors.ready import NeedWait as NeedWait
from erp.production.selectors.ready import need_waits as need_waits
from erp.production.selectors.ready import ready_times as ready_times

"""Questions to the app: read only, limited to what a person may see."""

from erp.cost.selectors import OrderCost as OrderCost
from erp.cost.selectors import cost_entries as cost_entries
from erp.cost.selectors import estimates as estimates
from erp.cost.selectors import order_cost as order_cost
from erp.ledger.selectors import account_balance as account_balance
from erp.ledger.selectors import order_ledger as order_ledger
from erp.ledger.selectors import trial_balance as trial_balance
from erp.production.selectors import OpenOperation as OpenOperation
from erp.production.selectors import components_of as components_of
from erp.production.selectors import open_operations as open_operations
from erp.production.selectors import operation_for_floor as operation_for_floor
from erp.production.selectors import work_orders as work_orders
from erp.stock.selectors import balances as balances
from erp.stock.selectors import free_quantity as free_quantity
from erp.stock.selectors import moves as moves
from erp.stock.selectors import open_owed_issues as open_owed_issues
from erp.stock.selectors import unit_values as unit_values

"""Questions to profit: read only."""

from erp.profit.selectors.groups import By as By
from erp.profit.selectors.groups import Group as Group
from erp.profit.selectors.groups import profit_by as profit_by
from erp.profit.selectors.groups import total_of as total_of
from erp.profit.selectors.steps import Profit as Profit
from erp.profit.selectors.steps import order_profit as order_profit

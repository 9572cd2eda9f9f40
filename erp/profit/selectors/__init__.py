"""Questions to profit: read only."""

from erp.profit.selectors.steps import Profit as Profit
from erp.profit.selectors.steps import order_profit as order_profit

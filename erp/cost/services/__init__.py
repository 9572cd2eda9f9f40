"""Deeds of costing: book what flows through work in progress and what orders cost beside it, say what an hour costs."""

from erp.cost.services.bookings import AlreadyUndone as AlreadyUndone
from erp.cost.services.bookings import book_order_cost as book_order_cost
from erp.cost.services.bookings import reverse_order_cost as reverse_order_cost
from erp.cost.services.entries import CostTag as CostTag
from erp.cost.services.entries import Estimate as Estimate
from erp.cost.services.entries import book_costs as book_costs
from erp.cost.services.entries import write_estimates as write_estimates
from erp.cost.services.rates import set_hour_rate as set_hour_rate
from erp.cost.services.rates import set_overhead as set_overhead
from erp.cost.services.rates import set_piece_rate as set_piece_rate

"""Questions to costing: what an order or a work order has cost, will cost, and leaves."""

from erp.cost.selectors.jobs import JobCost as JobCost
from erp.cost.selectors.jobs import job_cost as job_cost
from erp.cost.selectors.jobs import job_costs as job_costs
from erp.cost.selectors.jobs import variances_of as variances_of
from erp.cost.selectors.orders import OrderCost as OrderCost
from erp.cost.selectors.orders import bookings as bookings
from erp.cost.selectors.orders import cost_entries as cost_entries
from erp.cost.selectors.orders import estimates as estimates
from erp.cost.selectors.orders import hour_costs as hour_costs
from erp.cost.selectors.orders import order_cost as order_cost
from erp.cost.selectors.orders import wip as wip
from erp.cost.selectors.people import booked_labour as booked_labour
